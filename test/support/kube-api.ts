import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach } from 'vitest';
import type { KubeName, KubeObject, KubeResource } from '../../webhook/kube/api.ts';
import { createStore, jsonPatched, merge, placeOf, Refusal, seenAs, type StoreQuery } from './kube-store.ts';
import { basicConstraints, der, extension, keyUsage, makeCertificate, type Name, sequence, testKey } from './x509-maker.ts';

/** One request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  /** Path as it was sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Common name of the client certificate that the server trusts; '' without one. */
  readonly client: string;
}

/** What goes wrong with requests whose `METHOD /path?query` fits. */
export interface Fault {
  readonly match: RegExp;
  /** How often; default 1. */
  readonly times?: number;
  /** `cut`: the connection is cut; `hang`: no answer ever; a number: a Status with that code. */
  readonly with: number | 'cut' | 'hang';
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of a Status. */
  readonly body?: string;
}

/**
 * An API server in memory, over TLS on loopback: enough of Kubernetes to write tests of what talks to it.
 *
 *     endKubeApisAfterEach();
 *     const api = await startKubeApi();
 *     api.put({ group: '', version: 'v1', resource: 'namespaces' }, { kind: 'Namespace', metadata: { name: 'team' } });
 *     const client = await openKubeClient({ kubeconfig: api.kubeconfig, timeout: 5 });
 *
 * Any group and resource exists until it is uninstalled. Lists come in pages from a snapshot; watches tell every change since a version,
 * with bookmarks, honour label and field selectors, and end after `timeoutSeconds`. Writes through the API keep `status`, writes to `/status` change nothing
 * else; versions collide as they should (409). Server-side apply creates or merges key by key, lists are replaced, ownership is not
 * followed. Nothing is validated against a schema.
 */
export interface FakeKubeApi {
  readonly url: string;
  /** Files to reach it with; the kubeconfig holds a token. */
  readonly folder: string;
  readonly kubeconfig: string;
  /** The certificate that the server's own comes from, in PEM. */
  readonly ca: string;
  /** Tokens that are accepted; a client certificate of this CA is accepted as well. First: that of the kubeconfig. */
  readonly tokens: Set<string>;
  readonly requests: SeenRequest[];
  /** `GET /api/v1/pods` of every request, in order. */
  readonly seen: readonly string[];
  /** TLS connections opened so far. */
  readonly connections: number;
  /** Watches that are open now. */
  readonly watches: number;
  /** Writes as another client would, whatever is there; `status` as well. Gives the stored object. */
  put(resource: KubeResource, object: KubeObject): KubeObject;
  remove(resource: KubeResource, name: KubeName): void;
  get(resource: KubeResource, name: KubeName): KubeObject | null;
  objects(resource: KubeResource, namespace?: string): readonly KubeObject[];
  /** From now on the resource is unknown (404), as before its definition is installed. */
  uninstall(resource: Pick<KubeResource, 'group' | 'resource'>): void;
  /** Makes requests fail; the oldest fault that fits is used first. */
  fail(fault: Fault): void;
  /** Old versions and continue tokens are gone: 410. `as`: how a watch hears of it. */
  expire(as?: 'event' | 'status'): void;
  /** Sends a bookmark to every open watch. */
  bookmark(): void;
  /** Watches stay open and say nothing more, bookmarks neither. */
  silence(): void;
  /** Writes to every open watch as it stands. */
  sendRaw(text: string): void;
  /** Cuts every connection; the server goes on. */
  cut(): void;
  /** Stops listening and cuts every connection; objects are kept. */
  stop(): Promise<void>;
  /** Listens again on the same port. */
  start(): Promise<void>;
  /** A certificate in PEM signed by its CA, with its key. */
  certificateFor(commonName: string): { readonly certificate: string; readonly key: string };
  close(): Promise<void>;
}

const running: FakeKubeApi[] = [];

/** Ends every fake API server that the test started. */
export function endKubeApisAfterEach(): void {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((api) => api.close()));
  });
}

interface OpenWatch {
  readonly response: ServerResponse;
  readonly kind: string;
  readonly apiVersion: string;
}

interface Target {
  readonly resource: KubeResource;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly subresource: string;
}

/** Starts it on a free port of 127.0.0.1. */
export async function startKubeApi(): Promise<FakeKubeApi> {
  const store = createStore();
  const authority = makeAuthority();
  const serving = authority.leaf('kube-apiserver');
  const folder = mkdtempSync(join(tmpdir(), 'wasmgate-kube-api-'));
  const tokens = new Set(['token-of-the-kubeconfig']);
  const requests: SeenRequest[] = [];
  const faults: { fault: Fault; left: number }[] = [];
  const pages = new Map<string, { readonly rest: readonly KubeObject[]; readonly version: number }>();
  const kinds = new Map<string, string>();
  const unknown = new Set<string>();
  const sockets = new Set<Socket>();
  const watches = new Set<OpenWatch>();
  const state = { connections: 0, silent: false, expiredAs: 'event' as 'event' | 'status', port: 0, page: 0 };

  const learn = (resource: KubeResource, object: KubeObject) => {
    if (typeof object.kind === 'string') kinds.set(placeOf(resource), object.kind);
  };
  const kindOf = (resource: KubeResource) => kinds.get(placeOf(resource)) ?? 'Unknown';

  const list = (response: ServerResponse, target: Target, query: URLSearchParams) => {
    const token = query.get('continue');
    const limit = Number(query.get('limit') ?? 0) || Infinity;
    const page = token === null ? { rest: store.list(target.resource, queryOf(target, query)), version: store.version } : pages.get(token);
    if (!page) throw new Refusal(410, 'Expired', 'The provided continue parameter is too old to display a consistent list result');
    const rest = page.rest.slice(limit);
    const next = rest.length > 0 ? `page-${++state.page}` : '';
    if (next) pages.set(next, { rest, version: page.version });
    // Items of built-in kinds come without kind and apiVersion, those of custom resources with them.
    const items = page.rest.slice(0, limit).map(({ kind, apiVersion, ...item }) => (isBuiltIn(target.resource) ? item : { kind, apiVersion, ...item }));
    const { resource } = target;
    answer(response, 200, { kind: `${kindOf(resource)}List`, apiVersion: apiVersionOf(resource), metadata: { resourceVersion: String(page.version), ...(next ? { continue: next, remainingItemCount: rest.length } : {}) }, items });
  };

  const watch = (response: ServerResponse, target: Target, query: URLSearchParams) => {
    const after = Number(query.get('resourceVersion') ?? '0');
    const wanted = queryOf(target, query);
    const expired = after > 0 && after < store.compacted;
    if (expired && state.expiredAs === 'status') throw new Refusal(410, 'Expired', `too old resource version: ${after} (${store.compacted})`);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (expired) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: statusOf(410, 'Expired', `too old resource version: ${after} (${store.compacted})`) })}\n`);
      return;
    }
    const open: OpenWatch = { response, kind: kindOf(target.resource), apiVersion: apiVersionOf(target.resource) };
    watches.add(open);
    const unfollow = store.follow(after, (event) => {
      const type = event.place === placeOf(target.resource) ? seenAs(event, wanted) : null;
      if (type && !state.silent) response.write(`${JSON.stringify({ type, object: event.object })}\n`);
    });
    const seconds = Number(query.get('timeoutSeconds') ?? 0);
    const timer = seconds > 0 ? setTimeout(() => state.silent || response.end(), seconds * 1000) : undefined;
    response.on('close', () => {
      clearTimeout(timer);
      unfollow();
      watches.delete(open);
    });
  };

  const write = (target: Target, { method, headers, body }: SeenRequest): readonly [number, KubeObject] => {
    const { resource, namespace, name, subresource } = target;
    const type = (headers['content-type'] ?? '').split(';')[0];
    const place = { ...(namespace === null ? {} : { namespace }), ...(name === null ? {} : { name }) };
    if (method === 'DELETE') {
      const gone = store.remove(resource, { name: name ?? '', ...place });
      if (!gone) throw new Refusal(404, 'NotFound', `${resource.resource} "${name}" not found`);
      return [200, gone];
    }
    const sent = parse(body) as KubeObject;
    const named = { ...sent, metadata: { ...sent.metadata, ...place } };
    if (method === 'POST' || method === 'PUT') {
      if (type !== 'application/json') throw new Refusal(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - ${type}`);
      learn(resource, sent);
      if (method === 'PUT') return [200, store.replace(resource, named, subresource)];
      const prefix = (sent.metadata as { generateName?: string }).generateName;
      return [201, store.create(resource, named.metadata.name || !prefix ? named : { ...named, metadata: { ...named.metadata, name: `${prefix}${Math.random().toString(36).slice(2, 7)}` } })];
    }
    const before = store.get(resource, { name: name ?? '', ...place });
    if (type === 'application/apply-patch+yaml') {
      learn(resource, sent);
      if (!before && subresource === '') return [201, store.create(resource, named)];
    }
    if (!before) throw new Refusal(404, 'NotFound', `${resource.resource} "${name}" not found`);
    const patched = (type === 'application/json-patch+json' ? jsonPatched(before, parse(body) as never) : merge(before, named)) as KubeObject;
    if (!['application/json-patch+json', 'application/apply-patch+yaml', 'application/merge-patch+json'].includes(type ?? '')) throw new Refusal(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - ${type}`);
    return [200, store.replace(resource, patched, subresource)];
  };

  const handle = (request: SeenRequest, response: ServerResponse) => {
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!request.client && !(token !== undefined && tokens.has(token))) throw new Refusal(401, 'Unauthorized', 'Unauthorized');
    const target = targetOf(request.path);
    if (!target || unknown.has(placeOf(target.resource))) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
      response.end('404 page not found\n');
      return;
    }
    if (request.method !== 'GET') return answer(response, ...write(target, request));
    if (target.name === null) return request.query.get('watch') ? watch(response, target, request.query) : list(response, target, request.query);
    const object = store.get(target.resource, { name: target.name, ...(target.namespace === null ? {} : { namespace: target.namespace }) });
    if (!object) throw new Refusal(404, 'NotFound', `${target.resource.resource} "${target.name}" not found`);
    answer(response, 200, object);
  };

  const serve = async (message: IncomingMessage, response: ServerResponse) => {
    const [path = '', search = ''] = (message.url ?? '').split(/\?(.*)/s);
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const socket = message.socket as TLSSocket;
    const client = socket.authorized ? String(socket.getPeerCertificate().subject?.CN ?? '') : '';
    const request: SeenRequest = { method: message.method ?? '', path, query: new URLSearchParams(search), headers: message.headers, body: Buffer.concat(chunks).toString(), client };
    requests.push(request);
    const found = faults.find(({ fault, left }) => left > 0 && fault.match.test(`${request.method} ${message.url}`));
    if (found) {
      found.left--;
      return fault(found.fault, response);
    }
    try {
      handle(request, response);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer(response, error.status, statusOf(error.status, error.reason, error.message));
    }
  };

  let server: Server;
  const start = async () => {
    server = createServer({ cert: serving.certificate, key: serving.key, ca: authority.certificate, requestCert: true, rejectUnauthorized: false }, (message, response) => {
      serve(message, response).catch((error: unknown) => response.destroy(error as Error));
    });
    server.on('secureConnection', (socket) => {
      state.connections++;
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => {
      server.listen(state.port, '127.0.0.1', resolve);
    });
    state.port = (server.address() as AddressInfo).port;
  };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const stop = async () => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    cut();
    server.closeAllConnections();
    await closed;
  };

  await start();
  const url = `https://127.0.0.1:${state.port}`;
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify(kubeconfigFor(url, authority.certificate, { token: [...tokens][0] })));

  const api: FakeKubeApi = {
    url,
    folder,
    kubeconfig,
    ca: authority.certificate,
    tokens,
    requests,
    get seen() {
      return requests.map(({ method, path }) => `${method} ${path}`);
    },
    get connections() {
      return state.connections;
    },
    get watches() {
      return watches.size;
    },
    put(resource, object) {
      learn(resource, object);
      return store.put(resource, object);
    },
    remove: (resource, name) => void store.remove(resource, name),
    get: (resource, name) => store.get(resource, name),
    objects: (resource, namespace) => store.list(resource, { namespace: namespace ?? null, labelSelector: '', fieldSelector: '' }),
    uninstall: (resource) => void unknown.add(placeOf(resource)),
    fail: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    expire(as = 'event') {
      state.expiredAs = as;
      pages.clear();
      store.compact();
    },
    bookmark() {
      if (state.silent) return;
      for (const { response, kind, apiVersion } of watches) response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { kind, apiVersion, metadata: { resourceVersion: String(store.version), creationTimestamp: null } } })}\n`);
    },
    silence: () => void (state.silent = true),
    sendRaw(text) {
      for (const { response } of watches) response.write(text);
    },
    cut,
    stop,
    start,
    certificateFor: (commonName) => authority.leaf(commonName),
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  running.push(api);
  return api;
}

/** A kubeconfig with one context; JSON is YAML. */
export function kubeconfigFor(url: string, ca: string, user: Readonly<Record<string, unknown>>): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'fake', cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'tester', user }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'tester' } }],
    'current-context': 'fake',
  };
}

function targetOf(path: string): Target | null {
  const match = /^\/(?:api\/(?<core>[a-z0-9]+)|apis\/(?<group>[a-z0-9.-]+)\/(?<version>[a-z0-9]+))\/(?<rest>.+)$/.exec(path);
  if (!match?.groups) return null;
  const { core, group = '', version = core ?? '', rest = '' } = match.groups;
  const parts = rest.split('/').map(decodeURIComponent);
  const inNamespace = parts[0] === 'namespaces' && parts.length > 2 && !['status', 'finalize'].includes(parts[2] ?? '');
  const [resource = '', name = null, subresource = '', ...more] = inNamespace ? parts.slice(2) : parts;
  if (resource === '' || name === '' || more.length > 0) return null;
  return { resource: { group, version, resource }, namespace: inNamespace ? (parts[1] ?? null) : null, name, subresource };
}

function queryOf({ namespace }: Target, query: URLSearchParams): StoreQuery {
  return { namespace, labelSelector: query.get('labelSelector') ?? '', fieldSelector: query.get('fieldSelector') ?? '' };
}

function fault({ with: how, reason = '', headers = {}, body }: Fault, response: ServerResponse): void {
  if (how === 'cut') response.destroy();
  else if (how !== 'hang') {
    response.writeHead(how, { 'content-type': 'application/json', ...headers });
    response.end(body ?? JSON.stringify(statusOf(how, reason, `Injected ${how}`)));
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function statusOf(code: number, reason: string, message: string): unknown {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Refusal(400, 'BadRequest', 'the body of the request is no JSON');
  }
}

function apiVersionOf({ group, version }: KubeResource): string {
  return group ? `${group}/${version}` : version;
}

function isBuiltIn({ group }: KubeResource): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

/** A CA, and leaves that are good for 127.0.0.1 and localhost, for a day around now. */
function makeAuthority() {
  const dates = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 86_400_000) };
  const subject: Name = [['CN', 'fake-kubernetes-ca']];
  const key = testKey('p256', 'fake-kubernetes-ca');
  const certificate = makeCertificate({ ...dates, subject, key, extensions: [basicConstraints('ca'), keyUsage(['keyCertSign'])] }).toString();
  const names = extension('2.5.29.17', sequence(der(0x87, Uint8Array.of(127, 0, 0, 1)), der(0x82, new TextEncoder().encode('localhost'))));
  let serial = 2;
  const leaf = (commonName: string) => {
    const own = testKey('p256', `fake-kubernetes-leaf-${commonName}`);
    const made = makeCertificate({ ...dates, serial: serial++, subject: [['CN', commonName]], key: own, issuer: { subject, key }, extensions: [names] });
    return { certificate: made.toString(), key: own.export({ type: 'pkcs8', format: 'pem' }) as string };
  };
  return { certificate, leaf };
}
