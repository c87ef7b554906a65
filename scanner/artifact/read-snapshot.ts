import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Artifact, Unopened } from '../artifact.ts';
import { parseSnapshot, SNAPSHOT_SUFFIX, type Snapshot } from '../snapshot.ts';
import { failureOf } from './read-file.ts';

/**
 * The artifact with the snapshot that lies beside it, if one does. A snapshot that cannot be read or makes no sense makes
 * the artifact unopened: a comparison that was wanted and did not take place must not look like one without a difference.
 */
export function withSnapshot(artifact: Artifact | Unopened, cwd: string): Artifact | Unopened {
  if ('failure' in artifact) return artifact;
  try {
    const snapshot = readSnapshot(artifact.name, cwd);
    return snapshot ? { ...artifact, snapshot } : artifact;
  } catch (error) {
    return { name: artifact.name, failure: error instanceof SyntaxError ? { kind: 'unreadable', code: 'snapshot', message: error.message } : failureOf(artifact.name + SNAPSHOT_SUFFIX, error) };
  }
}

/** Far more than all capabilities there are, in bytes. */
const SNAPSHOT_BYTES = 64 << 10;

/** The snapshot beside an artifact, or null. Throws SyntaxError for a damaged one, and what the file system says but for "not there". */
export function readSnapshot(name: string, cwd: string): Snapshot | null {
  const file = name + SNAPSHOT_SUFFIX;
  try {
    const path = resolve(cwd, file);
    const { size } = regular(path, file);
    if (size > SNAPSHOT_BYTES) throw new SyntaxError(`Snapshot not read: ${file} has ${size} bytes, more than any snapshot; write it anew with "wasmgate snapshot"`);
    return parseSnapshot(readFileSync(path, 'utf8'), file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && ABSENT.has(error.code)) return null;
    throw error;
  }
}

const ABSENT: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** A pipe or a device would keep the reader waiting for ever. */
function regular(path: string, file: string): { readonly size: number } {
  const found = statSync(path);
  if (!found.isFile()) throw new SyntaxError(`Snapshot not read: ${file} is not a regular file; remove it or write it anew with "wasmgate snapshot"`);
  return found;
}
