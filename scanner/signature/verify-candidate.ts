import type { Authority } from './authority.ts';
import { verifyBlobBundle } from './blob-bundle.ts';
import { evidenceOf } from './convert-evidence.ts';
import { verifyCosignAttestation } from './cosign-attestation.ts';
import { verifyCosignSignature } from './cosign-signature.ts';
import { verifyDetached } from './detached.ts';
import { verifyDsse } from './dsse.ts';
import { verifyNotation } from './notation/verify-notation.ts';
import { verifySigstoreBundle } from './sigstore/verify.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';
import type { Candidate } from './subject.ts';
import { verifyWasmDetached, verifyWasmSection } from './wasm-section.ts';
import { verifyWasmcloudClaims } from './wasmcloud.ts';

/**
 * What a signature proves, whatever its form: one piece of evidence for each authority that it satisfies, otherwise one that explains why none.
 * Never throws and never trusts by accident: whatever goes wrong inside is evidence of status error with code `internal`.
 * Does no I/O and reads no clock: `now` is what counts.
 */
export function verifyCandidate(candidate: Candidate, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  try {
    const evidence = verify(candidate, authorities, now);
    return evidence.length > 0 ? evidence : [evidenceOf(candidate, UNVERIFIABLE)];
  } catch (error) {
    return [evidenceOf(candidate, { status: 'error', code: 'internal', message: `A signature could not be verified because of a bug: ${error instanceof Error ? error.name : typeof error}` })];
  }
}

const UNVERIFIABLE = { status: 'untrusted', code: 'unverifiable', message: 'No authority of the policy can verify a signature of this form' } as const;

function verify(candidate: Candidate, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  switch (candidate.form) {
    case 'sigstore-bundle': return verifySigstoreBundle(candidate, authorities, now);
    case 'cosign-signature': return verifyCosignSignature(candidate, authorities, now);
    case 'cosign-attestation': return verifyCosignAttestation(candidate, authorities, now);
    case 'blob-bundle': return verifyBlobBundle(candidate, authorities, now);
    case 'detached': return isWasmSignature(candidate.signature) ? verifyWasmDetached(candidate, authorities, now) : verifyDetached(candidate, authorities, now);
    case 'dsse': return verifyDsse(candidate, authorities, now);
    case 'wasm-section': return verifyWasmSection(candidate, authorities, now);
    case 'wasmcloud-claims': return verifyWasmcloudClaims(candidate, authorities, now);
    case 'notation-jws': case 'notation-cose': return verifyNotation(candidate, authorities, now);
    case 'unknown':
  }
  return [evidenceOf(candidate, { status: candidate.status, code: candidate.code, message: candidate.reason })];
}

/** The payload of a signature section kept in a file begins with its version, content type and hash function, and no other signature is as short as that and raw. */
function isWasmSignature(signature: Uint8Array): boolean {
  return signature.length > 64 && signature[0] === 1 && signature[1] === 1 && signature[2] === 1;
}
