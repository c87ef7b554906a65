import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { LIMITS } from '../../../wasm/limits.ts';
import type { FetchError } from '../../fetch-error.ts';
import { outside, unreadable } from '../failure.ts';
import { Credential } from './credential.ts';

/** How a helper is run. */
export interface HelperOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Most that it may take; it may have to ask the user or a service. */
  readonly milliseconds: number;
}

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Asks `docker-credential-<name>` for the credential of a server, by docker's protocol: `get`, the server on standard input, JSON
 * on standard output. It is run without a shell, from an absolute folder of PATH only, and its standard error is not read.
 * Throws FetchError `bad-docker-config` for a name that is none, and `credential-helper` when it cannot be run, fails, or
 * answers with something else; no message holds anything of its output.
 * @returns null when it has no credential for the server
 */
export async function askHelper(name: string, server: string, options: HelperOptions): Promise<Credential | null> {
  if (!/^[a-z0-9._-]{1,64}$/.test(name)) throw unreadable('bad-docker-config', 'Cannot run a credential helper: its name may only hold small letters, digits, dots, hyphens and underscores');
  const program = `docker-credential-${name}`;
  const path = await findProgram(program, options.environment);
  if (path === null) throw failed(program, 'it is not in PATH; install it, or name another config with --registry-config');
  const { code, output } = await run(path, server, options).catch((error: unknown) => {
    throw failed(program, error instanceof Stopped ? error.message : 'it could not be started');
  });
  if (code !== 0 && /credentials not found/i.test(output)) return null;
  if (code !== 0) throw failed(program, `it ended with ${code === null ? 'a signal' : `code ${code}`}`);
  return credentialIn(output, program);
}

/** Why a run was ended from here. */
class Stopped extends Error {}

/** Folders that are not absolute are passed over: they would mean the one that is being scanned. */
async function findProgram(program: string, environment: HelperOptions['environment']): Promise<string | null> {
  const [, path] = Object.entries(environment).find(([name]) => (process.platform === 'win32' ? name.toUpperCase() : name) === 'PATH') ?? [];
  const suffix = process.platform === 'win32' ? '.exe' : '';
  for (const folder of (path ?? '').split(delimiter).filter(isAbsolute)) {
    const full = join(folder, program + suffix);
    if (await access(full, constants.X_OK).then(() => true, () => false)) return full;
  }
  return null;
}

function run(path: string, server: string, { environment, milliseconds }: HelperOptions): Promise<Outcome> {
  const child = spawn(path, ['get'], { shell: false, env: { ...environment }, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
  return new Promise<Outcome>((resolve, reject) => {
    const pieces: Buffer[] = [];
    let total = 0;
    /** Not `close` alone: something that the helper started may hold its output open for ever. */
    const stop = (why: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      child.stdout.destroy();
      reject(new Stopped(why));
    };
    const timer = setTimeout(() => stop(`it did not answer within ${milliseconds / 1000} s`), milliseconds);
    child.stdout.on('data', (piece: Buffer) => {
      total += piece.length;
      pieces.push(piece);
      if (total > LIMITS.smallResponseBytes) stop(`it answered with more than ${LIMITS.smallResponseBytes} bytes`);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: Buffer.concat(pieces).toString() }));
    child.on('close', () => clearTimeout(timer));
    child.on('error', () => clearTimeout(timer));
    child.stdin.on('error', () => undefined);
    child.stdin.end(server);
  });
}

function credentialIn(output: string, program: string): Credential | null {
  const { Username: username, Secret: password } = fieldsIn(output);
  if (typeof username !== 'string' || typeof password !== 'string') throw failed(program, 'its answer is no JSON object with Username and Secret');
  return Credential.from({ username, password });
}

function fieldsIn(output: string): { readonly Username?: unknown; readonly Secret?: unknown } {
  try {
    const value: unknown = JSON.parse(output);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function failed(program: string, why: string): FetchError {
  return outside('credential-helper', `Cannot get registry credentials from ${program}: ${why}`);
}
