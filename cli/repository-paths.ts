import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { sha256 } from '../engine/hash.ts';
import type { Io } from './io.ts';

/** Where CI systems say the checkout is: GitHub Actions, GitLab, Azure Pipelines. */
const CHECKOUTS = ['GITHUB_WORKSPACE', 'CI_PROJECT_DIR', 'BUILD_SOURCESDIRECTORY'] as const;

/**
 * Maps names of artifacts to paths from the root of the repository, as code scanning wants them. What lies outside gets
 * a made-up folder that is the same on every machine with the same layout, so that no absolute path is written.
 */
export function repositoryPaths({ cwd, env }: Pick<Io, 'cwd' | 'env'>): (name: string) => string {
  const named = CHECKOUTS.map((name) => env[name]).find((path) => path);
  const root = named === undefined ? (repositoryRoot(cwd) ?? cwd) : resolve(cwd, named);
  // The working directory never has symbolic links in its path, but the variable of a CI system may.
  const roots = [...new Set([root, realPath(root)])];
  return (name) => {
    const inside = roots.map((one) => relative(one, resolve(cwd, name))).find(isInside);
    return (inside ?? outside(relative(roots.at(-1)!, resolve(cwd, name)))).replaceAll(sep, '/');
  };
}

function isInside(path: string): boolean {
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

function outside(path: string): string {
  return `external/${sha256(dirname(path).replaceAll(sep, '/')).slice(0, 8)}/${basename(path)}`;
}

function repositoryRoot(folder: string): string | null {
  if (existsSync(join(folder, '.git'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? null : repositoryRoot(parent);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
