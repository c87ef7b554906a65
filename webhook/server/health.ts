import { createServer, type Server, type ServerResponse } from 'node:http';
import { SERVER_LIMITS } from '../limits.ts';
import type { Metrics } from '../metrics.ts';

export interface HealthOptions {
  /** What is missing for readiness, in short names; nothing: ready. */
  readonly missing: () => readonly string[];
  readonly metrics: Pick<Metrics, 'registry'>;
}

/** `/livez`, `/readyz` and `/metrics` over plain HTTP. That an answer comes at all is what `/livez` shows: it asks nothing else. */
export function createHealthServer(options: HealthOptions): Server {
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000, connectionsCheckingInterval: 1_000, keepAliveTimeout: 5_000, maxHeaderSize: SERVER_LIMITS.headers }, (request, response) => {
    const head = request.method === 'HEAD';
    const send = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text), 'X-Content-Type-Options': 'nosniff' });
      response.end(head ? undefined : text);
    };
    if (!head && request.method !== 'GET') refuse(response);
    else void answer((request.url ?? '').split('?', 1)[0]!, options, send);
  });
  server.maxConnections = SERVER_LIMITS.probeConnections;
  return server;
}

type Send = (status: number, text: string, type?: string) => void;

async function answer(path: string, { missing, metrics }: HealthOptions, send: Send): Promise<void> {
  try {
    if (path === '/livez') send(200, 'ok\n');
    else if (path === '/readyz') ready(missing(), send);
    else if (path === '/metrics') send(200, await metrics.registry.metrics(), metrics.registry.contentType);
    else send(404, 'Not found\n');
  } catch {
    send(503, 'not ready\nmissing: an answer, something broke\n');
  }
}

function ready(missing: readonly string[], send: Send): void {
  if (missing.length === 0) send(200, 'ok\n');
  else send(503, `not ready\n${missing.map((name) => `missing: ${name}\n`).join('')}`);
}

function refuse(response: ServerResponse): void {
  response.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 });
  response.end();
}
