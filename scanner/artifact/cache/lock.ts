import { randomUUID } from 'node:crypto';
import { lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lock older than this belonged to a process that crashed: nobody keeps one for so long. */
const STALE_MILLISECONDS = 10_000;
const ATTEMPTS = 20;
const PAUSE_MILLISECONDS = 25;

/**
 * Runs something while no other process runs it, as well as files without locks of the system allow: where a lock is given up
 * as stale, two may run for a moment, so whatever runs must bear that. Throws what the file system says, and what it runs throws.
 * @returns what it returned, or null when another process kept the lock
 */
export async function withLock<Result>(path: string, run: () => Promise<Result>): Promise<Result | null> {
  const mark = randomUUID();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await take(path, mark)) return release(path, mark, run);
    await dropStale(path);
    await sleep(PAUSE_MILLISECONDS);
  }
  return null;
}

async function take(path: string, mark: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(mark).finally(() => file.close());
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function release<Result>(path: string, mark: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } finally {
    const owner = await readFile(path, 'utf8').catch(() => null);
    if (owner === mark) await rm(path, { force: true }).catch(() => undefined);
  }
}

/** Moved away before it is deleted: of several processes that find it stale only one succeeds. */
async function dropStale(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => null);
  if (stat === null || Date.now() - stat.mtimeMs < STALE_MILLISECONDS) return;
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).then(() => rm(aside, { force: true, recursive: true }), () => undefined);
}
