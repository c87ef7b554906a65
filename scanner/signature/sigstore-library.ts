/** The Sigstore packages as this folder uses them: their cryptographic core and their ASN.1 reader, nothing of their policies, networks or caches. */
export type { TransparencyLogEntry } from '@sigstore/bundle';
export { ASN1Obj, RFC3161Timestamp, X509Certificate, dsse } from '@sigstore/core';
export { TrustedRoot } from '@sigstore/protobuf-specs';
export { VerificationError, Verifier, toTrustMaterial } from '@sigstore/verify';
export type { SignedEntity, TrustMaterial } from '@sigstore/verify';
