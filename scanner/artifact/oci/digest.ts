import { createHash, type Hash } from 'node:crypto';

export type Algorithm = 'sha256' | 'sha512';

/** The algorithm of a digest, or null for what is none of the two that are supported, in exactly their lengths and in lower case. */
export function algorithmOf(digest: string): Algorithm | null {
  if (/^sha256:[0-9a-f]{64}$/.test(digest)) return 'sha256';
  return /^sha512:[0-9a-f]{128}$/.test(digest) ? 'sha512' : null;
}

/** The digest of bytes, as in `sha256:...`. */
export function digestOf(bytes: Uint8Array, algorithm: Algorithm): string {
  return digestFrom(createHash(algorithm).update(bytes), algorithm);
}

/** The digest of what a hash was fed with. Ends the hash. */
export function digestFrom(hash: Hash, algorithm: Algorithm): string {
  return `${algorithm}:${hash.digest('hex')}`;
}
