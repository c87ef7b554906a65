import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { hash } from 'node:crypto';
import type { Io } from './io.ts';

/**
 * Maps names of artifacts to paths from the root of the repository, as code scanning wants them. What lies outside gets
 * a made-up folder that is the same on every machine with the same layout, so that no absolute path is written.
 */
export function repositoryPaths({ cwd, env }: Pick<Io, 'cwd' | 'env'>): (name: string) => string {
  const root = env['GITHUB_WORKSPACE'] || env['CI_PROJECT_DIR'] || env['BUILD_SOURCESDIRECTORY'] || repositoryRoot(cwd) || cwd;
  return (name) => {
    const path = relative(root, resolve(cwd, name));
    if (path !== '' && !path.startsWith('..')) return path;
    return `external/${hash('sha256', dirname(path), 'hex').slice(0, 8)}/${basename(name)}`;
  };
}

function repositoryRoot(folder: string): string | null {
  if (existsSync(join(folder, '.git'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? null : repositoryRoot(parent);
}
