import type { SignatureEvidence } from '../provenance.ts';

/** What a signed statement says of its subject. The envelope's signature, its payload type and the digest of the subject hold; the rest is the signer's word. */
export interface StatementSaid {
  /** A URI, as the statement gives it. */
  readonly predicateType: string;
  /** JSON, as parsed; conditions of a policy are evaluated over it. */
  readonly predicate: unknown;
  /** The whole statement as parsed, for conditions over its subjects; left out: only type and predicate are known. */
  readonly statement?: unknown;
}

/**
 * Evidence as verification hands it on: what a report shows, and beside it what decides but is never shown. Plain `SignatureEvidence` is one
 * without a statement, so forms that know no statements need nothing of this.
 */
export interface EvidenceWithStatement extends SignatureEvidence {
  /** Of attestations whose signature holds: those of status trusted or untrusted. */
  readonly statement?: StatementSaid;
  /**
   * Who signed, the same text for the same signer whatever the authority is called: `key:<id of VerificationKey>` for keys,
   * `account:<nkey>` for wasmCloud; left out: told by issuer and identity. Thresholds count each signer once.
   */
  readonly signer?: string;
}
