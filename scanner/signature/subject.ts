/** Something that a signature may name, by its digests. */
export interface SignedThing {
  readonly kind: 'bytes' | 'manifest';
  /** Digests known to be of it, hexadecimal, by algorithm: sha256 always, sha384 and sha512 where the bytes are at hand. */
  readonly digests: { readonly sha256: string; readonly sha384?: string; readonly sha512?: string };
  /** The bytes themselves; null when only the digest is known. */
  readonly bytes: Uint8Array | null;
  /** Of manifests: media type and size in bytes, which Notary Project signatures name too. */
  readonly mediaType: string | null;
  readonly size: number | null;
}

/** A signature as it was found, not yet verified. Hostile input. Everything binds to the digest of `about`, never to a name or a tag. */
export type Candidate = {
  /** A file, a tag or the digest of the manifest that holds it. */
  readonly where: string;
  readonly about: SignedThing;
} & (
  | { readonly form: 'sigstore-bundle'; readonly bundle: Uint8Array }
  | { readonly form: 'cosign-signature'; readonly payload: Uint8Array; readonly annotations: Readonly<Record<string, string>> }
  | { readonly form: 'cosign-attestation'; readonly envelope: Uint8Array; readonly annotations: Readonly<Record<string, string>> }
  | { readonly form: 'blob-bundle'; readonly bundle: Uint8Array }
  | { readonly form: 'detached'; readonly signature: Uint8Array; readonly certificate: Uint8Array | null }
  | { readonly form: 'dsse'; readonly envelope: Uint8Array }
  /** Inside the bytes of `about`. */
  | { readonly form: 'wasm-section' | 'wasmcloud-claims' }
  | { readonly form: 'notation-jws' | 'notation-cose'; readonly envelope: Uint8Array }
  /** Recognised and not read: `reason` says what it is. `error`: it could not be fetched. */
  | { readonly form: 'unknown'; readonly reason: string; readonly status: 'unsupported' | 'error' | 'invalid'; readonly code: string }
);
