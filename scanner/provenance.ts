/** How a signature is packed. */
export const SIGNATURE_FORMS = [
  'sigstore-bundle',      // Sigstore bundle, as a file or as a referrer (cosign 3)
  'cosign-signature',     // cosign 2, tag `.sig`
  'cosign-attestation',   // cosign 2, tag `.att`
  'blob-bundle',          // cosign 2 bundle of a file
  'detached',             // a signature file with a key or certificate beside it
  'dsse',                 // a bare envelope
  'wasm-section',         // custom section `signature`
  'wasmcloud-claims',     // claims in a custom section
  'notation-jws', 'notation-cose',
  'unknown',
] as const;
export type SignatureForm = (typeof SIGNATURE_FORMS)[number];

/**
 * What became of one signature, under one authority. `untrusted`: good, by somebody who was not asked for, or nothing at hand to verify it with
 * (code `unverifiable`). `invalid`: it fails against known material.
 */
export interface SignatureEvidence {
  readonly form: SignatureForm;
  readonly status: 'trusted' | 'untrusted' | 'invalid' | 'unsupported' | 'error';
  /** Stable, for programs: `ok`, `identity-mismatch`, `digest-mismatch`, `log-entry-missing` ... */
  readonly code: string;
  /** One plain sentence without a full stop. */
  readonly message: string;
  /** The authority of the policy that it satisfies or was held against; null: none fitted. */
  readonly authority: string | null;
  readonly identity: string | null;
  readonly issuer: string | null;
  readonly covers: 'whole' | 'partial';
  /** Of partial coverage: what is not covered, as `section[3] custom:name`. */
  readonly uncovered: readonly string[];
  /** ISO 8601, the trusted time that counted; null: none. */
  readonly signedAt: string | null;
  /** For attestations; null for signatures. */
  readonly predicateType: string | null;
  /** A file, a tag or the digest of a manifest. */
  readonly where: string;
}

/** Whether one attestation that a policy asks for has been established; one for each that it asks for, in the policy's order. */
export interface AttestationResult {
  readonly type: string;
  readonly status: 'satisfied' | 'unmet';
  /** Why not, or by whom. */
  readonly message: string;
}

/** A trust root, and whether it is so old that keys which it does not know may be in use. */
export interface UsedTrustRoot {
  readonly name: string;
  /** Day of its content, YYYY-MM-DD. */
  readonly date: string;
  readonly stale: boolean;
}

/** Who stands behind an artifact, as a value that the shell hands to the engine. `unknown`: nothing has established it. */
export interface Provenance {
  readonly status: 'unknown' | 'trusted' | 'untrusted' | 'invalid' | 'absent' | 'unsupported' | 'error';
  /** Authorities that vouch for exactly these bytes, whether they are all that is asked for or not; sorted. */
  readonly authorities: readonly string[];
  readonly signatures: readonly SignatureEvidence[];
  readonly attestations: readonly AttestationResult[];
  /** Trust roots that were used; sorted by name. */
  readonly trustRoots: readonly UsedTrustRoot[];
}

/** Nobody looked. */
export const UNKNOWN_PROVENANCE: Provenance = { status: 'unknown', authorities: [], signatures: [], attestations: [], trustRoots: [] };

/** From the worst on: a failure to look says less than anything found. */
const ORDER: readonly Provenance['status'][] = ['invalid', 'error', 'untrusted', 'unsupported', 'absent', 'unknown', 'trusted'];

/** What a report says where several policies got different answers: the one that speaks most against the artifact. */
export function leastTrusted(all: readonly Provenance[]): Provenance {
  return all.reduce((worst, one) => (ORDER.indexOf(one.status) < ORDER.indexOf(worst.status) ? one : worst), all[0] ?? UNKNOWN_PROVENANCE);
}
