import { hash } from 'node:crypto';
import type { BlobStore } from '../oci/registry.ts';
import { openFileStore } from './file-store.ts';

/** The algorithms of the image specification and the digits of each. */
const DIGITS = { sha256: 64, sha512: 128 } as const;
type Algorithm = keyof typeof DIGITS;

interface Place {
  readonly algorithm: Algorithm;
  readonly hex: string;
}

/**
 * Opens a store of blobs by digest: plain files `<folder>/blobs/sha256/ab/<hex>` that several processes may share. Nothing is
 * created before something is kept, and whatever the file system refuses means that nothing is kept.
 *
 * Threat: whoever can write the folder can make us fetch again, and no more. Every file is hashed when it is read, and one that
 * does not have its digest is deleted, so a planted file never passes for a blob; links are not followed.
 * @param folder absolute path
 * @param options.maxBytes most that all blobs take together; none larger than half of it is kept
 */
export function openBlobStore(folder: string, options: { readonly maxBytes: number }): BlobStore {
  const files = openFileStore(folder, { base: 'blobs', maxBytes: options.maxBytes });
  return {
    get: async (digest) => {
      const place = placeOf(digest);
      return place && files.read(pathOf(place), (bytes) => hash(place.algorithm, bytes, 'hex') === place.hex);
    },
    put: async (digest, bytes) => {
      const place = placeOf(digest);
      if (place) await files.write(pathOf(place), bytes);
    },
  };
}

function pathOf({ algorithm, hex }: Place): string {
  return `${algorithm}/${hex.slice(0, 2)}/${hex}`;
}

/** Strict, because the digits become a path. */
function placeOf(digest: string): Place | null {
  const [, algorithm, hex] = /^(sha256|sha512):([0-9a-f]{1,128})$/.exec(digest) ?? [];
  if (algorithm === undefined || hex?.length !== DIGITS[algorithm as Algorithm]) return null;
  return { algorithm: algorithm as Algorithm, hex };
}
