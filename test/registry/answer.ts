import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** One request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What is sent back. A fault replaces the honest one. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A list of pieces is sent without Content-Length, and stops when the reader goes away. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** The connection is reset after so many bytes of the body; 0: before the head. */
  readonly resetAfter?: number;
  /** The body goes out in pieces of so many bytes, with a pause before each. */
  readonly drip?: { readonly bytes: number; readonly milliseconds: number };
}

/** An answer without surprises. */
export function answer(status: number, body: Uint8Array | string = '', headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, body: typeof body === 'string' ? new TextEncoder().encode(body) : body, headers };
}

/** A JSON answer. */
export function json(value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return answer(200, JSON.stringify(value), { 'content-type': 'application/json', ...headers });
}

/** An error as the distribution specification writes it. */
export function refusal(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = JSON.stringify({ errors: [{ code, message: code.toLowerCase().replaceAll('_', ' '), detail: null }] });
  return answer(status, body, { 'content-type': 'application/json', ...headers });
}

/** Writes an answer, lies included. Resolves when everything was sent or the reader has gone. */
export async function send(response: ServerResponse, { method }: SeenRequest, { status, headers, body, resetAfter, drip }: Answer): Promise<void> {
  if (resetAfter === 0) return reset(response);
  const whole = body instanceof Uint8Array;
  const length = whole && headers['content-length'] === undefined && headers['transfer-encoding'] === undefined ? { 'content-length': String(body.length) } : {};
  response.writeHead(status, { ...headers, ...length });
  if (method === 'HEAD') return end(response);
  const pieces = whole ? cut(body.subarray(0, resetAfter), drip?.bytes ?? 65_536) : body;
  for await (const piece of pieces) {
    if (drip) await wait(drip.milliseconds);
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  if (resetAfter !== undefined) return reset(response);
  const promised = headers['content-length'];
  // A promise of more than there is would leave the reader waiting for ever: end the connection instead.
  if (whole && promised !== undefined && Number(promised) > body.length) response.socket?.end();
  else await end(response);
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function end(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.end(() => resolve());
  });
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
