import { hash } from 'node:crypto';
import { openFileStore } from './file-store.ts';

/** What was worked out once, by a key that names everything it depends on. */
export interface RecordStore {
  /** null: not kept. Never throws: a damaged store is an empty one. */
  get(key: string): Promise<Uint8Array | null>;
  /** Never throws. */
  put(key: string, bytes: Uint8Array): Promise<void>;
}

/** Format of the files; a new one makes old files misses. */
const MAGIC = 'wasmgate-record-1';
/** Magic, checksum and length of the key, parted by a blank and ended by a line end. */
const HEADER_BYTES = MAGIC.length + 1 + 64 + 1 + 8 + 1;
const KEY_BYTES = 1 << 16;

/**
 * Opens a store of records: files `<folder>/records/ab/<SHA-256 of the key>` that several processes may share, each of which
 * begins with its checksum and its key. What is truncated, damaged or belongs to another key is deleted, never returned.
 *
 * Threat: unlike a blob, a record cannot be told from a forged one, because anybody can compute the checksum. Records are
 * trusted as far as their folder is: it is made for its owner alone (0700), and one that is a link, belongs to somebody else or
 * may be written by group or others is not used at all.
 * @param folder absolute path
 * @param options.maxBytes most that all records take; none larger than half of it is kept
 */
export function openRecordStore(folder: string, options: { readonly maxBytes: number }): RecordStore {
  const files = openFileStore(folder, { base: 'records', maxBytes: options.maxBytes });
  return {
    get: async (key) => {
      const path = pathOf(key);
      const file = path === null ? null : await files.read(path, (bytes) => holds(bytes, key));
      return file?.subarray(HEADER_BYTES + Buffer.byteLength(key)) ?? null;
    },
    put: async (key, bytes) => {
      const path = pathOf(key);
      if (path) await files.write(path, recordOf(key, bytes));
    },
  };
}

/** null: a key that could be mixed up with another one in UTF-8, or that is longer than any of ours. */
function pathOf(key: string): string | null {
  if (!key.isWellFormed() || Buffer.byteLength(key) > KEY_BYTES) return null;
  const hex = hash('sha256', key, 'hex');
  return `${hex.slice(0, 2)}/${hex}`;
}

function recordOf(key: string, bytes: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(key), bytes]);
  return Buffer.concat([headerOf(body, Buffer.byteLength(key)), body]);
}

function headerOf(body: Uint8Array, keyBytes: number): Buffer {
  return Buffer.from(`${MAGIC} ${hash('sha256', body, 'hex')} ${keyBytes.toString(16).padStart(8, '0')}\n`);
}

function holds(file: Uint8Array, key: string): boolean {
  const body = file.subarray(HEADER_BYTES);
  const keyBytes = Buffer.from(key);
  return headerOf(body, keyBytes.length).equals(file.subarray(0, HEADER_BYTES)) && keyBytes.equals(body.subarray(0, keyBytes.length));
}
