import { LRUCache } from 'lru-cache';
import type { KnownBytes, KnownBytesStore } from '../scanner/scan-context.ts';

/** Bytes of artifacts whose decoded form is kept in one thread; the form itself takes a small multiple of that. */
const KEPT_BYTES = 64 << 20;

/**
 * Keeps what is known of the bytes met last, so that a module that several images or manifests bring is decoded once.
 * @param keptBytes of artifacts, most
 */
export function knownBytes(keptBytes = KEPT_BYTES): KnownBytesStore {
  const kept = new LRUCache<string, KnownBytes>({ maxSize: keptBytes });
  return {
    get: (digest) => kept.get(digest),
    set: (digest, known, bytes) => void kept.set(digest, known, { size: Math.max(bytes, 1) }),
  };
}
