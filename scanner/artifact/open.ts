import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Artifact, Unopened } from '../artifact.ts';
import { foundFile, searchDirectory } from './directory.ts';
import { excluder } from './exclude.ts';
import { failureOf } from './read-file.ts';
import { readAhead } from './read-ahead.ts';
import { readStream } from './read-stream.ts';
import type { Found, TargetOptions } from './target.ts';

/** What one target stands for: nothing when a folder or glob holds no artifact. */
export interface FoundTarget {
  readonly target: string;
  readonly found: readonly Found[];
}

/**
 * Resolves targets without reading artifacts: `-`, a file, a folder (searched), or a glob. In target order.
 * A file named explicitly is always an artifact, whatever it holds; one that does not exist is found unopened.
 */
export async function findTargets(targets: readonly string[], options: TargetOptions): Promise<FoundTarget[]> {
  const results: FoundTarget[] = [];
  for (const target of targets) results.push({ target, found: await findTarget(target, options) });
  return results;
}

/** Opens targets one after another, in target order. */
export async function* openTargets(targets: readonly string[], options: TargetOptions): AsyncGenerator<Artifact | Unopened> {
  for (const { found } of await findTargets(targets, options)) for (const one of found) yield await one.open();
}

async function findTarget(target: string, options: TargetOptions): Promise<readonly Found[]> {
  if (target === '-') return [{ name: options.stdinName, size: null, open: () => readStream(options.stdin(), options.stdinName) }];
  const path = resolve(options.cwd, target);
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return searchDirectory(path, target, await excluder(options.exclude));
    return [{ name: target, size: stat.size, open: () => (options.read ?? readAhead)(path, target) }];
  } catch (error) {
    if (isGlob(target)) return findGlob(target, options);
    return [{ name: target, size: null, open: () => ({ name: target, failure: failureOf(target, error) }) }];
  }
}

/** Only text that names nothing on the disk is tried as a glob, so a file called `a[1].wasm` stays a file. */
function isGlob(target: string): boolean {
  return /[*?{[]|[!+@]\(/.test(target);
}

async function findGlob(pattern: string, options: TargetOptions): Promise<Found[]> {
  const { glob } = await import('tinyglobby');
  const excluded = await excluder(options.exclude);
  const names = await glob(pattern, { cwd: options.cwd, dot: true, followSymbolicLinks: false, expandDirectories: false, ignore: ['**/.git/**'] });
  const kept = names.filter((name) => !withFolders(name).some((path) => excluded(path, path))).sort();
  return kept.map((name) => foundFile(resolve(options.cwd, name), name)).filter((found) => found !== null);
}

/** A path and every folder it lies in: a glob of --exclude for a folder takes what is in it. */
function withFolders(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
