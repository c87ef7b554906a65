// What a policy, or the flags of a command, ask of signatures. Plain data but for compiled patterns and conditions; keys and roots are not read yet.

/** Where text comes from: the document itself, a file, or an object of a cluster. */
export type SourceDemand =
  | { readonly from: 'data'; readonly text: string }
  /** As written: relative to the file of the policy. */
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'secret' | 'configMap'; readonly name: string; /** null: that of the policy. */ readonly namespace: string | null; /** null: the only one. */ readonly key: string | null };

/** Something that authorities refer to by name. */
export interface NamedSource {
  readonly name: string;
  readonly source: SourceDemand;
}

/** One accepted signer of a certificate: everything given must hold. */
export interface IdentityDemand {
  readonly issuer: (text: string) => boolean;
  readonly subject: (text: string) => boolean;
  readonly extensions: Readonly<Record<string, string>>;
  /** As messages name it. */
  readonly text: string;
}

export interface KeyDemand {
  readonly source: SourceDemand;
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
}

/** How strictly proof is asked for. */
export type ProofDemand = 'required' | 'ifPresent' | 'ignore';

/** Somebody who may vouch for an artifact, as it is written. */
export type AuthorityDemand = { readonly name: string } & (
  | { readonly kind: 'keyless'; readonly trustRoot: string; readonly identities: readonly IdentityDemand[]; readonly transparencyLog: ProofDemand; readonly sct: ProofDemand; readonly timestamps: { readonly atLeast: number; readonly accept: readonly ('log' | 'tsa')[] } }
  /** `trustRoot` null: no log is looked at. */
  | { readonly kind: 'key'; readonly keys: readonly KeyDemand[]; readonly transparencyLog: ProofDemand; readonly trustRoot: string | null }
  | { readonly kind: 'certificate'; readonly roots: readonly SourceDemand[]; readonly identities: readonly IdentityDemand[]; readonly timestamps: { readonly atLeast: number }; readonly trustRoot: string | null }
  | { readonly kind: 'wasmSignature'; readonly keys: readonly KeyDemand[]; readonly scope: 'wholeModule' | 'partial'; readonly sections: readonly string[] }
  | { readonly kind: 'wasmcloud'; readonly issuers: readonly string[] }
  | { readonly kind: 'notation'; readonly certificates: string; readonly timestampCertificates: string | null; readonly identities: readonly string[]; readonly level: 'strict' | 'permissive' }
);

/** Who must have signed. `count` distinct authorities of `names`, for `atLeast` by as many distinct signers. */
export interface Requirement {
  readonly form: 'anyOf' | 'allOf' | 'atLeast';
  readonly names: readonly string[];
  readonly count: number;
}

/** Everything that is asked of signatures. */
export interface SignatureDemand {
  readonly require: Requirement;
  readonly authorities: readonly AuthorityDemand[];
  readonly trustRoots: readonly NamedSource[];
  readonly certificates: readonly NamedSource[];
}

/** An attestation that must exist. */
export interface AttestationDemand {
  /** Predicate type, a URI, exactly. */
  readonly type: string;
  /** Names of authorities that may have made it. */
  readonly authorities: readonly string[];
  /** Whether what it says is acceptable; left out: whatever it says. Throws when that cannot be told, which is a no. */
  readonly evaluate?: (predicate: unknown, statement: unknown) => boolean;
}

/** The name of the public Sigstore instance among trust roots. */
export const PUBLIC_GOOD = 'public-good';
