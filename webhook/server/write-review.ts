import type { AdmissionRequest, AdmissionResponse } from '../review.ts';

/** The AdmissionReview that answers a request. The uid is the request's whatever the response says: with another one the answer would count as none. */
export function writeReview(request: AdmissionRequest, response: AdmissionResponse): string {
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { ...response, uid: request.uid } });
}

/** The answer where there is no answer: refused, for nothing may pass because something broke. */
export function brokenResponse(request: AdmissionRequest, what: string): AdmissionResponse {
  const message = `wasmgate ${what}, so it refuses. Try again; if it stays so, the log of wasmgate says more about review ${request.uid}`;
  return { uid: request.uid, allowed: false, status: { code: 403, reason: 'Forbidden', message }, auditAnnotations: { decision: 'error' } };
}
