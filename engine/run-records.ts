import { join } from 'node:path';
import { cacheFolder } from '../scanner/artifact/cache/cache-folder.ts';
import { openRecordStore } from '../scanner/artifact/cache/record-store.ts';
import type { CacheOptions } from '../scanner/artifact/cache/stores.ts';
import type { RunRecord, RunRecords } from '../scanner/scan-context.ts';
import { sha256 } from './hash.ts';
import { buildId } from './version.ts';

/** Share of the cache that facts and findings may take; they are a small part of the blobs they come from. */
const SHARE = 1 / 8;
/** A record of more bytes costs as much to read as the artifact to decode. */
const LARGEST_BYTES = 4 << 20;

/** Facts and findings on disk, kept by everything they depend on, this build of the engine included. null where there is no build to name. */
export function diskRecords({ disk, maxBytes, environment }: CacheOptions): RunRecords | null {
  const build = buildId();
  if (!disk || build === null) return null;
  const store = openRecordStore(join(cacheFolder(environment), 'v1'), { maxBytes: Math.floor(maxBytes * SHARE) });
  const keyOf = (key: string): string => `${build}\n${sha256(key)}`;
  return {
    async get(key) {
      const bytes = await store.get(keyOf(key));
      return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as RunRecord);
    },
    async put(key, record) {
      const bytes = new TextEncoder().encode(JSON.stringify(record));
      if (bytes.length <= LARGEST_BYTES) await store.put(keyOf(key), bytes);
    },
  };
}
