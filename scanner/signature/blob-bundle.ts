import { parseStrictJson } from '../strict-json.ts';
import type { Authority } from './authority.ts';
import { canonicalBase64 } from './base64-strict.ts';
import { isEnvelope } from './collect-text.ts';
import { certificatesOf, jsonOf, logEntryOf, malformed, recordOf, textOf, type Material } from './convert.ts';
import { judged } from './convert-evidence.ts';
import { verifyEnvelope } from './dsse.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';
import type { Candidate } from './subject.ts';
import { verifyMessage } from './verify-message.ts';

const WHAT = 'The bundle';

/** The bundle that cosign 2 writes for a file: `{base64Signature, cert, rekorBundle}`. For attestations the signature is a whole envelope. */
export function verifyBlobBundle(candidate: Extract<Candidate, { readonly form: 'blob-bundle' }>, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  return judged(candidate, () => {
    const bundle = recordOf(jsonOf(candidate.bundle, WHAT), WHAT);
    const text = textOf(bundle, 'base64Signature', WHAT);
    const signature = canonicalBase64(text);
    if (signature === null) throw malformed(`${WHAT} has a signature that is no canonical base64`);
    const material = materialIn(bundle);
    if (isDocument(signature)) return verifyEnvelope({ candidate, envelope: signature, material }, authorities, now);
    return verifyMessage({ candidate, message: candidate.about, signature: text, material }, authorities, now);
  });
}

/** A raw signature may begin with any byte, a brace as well, but is no JSON. */
function isDocument(bytes: Uint8Array): boolean {
  try {
    return isEnvelope(parseStrictJson(bytes));
  } catch {
    return false;
  }
}

function materialIn(bundle: Readonly<Record<string, unknown>>): Material {
  const { cert, rekorBundle } = bundle;
  if (cert !== undefined && cert !== null && typeof cert !== 'string') throw malformed(`${WHAT} has a cert that is no text`);
  return { certificates: certificateIn(cert ?? ''), entry: rekorBundle === undefined || rekorBundle === null ? null : logEntryOf(rekorBundle), timestamps: [] };
}

/** Signed with a key, the public key stands there instead: whose it is, only the policy knows. */
function certificateIn(text: string): readonly string[] {
  if (text === '') return [];
  const pem = text.startsWith('-----BEGIN ') ? text : Buffer.from(canonicalBase64(text) ?? []).toString('utf8');
  return pem.startsWith('-----BEGIN PUBLIC KEY-----') ? [] : certificatesOf(pem);
}
