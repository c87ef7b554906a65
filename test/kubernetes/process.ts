import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** A program that serves until it is ended. */
export interface OwnProcess {
  readonly pid: number;
  readonly running: boolean;
  /** Everything that it has said. */
  log(): string;
  /** Resolves when it has ended: its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when it still runs after `patience` milliseconds. */
  stop(patience?: number): Promise<void>;
}

export interface ProcessPlace {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** File for both output streams; appended to. */
  readonly log: string;
}

/** Starts a program that the kernel kills when this process ends, however it ends. */
export function startProcess(command: string, args: readonly string[], { cwd, env = {}, log }: ProcessPlace): OwnProcess {
  const file = openSync(log, 'a');
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], { cwd, env: { PATH: process.env['PATH'] ?? '', HOME: cwd, TMPDIR: cwd, ...env }, stdio: ['ignore', file, file] });
  closeSync(file);
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => child.once('exit', (code, signal) => resolve(code ?? signal!)).once('error', reject));
  // Whoever waits for it hears of it; nobody has to wait.
  ended.catch(() => {});
  return {
    pid: child.pid ?? -1,
    ended,
    get running() {
      return isRunning(child);
    },
    log: () => readFileSync(log, 'utf8'),
    signal: (signal) => void child.kill(signal),
    stop: (patience = 5_000) => stop(child, ended, patience),
  };
}

async function stop(child: ChildProcess, ended: Promise<unknown>, patience: number): Promise<void> {
  if (!isRunning(child)) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await ended;
  clearTimeout(timer);
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Asks again and again until the answer is not null. Throws with `what` and `why()` after `patience` milliseconds. */
export async function eventually<T>(what: string, ask: () => T | null | Promise<T | null>, { patience = 30_000, pause = 50, why = () => '' }: { readonly patience?: number; readonly pause?: number; readonly why?: () => string } = {}): Promise<T> {
  for (const end = Date.now() + patience; ;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > end) throw new Error(`Not within ${patience / 1000} s: ${what} ${why()}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
