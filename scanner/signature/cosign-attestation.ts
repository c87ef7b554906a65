import type { Authority } from './authority.ts';
import { materialOf } from './convert.ts';
import { judged } from './convert-evidence.ts';
import { verifyEnvelope } from './dsse.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';
import type { Candidate } from './subject.ts';

/**
 * An attestation as cosign 2 writes it: an envelope with certificate and log entry in annotations of its layer. What it is about and of which type stands in
 * the signed statement alone; the annotation that repeats the type is not read (CVE-2022-35929, CVE-2022-35930).
 */
export function verifyCosignAttestation(candidate: Extract<Candidate, { readonly form: 'cosign-attestation' }>, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  return judged(candidate, () => verifyEnvelope({ candidate, envelope: candidate.envelope, material: materialOf(candidate.annotations) }, authorities, now));
}
