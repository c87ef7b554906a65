import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a service of this process answers. */
export interface Answer { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }

/** A JSON answer. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

export interface Request { readonly method: string; readonly path: string; readonly body: Buffer }
export interface Loopback { readonly url: string; close(): Promise<void> }

/** An HTTP server on a free port of 127.0.0.1; null of the handler: 404. */
export async function serve(handle: (request: Request) => Answer | null): Promise<Loopback> {
  const server = createServer((incoming, response) => void (async () => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming as AsyncIterable<Buffer>) pieces.push(piece);
    const path = new URL(incoming.url ?? '/', 'http://loopback.invalid').pathname;
    const answer = handle({ method: incoming.method ?? 'GET', path, body: Buffer.concat(pieces) }) ?? json({ message: 'not found' }, 404);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  })().catch((error: unknown) => response.writeHead(500).end(String(error))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

/** Ports that are free now: all are held at once, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => serve(() => null)));
  const ports = held.map(({ url }) => Number(new URL(url).port));
  await Promise.all(held.map((server) => server.close()));
  return ports;
}
