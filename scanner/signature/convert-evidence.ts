import { hash as hashOf } from 'node:crypto';
import type { SignatureEvidence } from '../provenance.ts';
import { Refusal } from './sigstore/refusal.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';
import type { Candidate, SignedThing } from './subject.ts';

/** The evidence of `work`, or of the Refusal that it throws; anything else that is thrown is a bug and goes on. */
export function judged(candidate: Candidate, work: () => EvidenceWithStatement[]): EvidenceWithStatement[] {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [evidenceOf(candidate, error)];
  }
}

/** Evidence about a signature that no authority was held against. */
export function evidenceOf({ form, where }: Candidate, { status, code, message }: Pick<SignatureEvidence, 'status' | 'code' | 'message'>): SignatureEvidence {
  return { form, status, code, message, authority: null, identity: null, issuer: null, covers: 'whole', uncovered: [], signedAt: null, predicateType: null, where };
}

/** Bytes as something that a signature may be over. */
export function signedBytes(bytes: Uint8Array): SignedThing {
  const digests = { sha256: hashOf('sha256', bytes, 'hex'), sha384: hashOf('sha384', bytes, 'hex'), sha512: hashOf('sha512', bytes, 'hex') };
  return { kind: 'bytes', digests, bytes, mediaType: null, size: bytes.length };
}

/** Of several signatures under one envelope: one for each authority that some signature satisfies, otherwise the one that explains most. */
export function bestOf(evidence: readonly EvidenceWithStatement[]): EvidenceWithStatement[] {
  const trusted = evidence.filter(({ status }) => status === 'trusted');
  if (trusted.length > 0) return trusted.filter((one, index) => trusted.findIndex(({ authority }) => authority === one.authority) === index);
  const best = EXPLAINS.map((status) => evidence.find((one) => one.status === status)).find((one) => one !== undefined);
  return best === undefined ? [] : [best];
}

const EXPLAINS: readonly SignatureEvidence['status'][] = ['error', 'untrusted', 'unsupported', 'invalid'];
