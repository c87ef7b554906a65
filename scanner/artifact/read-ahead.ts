import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, read, statSync } from 'node:fs';
import type { Artifact, Unopened } from '../artifact.ts';
import { LIMITS } from '../wasm/limits.ts';
import { readFile } from './read-file.ts';

/** Below this, a second thread saves nothing. */
const LEAST_BYTES = 8 << 20;
/** Of one read: little enough that the first and the last of a file do not count, and more than a turn of the event loop costs. */
const CHUNK_BYTES = 2 << 20;
/** At a time: filling fresh memory takes longer than to hash it. */
const READS = 3;

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
  const coming: Promise<boolean>[] = [];
  let asked = 0;
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    for (; asked < bytes.length && asked < at + READS * CHUNK_BYTES; asked += CHUNK_BYTES) coming.push(readChunk(descriptor, bytes, asked));
    if (!(await coming.shift()!)) {
      // Nothing may still use the descriptor when it is closed.
      await Promise.all(coming);
      return null;
    }
    hash.update(bytes.subarray(at, at + CHUNK_BYTES));
  }
  return hash.digest('hex');
}

/** Whether a chunk came whole; what is short or fails is told the plain way. Never rejects, because several are waited for. */
function readChunk(descriptor: number, bytes: Uint8Array, at: number): Promise<boolean> {
  const wanted = Math.min(CHUNK_BYTES, bytes.length - at);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  read(descriptor, bytes, at, wanted, at, (error, length) => resolve(error === null && length === wanted));
  return promise;
}
