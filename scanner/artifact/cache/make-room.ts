import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './lock.ts';

/** Of the bound: above the first, files go until the second is reached. The rest is for what processes write between two measurings. */
const HIGH = 7 / 8;
const LOW = 3 / 4;
/** A temporary file older than this is what a crash left. */
const ABANDONED_MILLISECONDS = 3_600_000;
const LOCK = 'lock';

interface Kept {
  readonly path: string;
  readonly size: number;
  readonly used: number;
}

/**
 * Measures a store and drops its least recently used files where it is too full. Throws what the file system says.
 * @param root folder of files, at most three folders deep
 * @param bound.needed bytes that will be written next
 * @returns whether they fit; false also when another process makes room at this moment and does not finish soon
 */
export async function makeRoom(root: string, bound: { readonly maxBytes: number; readonly needed: number }): Promise<boolean> {
  if (total(await measure(root)) + bound.needed <= bound.maxBytes * HIGH) return true;
  return (await withLock(join(root, LOCK), () => evict(root, bound))) ?? false;
}

async function evict(root: string, { maxBytes, needed }: { readonly maxBytes: number; readonly needed: number }): Promise<boolean> {
  const files = await measure(root);
  let left = total(files) + needed;
  if (left <= maxBytes * HIGH) return true;
  for (const { path, size } of files.sort((a, b) => a.used - b.used)) {
    if (left <= maxBytes * LOW) break;
    await rm(path, { force: true });
    left -= size;
  }
  return left <= maxBytes * HIGH;
}

function total(files: readonly Kept[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** Every file below a folder, as deep as the stores build. Folders that are links are not entered. */
async function measure(folder: string, depth = 3): Promise<Kept[]> {
  const files: Kept[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) for (const kept of depth > 0 ? await measure(path, depth - 1) : []) files.push(kept);
    else if (entry.name !== LOCK) files.push(...(await measureFile(path)));
  }
  return files;
}

/** Nothing when it is gone meanwhile, or when it was dropped because a crash left it. Links are measured themselves, not what they point to. */
async function measureFile(path: string): Promise<Kept[]> {
  const stat = await lstat(path).catch(() => null);
  if (stat === null) return [];
  if (path.endsWith('.tmp') && Date.now() - stat.mtimeMs > ABANDONED_MILLISECONDS) {
    await rm(path, { force: true });
    return [];
  }
  return [{ path, size: stat.size, used: stat.mtimeMs }];
}
