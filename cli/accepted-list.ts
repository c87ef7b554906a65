import { dirname, relative, resolve, sep } from 'node:path';
import { loadAccepted, type AcceptedFinding } from '../scanner/policy/accepted.ts';
import { artifactKey, isFileKey, movedKey } from '../scanner/policy/artifact-key.ts';
import { formatFault } from '../scanner/policy/load.ts';
import type { Waiver } from '../scanner/policy/policy.ts';
import { VOCABULARY } from '../engine/policies.ts';
import { UsageError } from '../engine/usage-error.ts';
import type { Io } from './io.ts';
import { readTextFile } from './targets.ts';

/** Reads lists of accepted findings as waivers for artifacts as they are named here. Throws UsageError with every mistake and its place. */
export async function readAccepted(files: readonly string[], io: Io): Promise<readonly Waiver[]> {
  const waivers: Waiver[] = [];
  for (const file of files) {
    for (const { artifact, ...rest } of await readList(file, io)) waivers.push({ ...rest, artifacts: namesHere(artifact, file, io), source: file });
  }
  return waivers;
}

/** The findings of a list. Throws UsageError with every mistake and its place. */
export async function readList(file: string, io: Io): Promise<readonly AcceptedFinding[]> {
  const { findings, errors } = loadAccepted(await readTextFile(file, io), file, VOCABULARY);
  if (errors.length > 0) throw new UsageError(`Accepted findings of ${file} cannot be used:\n${errors.map(formatFault).join('\n')}`, 'Nothing was judged');
  return findings;
}

/** Keys of an artifact as targets may name it: from the working directory, and absolute. */
function namesHere(artifact: string, file: string, { cwd }: Io): readonly string[] {
  if (!isFileKey(artifact)) return [artifact];
  const folder = resolve(cwd, dirname(file === '-' ? '.' : file));
  const absolute = movedKey(artifact, (path) => resolve(folder, path));
  return [movedKey(absolute, (path) => relative(cwd, path)), absolute];
}

/** The key of an artifact of this run in a list: files by their path from the folder of the list. */
export function keyInList(name: string, file: string, { cwd }: Io): string {
  return movedKey(artifactKey(name), (path) => relative(resolve(cwd, dirname(file)), resolve(cwd, path)).replaceAll(sep, '/'));
}
