import { harmlessName } from '../../scanner/report/harmless.ts';
import type { AdmissionResponse } from '../review.ts';
import { encodeBase64 } from './base64.ts';
import type { Denial } from './denial.ts';

type Annotations = Readonly<Record<string, string>>;

/** An answer that lets the object through. */
export function allowed(uid: string, auditAnnotations: Annotations, warnings: readonly string[] = []): AdmissionResponse {
  return { uid, allowed: true, ...(warnings.length > 0 && { warnings }), auditAnnotations };
}

/** An answer that refuses it: Forbidden, since of code 422 kubectl shows the causes alone and drops the message. No warnings beside it. */
export function denied(uid: string, { message, causes }: Denial, auditAnnotations: Annotations): AdmissionResponse {
  return { uid, allowed: false, status: { code: 403, reason: 'Forbidden', message, ...(causes.length > 0 && { details: { causes } }) }, auditAnnotations };
}

/** An answer for what could not be judged at all. */
export function refused(uid: string, { code, message }: { readonly code: string; readonly message: string }): AdmissionResponse {
  const text = harmlessName(message, 500);
  return denied(uid, { message: text, causes: [{ reason: code, message: text, field: '' }] }, { decision: 'error', error: code });
}

/** An answer that changes the object by a JSON Patch (RFC 6902). */
export function patched(uid: string, patch: readonly unknown[], auditAnnotations: Annotations): AdmissionResponse {
  return { uid, allowed: true, patchType: 'JSONPatch', patch: encodeBase64(JSON.stringify(patch)), auditAnnotations };
}
