import type { TrustMaterial } from './sigstore-library.ts';

/** Keys and certificates of a Sigstore instance, checked when they were read. */
export interface TrustRoot {
  /** `public-good`, or the name that a policy gives it. */
  readonly name: string;
  /** SHA-256 of its text, hexadecimal: part of every key of kept evidence. */
  readonly hash: string;
  /** Day of its content, YYYY-MM-DD. */
  readonly date: string;
  readonly material: TrustMaterial;
  /** Whether it knows any: what it does not know cannot be demanded. */
  readonly has: { readonly certificateAuthorities: boolean; readonly logs: boolean; readonly certificateLogs: boolean; readonly timestampAuthorities: boolean };
}
