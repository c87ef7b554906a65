import type { Log } from '../log.ts';
import { SERVER_LIMITS } from '../limits.ts';

/** Milliseconds. */
const WINDOW = 60_000;

/** Warns of what strangers can cause at will: some lines a minute for each reason, and later how many there would have been. */
export class SparingLog {
  readonly #log: Log;
  readonly #counts = new Map<string, number>();
  #since = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param reason one of a fixed set of words. @param now milliseconds since the epoch. */
  warn(reason: string, message: string, now: number): void {
    if (now - this.#since >= WINDOW) this.#turn(now);
    const count = (this.#counts.get(reason) ?? 0) + 1;
    this.#counts.set(reason, count);
    if (count <= SERVER_LIMITS.refusalLines) this.#log.warn({ reason }, message);
  }

  #turn(now: number): void {
    for (const [reason, count] of this.#counts) {
      if (count > SERVER_LIMITS.refusalLines) this.#log.warn({ reason, left: count - SERVER_LIMITS.refusalLines }, 'More requests were refused than are listed');
    }
    this.#counts.clear();
    this.#since = now;
  }
}
