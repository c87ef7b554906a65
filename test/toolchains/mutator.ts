import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Name of the program in a folder of built ones, and what to ask the builder for. */
export const MUTATOR = 'mutants';
const CACHE = resolve(import.meta.dirname, '../../.cache');

/** How to get it; shown when a test is skipped for want of it. */
export const MUTATOR_HINT = `the mutator of modules is not built: run "npm run toolchains -- .cache ${MUTATOR}"`;

/** Builds the program that writes mutants of a module; needs cargo. */
export function buildMutator({ output, work }: { readonly output: string; readonly work: string }): void {
  const source = join(import.meta.dirname, MUTATOR);
  execFileSync('cargo', ['build', '--quiet', '--release'], { cwd: source, env: { ...process.env, CARGO_TARGET_DIR: join(work, 'target') }, stdio: ['ignore', 'ignore', 'pipe'] });
  copyFileSync(join(work, 'target/release', MUTATOR), join(output, MUTATOR));
}

/** Path of the program, or null. In CI it must have been built: a missing one fails there instead of skipping. */
export function mutator(): string | null {
  const path = [process.env['WASMGATE_TOOLCHAINS'], CACHE].map((folder) => (folder ? join(folder, MUTATOR) : '')).find((candidate) => candidate !== '' && existsSync(candidate));
  if (path === undefined && process.env['CI']) throw new Error(`In CI ${MUTATOR_HINT}`);
  return path ?? null;
}
