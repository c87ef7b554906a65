import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Programs that build-tools.sh builds. */
export type SigningTool = 'cosign' | 'cosign2' | 'fulcio' | 'timestamp-server' | 'rekor-server' | 'notation';

const ALL: readonly SigningTool[] = ['cosign', 'cosign2', 'fulcio', 'timestamp-server', 'rekor-server', 'notation'];

/** Path of a program, in the version that build-tools.sh names. */
export function signingTool(name: SigningTool): string {
  const folder = process.env['WASMGATE_SIGNING_TOOLS'] ?? join(homedir(), '.cache/wasmgate-tests/signing');
  return join(folder, `${name}-${versions().get(name) ?? ''}`);
}

function versions(): ReadonlyMap<string, string> {
  const script = readFileSync(join(import.meta.dirname, 'build-tools.sh'), 'utf8');
  return new Map([...script.matchAll(/^(?:install|from_source) ([a-z0-9-]+) (v[0-9.]+)/gm)].map(([, name, version]) => [name!, version!]));
}

/**
 * Whether every program is built. Where one is missing: one line and false on a developer's machine, so that the tests can be
 * skipped; an error under CI, where they would be a silent hole.
 */
export function haveSigningTools(): boolean {
  const missing = ALL.filter((name) => !existsSync(signingTool(name)));
  if (missing.length === 0) return true;
  const message = `Programs missing: ${missing.map((name) => signingTool(name)).join(', ')} (test/signing/build-tools.sh builds them)`;
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`${message}; tests that need them are skipped`);
  return false;
}

/** How a program ended, and all that it said. */
export interface Ended { readonly code: number; readonly output: string }

export interface RunPlace {
  /** Working folder and home: nobody's configuration is read. */
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Nothing outside this machine may be reached; loopback needs no proxy. */
const NOWHERE = 'http://127.0.0.1:9';

/** Runs a program to its end; a failure is an answer, not an error. */
export function run(name: SigningTool, args: readonly string[], { cwd, environment = {} }: RunPlace): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, DOCKER_CONFIG: cwd, TMPDIR: cwd, XDG_CONFIG_HOME: cwd, COSIGN_PASSWORD: '', HTTPS_PROXY: NOWHERE, ...environment };
  return new Promise((resolve) => {
    execFile(signingTool(name), [...args], { cwd, env, maxBuffer: 1 << 24, timeout: 100_000 }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, output: stdout + stderr + (error && typeof error.code !== 'number' ? error.message : '') });
    });
  });
}

/** Runs a program that has to succeed. */
export async function mustRun(name: SigningTool, args: readonly string[], place: RunPlace): Promise<string> {
  const { code, output } = await run(name, args, place);
  if (code !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${code}: ${output}`);
  return output;
}

/** A program that serves until it is ended. */
export interface Service { stop(): Promise<void> }

/** Starts a program and waits until its URL answers with anything but a server error. Throws with its log. */
export async function startService(name: SigningTool, args: readonly string[], { cwd, ready }: { readonly cwd: string; readonly ready: string }): Promise<Service> {
  const child = spawn(signingTool(name), [...args], { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: cwd, TMPDIR: cwd }, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (piece: string) => (log = (log + piece).slice(-20_000)));
  // A run that is broken off leaves nothing behind.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => child.once('close', () => {
    process.off('exit', kill);
    resolve();
  }));
  for (let tries = 0; tries < 600; tries++) {
    if (hasEnded(child)) throw new Error(`${name} ended with ${child.exitCode}: ${log}`);
    if (await answers(ready)) return { stop: () => stop(child, ended) };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop(child, ended);
  throw new Error(`${name} does not answer at ${ready}: ${log}`);
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (!hasEnded(child)) child.kill('SIGKILL');
  await ended;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.status < 500;
  } catch {
    return false;
  }
}
