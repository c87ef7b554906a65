import { LIMITS } from '../../wasm/limits.ts';
import { deadlineError, networkError, transient, unreadable } from './failure.ts';
import { after, type Timing } from './timing.ts';
import type { HttpResponse } from './transport.ts';

interface Reading {
  readonly timing: Timing;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** The body of an answer as it comes. Waiting for the network is limited, the reader's own time only by the deadline. Throws FetchError. */
export async function* bodyPieces(response: HttpResponse, { timing, deadline }: Reading): AsyncGenerator<Uint8Array, void> {
  const { message, url } = response;
  const pieces = message.iterator({ destroyOnReturn: true }) as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      const left = deadline - Date.now();
      const late = left <= timing.idle ? deadlineError(url.host) : transient('timeout', `${url.host} stopped sending for ${timing.idle / 1_000} seconds`);
      if (left <= 0) throw late;
      const stop = after(Math.min(left, timing.idle), () => message.destroy(late));
      const next = await pieces.next().finally(stop);
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    throw networkError(error, url.host);
  } finally {
    if (!message.complete) message.destroy();
  }
}

/** A whole body, never more than `limit` bytes of it. Throws FetchError, with code `too-large` before anything is kept where the length is announced. */
export async function readBody(response: HttpResponse, limit: number, reading: Reading): Promise<Uint8Array> {
  const announced = announcedLength(response);
  if (announced !== null && announced > limit) {
    response.message.destroy();
    throw tooLarge(response, limit);
  }
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const piece of bodyPieces(response, reading)) {
    length += piece.length;
    if (length > limit) throw tooLarge(response, limit);
    kept.push(piece);
  }
  return join(kept, length);
}

/** `Content-Length`, or null where the answer comes in chunks. */
export function announcedLength({ message }: HttpResponse): number | null {
  const header = message.headers['content-length'];
  return header === undefined ? null : Number(header);
}

/** Token answers and errors: short or refused. */
export function readSmallBody(response: HttpResponse, reading: Reading): Promise<Uint8Array> {
  return readBody(response, LIMITS.smallResponseBytes, reading);
}

function join(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function tooLarge({ url }: HttpResponse, limit: number): Error {
  return unreadable('too-large', `The answer of ${url.host} is longer than ${limit} bytes`);
}
