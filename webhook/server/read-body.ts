import type { IncomingMessage } from 'node:http';
import { WEBHOOK_LIMITS } from '../limits.ts';
import { Refusal } from './refusal.ts';

/** What all bodies together may hold. */
export class BodyBudget {
  readonly #most: number;
  #taken = 0;

  /** @param most bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  /** False: there is no room. */
  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#most) return false;
    this.#taken += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#taken -= bytes;
  }
}

export interface BodyOptions {
  readonly budget: BodyBudget;
  /** Milliseconds for the whole body. */
  readonly timeout: number;
}

/**
 * The whole body of a request. Its bytes stay taken from the budget; the caller gives them back. Rejects with a Refusal: 413 beyond 8 MiB
 * (by the declared length before anything is read), 408 where it does not come in time, 503 where there is no room, 400 where it breaks off.
 */
export function readBody(request: IncomingMessage, options: BodyOptions): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > WEBHOOK_LIMITS.body) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const reading = new Reading(request, options, { resolve, reject });
    reading.start();
  });
}

interface Outcome {
  resolve(bytes: Uint8Array): void;
  reject(error: Error): void;
}

/** One body on its way in. Whatever is left of a refused one is read and thrown away: closing at once would often destroy the answer too. */
class Reading {
  readonly #request: IncomingMessage;
  readonly #options: BodyOptions;
  readonly #outcome: Outcome;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(request: IncomingMessage, options: BodyOptions, outcome: Outcome) {
    this.#request = request;
    this.#options = options;
    this.#outcome = outcome;
  }

  start(): void {
    this.#timer = setTimeout(() => this.#refuse(new Refusal(408, 'slow-body', 'The body did not come in time')), this.#options.timeout);
    this.#request.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onBreak).on('close', this.#onBreak);
  }

  #onData = (chunk: Uint8Array): void => {
    if (this.#length + chunk.length > WEBHOOK_LIMITS.body) return this.#refuse(tooLarge());
    if (!this.#options.budget.take(chunk.length)) return this.#refuse(new Refusal(503, 'busy', 'Too many reviews at once'));
    this.#length += chunk.length;
    this.#chunks.push(chunk);
  };

  #onEnd = (): void => {
    this.#stop();
    this.#outcome.resolve(this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#length));
  };

  #onBreak = (): void => this.#refuse(new Refusal(400, 'broken-body', 'The body broke off'));

  #refuse(refusal: Refusal): void {
    this.#stop();
    this.#options.budget.give(this.#length);
    this.#chunks = [];
    this.#request.on('error', () => {}).resume();
    this.#outcome.reject(refusal);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#request.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onBreak).off('close', this.#onBreak);
  }
}

function tooLarge(): Refusal {
  return new Refusal(413, 'too-large', `The body is longer than ${WEBHOOK_LIMITS.body} bytes`);
}
