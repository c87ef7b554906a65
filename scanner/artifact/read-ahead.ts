import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, read, statSync } from 'node:fs';
import type { Artifact, Unopened } from '../artifact.ts';
import { LIMITS } from '../wasm/limits.ts';
import { readFile } from './read-file.ts';

/** Below this, a second thread saves nothing. */
const LEAST_BYTES = 8 << 20;
/** Of one read: little enough that the first and the last of a file do not count, and more than a turn of the event loop costs. */
const CHUNK_BYTES = 2 << 20;

/** Reads a file as `readFile` does. A large one is read by another thread while this one hashes what has come already. */
export function readAhead(path: string, name = path): Artifact | Unopened | Promise<Artifact | Unopened> {
  const size = sizeOf(path);
  return size >= LEAST_BYTES && size <= LIMITS.artifactBytes ? readHashed(path, name) : readFile(path, name);
}

/** Bytes of a regular file; 0 for anything else, which is not opened, because a pipe can be opened but once. */
function sizeOf(path: string): number {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat.size : 0;
  } catch {
    return 0;
  }
}

/** A file that changes meanwhile, or fails to be read, is read again the plain way, which says what is wrong. */
async function readHashed(path: string, name: string): Promise<Artifact | Unopened> {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const bytes = Buffer.allocUnsafeSlow(fstatSync(descriptor).size);
      const digest = await fill(bytes, descriptor);
      if (digest !== null) return { name, bytes, digest: `sha256:${digest}` };
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Told below.
  }
  return readFile(path, name);
}

/** SHA-256 of a whole file, read into bytes of its length; null where it ends sooner. */
async function fill(bytes: Buffer, descriptor: number): Promise<string | null> {
  const hash = createHash('sha256');
  let at = 0;
  let coming = readChunk(descriptor, bytes, 0);
  while (at < bytes.length) {
    const length = await coming;
    if (length === 0) return null;
    const read = bytes.subarray(at, at + length);
    at += length;
    if (at < bytes.length) coming = readChunk(descriptor, bytes, at);
    hash.update(read);
  }
  return hash.digest('hex');
}

function readChunk(descriptor: number, bytes: Uint8Array, at: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  read(descriptor, bytes, at, Math.min(CHUNK_BYTES, bytes.length - at), at, (error, length) => (error ? reject(error) : resolve(length)));
  return promise;
}
