import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './imports.ts';

export interface CliRun {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly input?: Uint8Array | string;
  readonly env?: Record<string, string>;
  /** File to start; default: the sources. */
  readonly main?: string;
}

/**
 * Bundles the command line into a folder of its own, outside the checkout, where no other package can be found.
 * Returns the file to start; the caller removes `folder`.
 */
export function buildCli(): { readonly folder: string; readonly main: string } {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgate-built-'));
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  execFileSync(process.execPath, [join(ROOT, 'tools/build.ts'), join(folder, 'dist')]);
  return { folder, main: join(folder, 'dist/main.js') };
}

/** Runs the real command line as a process of its own. */
export async function runCli(args: readonly string[], { cwd = ROOT, input, env = {}, main = join(ROOT, 'cli/main.ts') }: CliOptions = {}): Promise<CliRun> {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...inherited, ...env }, stdio: 'pipe' });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
  child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.on('close', (...end) => resolve(end)));
  return { code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}
