/**
 * A registry for tests: the OCI distribution API in this process, on a free port of 127.0.0.1.
 *
 *   const registry = await startRegistry({ auth: { mode: 'basic', username: 'u', password: 'p' }, faults: [on('GET', /\/blobs\//, truncated(3))] });
 *   await pushTo(registry, 'acme/app', 'v1', wasmArtifact(wasm));     // push.ts builds artifacts; into any registry
 *   registry.put('acme/app', 'v1', manifestBytes, [blob, blob]);      // or by hand; gives the digest
 *   ... `${registry.host}/acme/app:v1` is the reference ...
 *   registry.count('GET', /\/blobs\/sha256:/); registry.requests.at(-1)?.headers['authorization'];
 *   registry.faults.push(on('GET', /\/manifests\/v1$/, failing(503), 2));
 *   await registry.close();
 *
 * `registryOptions([registry], {...})` in ../support/registry-options.ts gives options with which the client may talk to it.
 * Faults and their words: faults.ts. Authentication: auth.ts.
 */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { send, type Answer, type SeenRequest } from './answer.ts';
import { Gate, type Auth } from './auth.ts';
import { selfSigned } from './certificate.ts';
import type { Fault } from './faults.ts';
import { routed, type RouteOptions } from './routes.ts';
import { digestOf, parse, Store } from './store.ts';

export interface RegistryServerOptions extends RouteOptions {
  readonly auth?: Auth;
  /** HTTPS with a self-signed certificate; its PEM is `registry.authority`. */
  readonly tls?: boolean;
  readonly faults?: readonly Fault[];
}

export interface TestRegistry {
  /** `127.0.0.1:43123`, as references write it. */
  readonly host: string;
  /** `http://127.0.0.1:43123` */
  readonly url: string;
  /** PEM of the certificate; null: plain HTTP. */
  readonly authority: string | null;
  /** Everything that was asked for, in order. May be emptied. */
  readonly requests: SeenRequest[];
  /** May grow and shrink while the registry runs. The first that matches a request meets it. */
  readonly faults: Fault[];
  /** Requests by method and path (with query). */
  count(method: string, path: RegExp): number;
  /** Stores blobs and a manifest, under a tag or only by digest; nothing is looked at, so anything goes. Gives the manifest's digest. */
  put(repository: string, tag: string | null, manifest: Uint8Array | object, blobs?: readonly Uint8Array[], mediaType?: string): string;
  /** Stores bytes under a digest that need not be theirs. */
  forge(repository: string, digest: string, blob: Uint8Array): void;
  /** Ends every connection. */
  close(): Promise<void>;
}

/** Starts a registry. Nothing is shared between two of them. */
export async function startRegistry(options: RegistryServerOptions = {}): Promise<TestRegistry> {
  const store = new Store();
  const requests: SeenRequest[] = [];
  const faults = [...options.faults ?? []];
  const gate = new Gate(options.auth ?? { mode: 'none' });
  const route = routed(store, options);
  const turns = new Map<Fault, number>();
  const secrets = options.tls ? selfSigned() : null;
  const place = { url: '' };
  const listener: RequestListener = (incoming, response) => void (async () => {
    const seen = await read(incoming);
    requests.push(seen);
    const honest = seen.path === '/token' ? gate.token(seen) : gate.challenge(seen, place.url) ?? route(seen);
    await send(response, seen, twisted(honest, seen, { faults, turns }));
  })().catch((error: unknown) => {
    if (!response.headersSent) response.writeHead(500);
    response.end(String(error));
  });
  const server = secrets ? createTlsServer({ cert: secrets.certificate, key: secrets.key }, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  place.url = `${secrets ? 'https' : 'http'}://${host}`;
  return {
    host, url: place.url, authority: secrets?.certificate ?? null, requests, faults,
    count: (method, path) => requests.filter((seen) => seen.method === method && path.test(target(seen))).length,
    put: (repository, tag, manifest, blobs = [], mediaType) => put(store, { repository, tag, blobs, bytes: manifest instanceof Uint8Array ? manifest : Buffer.from(JSON.stringify(manifest)), ...(mediaType === undefined ? {} : { mediaType }) }),
    forge: (repository, digest, blob) => void store.make(repository).blobs.set(digest, blob),
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function put(store: Store, { repository, tag, bytes, blobs, mediaType }: { repository: string; tag: string | null; bytes: Uint8Array; blobs: readonly Uint8Array[]; mediaType?: string }): string {
  const own = store.make(repository);
  for (const blob of blobs) own.blobs.set(digestOf(blob), blob);
  const digest = digestOf(bytes);
  own.manifests.set(digest, { bytes, mediaType: mediaType ?? parse(bytes)?.mediaType ?? 'application/vnd.oci.image.manifest.v1+json' });
  if (tag !== null) own.tags.set(tag, digest);
  return digest;
}

function twisted(honest: Answer, seen: SeenRequest, { faults, turns }: { faults: readonly Fault[]; turns: Map<Fault, number> }): Answer {
  const fault = faults.find((fault) => fault.method === seen.method && fault.path.test(target(seen)) && (turns.get(fault) ?? 0) < fault.times);
  if (!fault) return honest;
  const turn = turns.get(fault) ?? 0;
  turns.set(fault, turn + 1);
  return fault.twist(honest, seen, turn);
}

function target({ path, query }: SeenRequest): string {
  return query.size > 0 ? `${path}?${query.toString()}` : path;
}

async function read(incoming: IncomingMessage): Promise<SeenRequest> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming as AsyncIterable<Buffer>) pieces.push(piece);
  const url = new URL(incoming.url ?? '/', 'http://registry.invalid');
  const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
  return { method: incoming.method ?? 'GET', path: url.pathname, query: url.searchParams, headers, body: Buffer.concat(pieces) };
}

