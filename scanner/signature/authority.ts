import type { KeyObject, X509Certificate } from 'node:crypto';
import type { TrustRoot } from './trust-root.ts';

export type Demand = 'required' | 'ifPresent' | 'ignore';

/** One accepted signer of a certificate: every given field must hold. */
export interface Identity {
  /** Holds for the issuer of the identity, exactly or by an anchored linear-time pattern. */
  readonly issuer: (text: string) => boolean;
  /** Holds for the one subject alternative name: exactly, by a segment-safe prefix, or by an anchored pattern. */
  readonly subject: (text: string) => boolean;
  /** Certificate extensions by their names (`sourceRepositoryURI`), exactly. */
  readonly extensions: Readonly<Record<string, string>>;
  /** For messages. */
  readonly text: string;
}

/** A public key that may have signed, as `parsePublicKey` in keys.ts gives it. */
export interface VerificationKey {
  readonly key: KeyObject;
  /** SHA-256 of the SPKI, hexadecimal. */
  readonly id: string;
  /** Digest of signatures over a hash; null: by the kind of the key. */
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
}

/** Somebody who may vouch for an artifact, with everything needed to verify it at hand: no file, no network, no clock. */
export type Authority = { readonly name: string } & (
  | {
    readonly kind: 'keyless';
    readonly root: TrustRoot;
    readonly identities: readonly Identity[];
    readonly transparencyLog: Demand;
    readonly sct: Demand;
    readonly timestamps: { readonly atLeast: number; readonly accept: readonly ('log' | 'tsa')[] };
  }
  | { readonly kind: 'key'; readonly keys: readonly VerificationKey[]; readonly transparencyLog: Demand; /** For log entries; null: none can be verified. */ readonly root: TrustRoot | null }
  | { readonly kind: 'certificate'; readonly roots: readonly X509Certificate[]; readonly identities: readonly Identity[]; readonly timestamps: { readonly atLeast: number }; readonly root: TrustRoot | null }
  | { readonly kind: 'wasmSignature'; readonly keys: readonly VerificationKey[]; readonly scope: 'wholeModule' | 'partial'; readonly sections: readonly string[] }
  | { readonly kind: 'wasmcloud'; /** nkeys of accounts. */ readonly issuers: readonly string[] }
  | { readonly kind: 'notation'; readonly authorities: readonly X509Certificate[]; readonly timestampAuthorities: readonly X509Certificate[]; readonly identities: readonly string[]; readonly level: 'strict' | 'permissive' }
);
