import { LIMITS } from '../wasm/limits.ts';
import type { Authority } from './authority.ts';
import { bundleOf, jsonOf, malformed, NO_MATERIAL, recordOf, textOf, type Material } from './convert.ts';
import { bestOf, evidenceOf, judged } from './convert-evidence.ts';
import { Refusal } from './sigstore/refusal.ts';
import { verifyConvertedBundle } from './sigstore/verify.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';
import type { Candidate } from './subject.ts';

/** An envelope, and which candidate it came as. */
export interface EnvelopeOf {
  readonly candidate: Candidate;
  readonly envelope: Uint8Array;
  readonly material: Material;
}

/** A Dead Simple Signing Envelope alone: nothing but a key can verify it. Certificates in it have neither a log nor a time. */
export function verifyDsse(candidate: Extract<Candidate, { readonly form: 'dsse' }>, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  return judged(candidate, () => verifyEnvelope({ candidate, envelope: candidate.envelope, material: NO_MATERIAL }, authorities, now));
}

/** Each signature of an envelope on its own, with what came along; one that satisfies an authority is enough. Throws Refusal. */
export function verifyEnvelope({ candidate, envelope, material }: EnvelopeOf, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  const what = 'The envelope';
  const record = recordOf(jsonOf(envelope, what), what);
  const { signatures } = record;
  const payloadType = textOf(record, 'payloadType', what);
  const payload = textOf(record, 'payload', what);
  if (!Array.isArray(signatures) || signatures.length === 0) throw malformed(`${what} has no signatures`);
  if (signatures.length > LIMITS.logEntries) throw new Refusal('limit-exceeded', `${what} has ${signatures.length} signatures, more than ${LIMITS.logEntries}`);
  return bestOf(signatures.flatMap((value: unknown) => judged(candidate, () => {
    const signature = recordOf(value, what);
    const sig = textOf(signature, 'sig', what);
    if ('cert' in signature && material.certificates.length === 0) return [evidenceOf(candidate, KEYLESS)];
    return verifyConvertedBundle(candidate, bundleOf({ payloadType, payload, sig }, material), authorities, now);
  })));
}

const KEYLESS = { status: 'unsupported', code: 'keyless-without-log', message: 'The envelope carries a certificate without a log entry, so that nobody can tell when it was used; attest with a bundle' } as const;
