import { readFileSync } from 'node:fs';
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

/** The snapshot beside an artifact, or null. Throws SyntaxError for a damaged one, and what the file system says but for "not there". */
export function readSnapshot(name: string, cwd: string): Snapshot | null {
  const file = name + SNAPSHOT_SUFFIX;
  try {
    return parseSnapshot(readFileSync(resolve(cwd, file), 'utf8'), file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ENAMETOOLONG')) return null;
    throw error;
  }
}
