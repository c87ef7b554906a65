import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { makeRoom } from './make-room.ts';

/** Plain files of bounded size in a folder that several processes may share. Believes nothing about what it reads: that is for its users. */
export interface FileStore {
  /**
   * Bytes of a file, or null; never throws. A hit counts as use.
   * @param path below the base, parted by `/`; whoever calls has made it of digits and fixed words
   * @param holds whether the bytes are what they should be: if not, the file is dropped
   */
  read(path: string, holds: (bytes: Uint8Array) => boolean): Promise<Uint8Array | null>;
  /** Keeps a file, or does nothing where that is not possible; never throws. It appears whole or not at all. */
  write(path: string, bytes: Uint8Array): Promise<void>;
}

export interface FileStoreOptions {
  /** The one folder inside the folder that this store fills and measures. */
  readonly base: string;
  /** Most that all its files take together, those of other processes included. */
  readonly maxBytes: number;
}

/** Of the bound: written by one process before it measures again what all have written. */
const UNMEASURED = 1 / 64;
/** Of the bound: what one file may take, lest it push out everything else. */
const LARGEST = 1 / 2;
/** A hit less than this after the last one does not touch the file again. */
const TOUCH_MILLISECONDS = 1_000;
/** Nothing is kept for so long after another process would not give up its lock. */
const PAUSE_MILLISECONDS = 5_000;
/** Not through symbolic links, and without waiting for the other end of a planted pipe. Windows knows neither. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a store of files `<folder>/<base>/<path>`. Folders are created when something is first kept, for their owner alone.
 * None is used, for reading neither, that is a link, belongs to somebody else, or may be written by group or others.
 */
export function openFileStore(folder: string, options: FileStoreOptions): FileStore {
  return new Files(folder, options);
}

class Files implements FileStore {
  readonly #folder: string;
  readonly #base: string;
  readonly #maxBytes: number;
  /** Folders that were found to be safe. */
  readonly #safe = new Set<string>();
  /** Written since the last measuring; at first nobody knows. */
  #unmeasured = Infinity;
  #pausedUntil = 0;
  /** One after another, so that what is being written counts. */
  #writing: Promise<void> = Promise.resolve();

  constructor(folder: string, { base, maxBytes }: FileStoreOptions) {
    this.#folder = folder;
    this.#base = join(folder, base);
    this.#maxBytes = maxBytes;
  }

  async read(path: string, holds: (bytes: Uint8Array) => boolean): Promise<Uint8Array | null> {
    const full = join(this.#base, path);
    try {
      for (const folder of this.#foldersOf(full)) if (!(await this.#isSafe(folder))) return null;
      const bytes = await readPlain(full, this.#largest);
      if (bytes !== null && holds(bytes)) return bytes;
    } catch (error) {
      if (!isCode(error, 'ELOOP')) return null;
    }
    await rm(full, { force: true }).catch(() => undefined);
    return null;
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const turn = this.#writing.then(() => this.#write(join(this.#base, path), bytes)).catch(() => undefined);
    this.#writing = turn;
    await turn;
  }

  async #write(full: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length > this.#largest || Date.now() < this.#pausedUntil) return;
    for (const folder of this.#foldersOf(full)) if (!(await this.#prepare(folder))) return;
    if (!(await this.#hasRoom(bytes.length))) return;
    this.#unmeasured += bytes.length;
    await writeWhole(full, bytes);
  }

  get #largest(): number {
    return Math.floor(this.#maxBytes * LARGEST);
  }

  /** From the store's own folder to the one that holds the file. */
  #foldersOf(full: string): readonly string[] {
    const steps = relative(this.#folder, dirname(full)).split(sep);
    return [this.#folder, ...steps.map((_, index) => join(this.#folder, ...steps.slice(0, index + 1)))];
  }

  async #hasRoom(length: number): Promise<boolean> {
    if (this.#unmeasured + length <= this.#maxBytes * UNMEASURED) return true;
    const has = await makeRoom(this.#base, { maxBytes: this.#maxBytes, needed: length });
    if (has) this.#unmeasured = 0;
    else this.#pausedUntil = Date.now() + PAUSE_MILLISECONDS;
    return has;
  }

  async #prepare(folder: string): Promise<boolean> {
    if (this.#safe.has(folder)) return true;
    await makeFolder(folder);
    return this.#isSafe(folder);
  }

  async #isSafe(folder: string): Promise<boolean> {
    if (this.#safe.has(folder)) return true;
    const stat = await lstat(folder);
    const foreign = process.getuid !== undefined && (stat.uid !== process.getuid() || (stat.mode & 0o022) !== 0);
    if (!stat.isDirectory() || foreign) return false;
    this.#safe.add(folder);
    return true;
  }
}

/** Step by step, because Node's recursive form never comes to an end where a file system keeps answering ENOENT, as /proc does. */
async function makeFolder(folder: string): Promise<void> {
  const missing: string[] = [];
  for (let step = folder; !(await exists(step)); step = dirname(step)) missing.push(step);
  for (const step of missing.reverse()) {
    await mkdir(step, { mode: 0o700 }).catch((error: unknown) => {
      if (!isCode(error, 'EEXIST')) throw error;
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return dirname(path) === path || lstat(path).then(() => true, (error: unknown) => !isCode(error, 'ENOENT'));
}

/** null: something that this store never writes. Throws what the file system says. */
async function readPlain(path: string, largest: number): Promise<Uint8Array | null> {
  const file = await open(path, READ_FLAGS);
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > largest) return null;
    const bytes = await readExactly(file, stat.size);
    const now = Date.now();
    if (now - stat.mtimeMs > TOUCH_MILLISECONDS) await file.utimes(now / 1000, now / 1000).catch(() => undefined);
    return bytes;
  } finally {
    await file.close();
  }
}

/** A file that shrinks meanwhile gives fewer bytes, one that grows no more than it had. */
async function readExactly(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, Math.min(size - filled, 1 << 30), filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** A rename within one folder is atomic: readers see the old file or the new one. What a crash leaves has a temporary name and goes when room is made. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 16)}.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
