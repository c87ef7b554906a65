import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';

export interface TinyServer {
  /** `127.0.0.1:43123` */
  readonly host: string;
  readonly url: string;
  /** `GET /path` of every request, in order. */
  readonly seen: string[];
  /** Their headers. */
  readonly headers: IncomingMessage['headers'][];
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const running: Server[] = [];

/** A server on loopback that answers as it is told; ends with the test that started it. */
export async function serve(handler: Handler, tls: { readonly certificate: string; readonly key: string } | null = null): Promise<TinyServer> {
  const seen: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const listener: Handler = (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    handler(request, response);
  };
  const server = tls ? createTlsServer({ cert: tls.certificate, key: tls.key }, listener) : createServer(listener);
  running.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, url: `${tls ? 'https' : 'http'}://${host}`, seen, headers };
}

/** Ends every server that the test started. */
export function closeServersAfterEach(): void {
  afterEach(() => {
    for (const server of running.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });
}
