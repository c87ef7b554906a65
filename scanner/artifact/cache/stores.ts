import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { BlobStore } from '../oci/registry.ts';
import { cacheFolder } from './cache-folder.ts';
import { openBlobStore } from './blob-store.ts';

/** Which caches a run has. */
export interface CacheOptions {
  /** Keep blobs on disk between runs. */
  readonly disk: boolean;
  /** Most that they take there. */
  readonly maxBytes: number;
  /** Bytes that are kept in memory as well; left out: 256 MiB. */
  readonly memoryBytes?: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Bytes of blobs that one run keeps in memory. */
const MEMORY_BYTES = 256 << 20;

/** Fetched blobs by digest: in memory for this run, on disk for the next. */
export function blobStores({ disk, maxBytes, memoryBytes = MEMORY_BYTES, environment }: CacheOptions): BlobStore {
  const memory = new LRUCache<string, Uint8Array>({ maxSize: memoryBytes });
  const kept = disk ? openBlobStore(join(cacheFolder(environment), 'v1'), { maxBytes }) : null;
  const remember = (digest: string, bytes: Uint8Array): void => void memory.set(digest, bytes, { size: Math.max(bytes.length, 1) });
  return {
    async get(digest) {
      const near = memory.get(digest);
      if (near !== undefined) return near;
      const far = (await kept?.get(digest)) ?? null;
      if (far !== null) remember(digest, far);
      return far;
    },
    async put(digest, bytes) {
      remember(digest, bytes);
      await kept?.put(digest, bytes);
    },
  };
}
