import { words } from '../../scanner/words.ts';
import { open } from 'node:fs/promises';
import { SERVER_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';

/** A file that the server was told to use cannot be used. Counts as wrong usage, by its name. */
export class ServerFileError extends Error {
  readonly hint: string | null = null;

  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

export interface WatchOptions<T> {
  /** Read together; a value is made of all of them. */
  readonly paths: readonly string[];
  /** Throws, with a message for people, where the texts are not to be used. */
  parse(texts: readonly string[]): T;
  /** What it is, for messages: `Serving certificate`. */
  readonly what: string;
  readonly log: Log;
  /** Milliseconds between two readings. */
  readonly interval?: number;
}

/** The last good value of some files. */
export interface WatchedFiles<T> {
  current(): T;
  onChange(listener: (value: T) => void): void;
  stop(): void;
}

/**
 * Reads files now and again and again: contents, because mounted Secrets change by a swap of links that watching a file misses. What cannot
 * be used, such as a pair of which one half is new, is left aside, and the last good value stays. Rejects with ServerFileError where the first reading fails.
 */
export async function watchFiles<T>(options: WatchOptions<T>): Promise<WatchedFiles<T>> {
  const watched = new Watched(options);
  await watched.first();
  return watched;
}

class Watched<T> implements WatchedFiles<T> {
  readonly #options: WatchOptions<T>;
  readonly #listeners: ((value: T) => void)[] = [];
  #value: T | undefined;
  /** Of the last reading, good or bad: each state of the files is spoken of once. */
  #seen = '';
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: WatchOptions<T>) {
    this.#options = options;
  }

  current(): T {
    return this.#value as T;
  }

  onChange(listener: (value: T) => void): void {
    this.#listeners.push(listener);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async first(): Promise<void> {
    try {
      const texts = await readAll(this.#options.paths);
      this.#value = this.#options.parse(texts);
      this.#seen = JSON.stringify(texts);
    } catch (error) {
      throw new ServerFileError(this.#sentence(error));
    }
    this.#later();
  }

  #later(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#again(), this.#options.interval ?? SERVER_LIMITS.poll);
    this.#timer.unref();
  }

  async #again(): Promise<void> {
    try {
      const texts = await readAll(this.#options.paths);
      if (!this.#stopped) this.#take(texts);
    } catch (error) {
      this.#warn(String(error), error);
    }
    this.#later();
  }

  #take(texts: readonly string[]): void {
    const seen = JSON.stringify(texts);
    if (seen === this.#seen) return;
    try {
      this.#value = this.#options.parse(texts);
    } catch (error) {
      this.#warn(seen, error);
      return;
    }
    this.#seen = seen;
    this.#options.log.info({}, `${this.#options.what} has been read anew`);
    for (const listener of this.#listeners) listener(this.#value);
  }

  #warn(seen: string, error: unknown): void {
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#options.log.warn({}, `${this.#sentence(error)}; the last good one stays in use`);
  }

  #sentence(error: unknown): string {
    return `${this.#options.what} (${this.#options.paths.join(', ')}) cannot be used: ${words(error)}`;
  }
}

function readAll(paths: readonly string[]): Promise<string[]> {
  return Promise.all(paths.map(readBounded));
}

async function readBounded(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(SERVER_LIMITS.file + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    if (bytesRead > SERVER_LIMITS.file) throw new Error(`It is longer than ${SERVER_LIMITS.file} bytes`);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
