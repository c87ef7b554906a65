import { hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Artifact, Failure, Unopened } from '../artifact.ts';
import { LIMITS } from '../wasm/limits.ts';

const CHUNK_BYTES = 1 << 20;

/** Reads a file, pipe or device into an artifact. Never throws for what the file system says; stops at the size limit. */
export function readFile(path: string, name = path): Artifact | Unopened {
  try {
    const bytes = boundedRead(path);
    return bytes ? artifactOf(name, bytes) : { name, failure: tooLarge(name) };
  } catch (error) {
    return { name, failure: failureOf(name, error) };
  }
}

/** An artifact from bytes at hand. */
export function artifactOf(name: string, bytes: Uint8Array): Artifact {
  return { name, bytes, digest: `sha256:${hash('sha256', bytes, 'hex')}` };
}

/** The first bytes of a regular file, fewer when it is shorter. Throws what the file system says. */
export function firstBytes(path: string, length: number): Uint8Array {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** The failure for what the file system said. */
export function failureOf(name: string, error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  return { kind: 'unreadable', code, message: `Cannot read ${name}: ${WORDS[code] ?? (error instanceof Error ? error.message : String(error))}` };
}

/** The failure for bytes beyond the size limit. */
export function tooLarge(name: string): Failure {
  return { kind: 'unreadable', code: 'too-large', message: `Cannot read ${name}: larger than the limit of ${LIMITS.artifactBytes} bytes` };
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a directory',
  ELOOP: 'too many symbolic links',
  ENOTDIR: 'a part of the path is not a directory',
  ENAMETOOLONG: 'the name is too long',
};

/** null: beyond the limit. Regular files come in one read; pipes and devices, whose size nobody knows, in pieces. */
function boundedRead(path: string): Uint8Array | null {
  const descriptor = openSync(path, 'r');
  try {
    const stat = fstatSync(descriptor);
    if (stat.isFile() && stat.size > 0) return stat.size > LIMITS.artifactBytes ? null : readFileSync(descriptor);
    return readPieces(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function readPieces(descriptor: number): Uint8Array | null {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const piece = new Uint8Array(CHUNK_BYTES);
    const length = readSync(descriptor, piece, 0, CHUNK_BYTES, null);
    if (length === 0) return Buffer.concat(pieces, total);
    total += length;
    if (total > LIMITS.artifactBytes) return null;
    pieces.push(piece.subarray(0, length));
  }
}
