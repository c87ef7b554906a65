import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Cluster, HttpMethod, KubeConfig, RequestContext, type User } from '@kubernetes/client-node';
import { words } from '../../scanner/words.ts';
import { readOneYaml } from '../../scanner/yaml.ts';
import { KUBE_LIMITS } from '../limits.ts';
import { KubeError } from './api.ts';

/** One request to the API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Beginning with `/api`, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly signal: AbortSignal;
}

/** Status and headers of an answer, and its body as it comes. The body must be read to its end or destroyed. */
export interface ApiAnswer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: AsyncIterable<Uint8Array> & { destroy(): void };
}

/** An API server, and what is needed to be let in. */
export interface ApiAccess {
  /** Address without a path. */
  readonly origin: string;
  /** Namespace of the service account or of the context; null: none is said. */
  readonly namespace: string | null;
  /** Sends one request with credentials as they stand now. Redirects are answers like any other. Throws what went wrong, be it credentials or connection. */
  send(request: ApiRequest): Promise<ApiAnswer>;
  /** Cuts every connection. */
  close(): Promise<void>;
}

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

/** Access by a kubeconfig file, or, with null, by the service account of the pod; its files are below `root`. Throws KubeError with status 0 and the reason in words. */
export function loadApiAccess({ kubeconfig, root = '' }: { readonly kubeconfig: string | null; readonly root?: string }): ApiAccess {
  const { config, dispatchers } = pooledConfig();
  if (kubeconfig === null) loadServiceAccount(config, root);
  else loadFile(config, kubeconfig);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw refused(`No cluster is chosen in ${kubeconfig ?? 'the service account'}`);
  const server = serverOf(cluster);
  const prefix = server.pathname.replace(/\/+$/, '');
  return {
    origin: server.origin,
    namespace: config.getContextObject(config.getCurrentContext())?.namespace?.trim() || null,
    async send({ method, path, headers, body, signal }) {
      const context = new RequestContext(server.href, HttpMethod.GET);
      await config.applySecurityAuthentication(context);
      const dispatcher = context.getDispatcher();
      if (!dispatcher) throw refused('The Kubernetes client made no connection pool');
      signal.throwIfAborted();
      // HTTP/1.1: a watch that hangs then has a connection of its own. No bounds of time here: the caller has them.
      const options = { origin: server.origin, path: prefix + path, method, headers: { 'user-agent': 'wasmgate', ...headers, ...cleaned(context.getHeaders()) }, body, signal, headersTimeout: 0, bodyTimeout: 0, allowH2: false };
      const answer = await dispatcher.request(options);
      // Errors of a body that nobody reads any more are no news; whoever reads it is told all the same.
      answer.body.on('error', () => {});
      const retryAfter = answer.headers['retry-after'];
      return { status: answer.statusCode, retryAfter: typeof retryAfter === 'string' ? retryAfter : null, body: answer.body };
    },
    close: () => dispatchers.close(),
  };
}

/**
 * A configuration whose requests share one connection pool. The library makes a new one for every request, and so a new TLS connection; its method is
 * private to TypeScript only. A pool is made anew when certificates have changed.
 */
function pooledConfig() {
  const config = new KubeConfig();
  const { createDispatcher } = config as unknown as { readonly createDispatcher: (this: KubeConfig, cluster: Cluster | null, options: object) => Dispatcher | undefined };
  let kept: { readonly key: string; readonly dispatcher: Dispatcher | undefined } | null = null;
  const replacement = (cluster: Cluster | null, options: object) => {
    const key = createHash('sha256').update(JSON.stringify([cluster, options])).digest('base64');
    if (kept?.key === key) return kept.dispatcher;
    // Requests under way end as they began.
    kept?.dispatcher?.close().catch(() => {});
    // With nothing to set the library makes no pool at all; checking certificates is what happens anyway.
    kept = { key, dispatcher: createDispatcher.call(config, cluster, options) ?? createDispatcher.call(config, cluster, { ...options, rejectUnauthorized: true }) };
    return kept.dispatcher;
  };
  Object.defineProperty(config, 'createDispatcher', { value: replacement });
  const close = async () => {
    await kept?.dispatcher?.destroy();
  };
  return { config, dispatchers: { close } };
}

function loadServiceAccount(config: KubeConfig, root: string): void {
  if (!process.env['KUBERNETES_SERVICE_HOST'] || !process.env['KUBERNETES_SERVICE_PORT']) throw refused('No Kubernetes API is known: this process runs in no pod, and no kubeconfig was given');
  config.loadFromCluster(root);
  // The library reads this file once a minute and sends the line end along.
  const provider = config.getCurrentUser()?.authProvider as { readonly config: { readonly tokenFile: string } };
  useTokenFile(config, provider.config.tokenFile);
}

function loadFile(config: KubeConfig, path: string): void {
  const text = readBounded(path).toString('utf8');
  const { value, faults } = readOneYaml(text);
  if (faults.length > 0) throw refused(`Kubeconfig ${path} is no YAML: ${faults[0]?.message}`);
  try {
    config.loadFromString(text);
    config.makePathsAbsolute(dirname(path));
  } catch (error) {
    throw refused(`Kubeconfig ${path} cannot be used: ${words(error)}`);
  }
  const user = userOf(value, config.getCurrentUser()?.name);
  const unsupported = ['as-groups', 'as-uid', 'as-user-extra'].filter((key) => user[key] !== undefined && user[key] !== null);
  if (unsupported.length > 0) throw refused(`Kubeconfig ${path} asks to act as somebody else by ${unsupported.join(', ')}, which is not supported`);
  const { tokenFile } = user;
  if (typeof tokenFile === 'string' && tokenFile !== '') useTokenFile(config, resolve(dirname(path), tokenFile));
}

/** `user` of the entry with this name. */
function userOf(kubeconfig: unknown, name: string | undefined): Readonly<Record<string, unknown>> {
  const { users } = (kubeconfig ?? {}) as { users?: unknown };
  const found = Array.isArray(users) ? (users as { name?: unknown; user?: unknown }[]).find((one) => one?.name === name)?.user : null;
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
}

const TOKEN_FILE = 'wasmgate-token-file';

/** Has the current user log in with what the file holds at the time of each request; while it cannot be read, with what it held last. */
function useTokenFile(config: KubeConfig, path: string): void {
  const current = config.getCurrentUser();
  config.users = config.users.map((user) => (user.name === current?.name ? withoutToken(user) : user));
  let last: string | null = null;
  const authenticator: Parameters<KubeConfig['addAuthenticator']>[0] = {
    isAuthProvider: (user) => (user.authProvider as { name?: string } | null)?.name === TOKEN_FILE,
    async applyAuthentication(_user, options) {
      last = readToken(path, last);
      options.headers = { ...options.headers, Authorization: `Bearer ${last}` };
    },
  };
  config.addAuthenticator(authenticator);
}

function withoutToken(user: User): User {
  const { token: _, ...rest } = user;
  return { ...rest, authProvider: { name: TOKEN_FILE } };
}

function readToken(path: string, last: string | null): string {
  try {
    const token = readBounded(path).toString('utf8').trim();
    if (token === '') throw refused(`Token file ${path} is empty`);
    return token;
  } catch (error) {
    if (last === null) throw error;
    return last;
  }
}

function readBounded(path: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw refused(`File cannot be read: ${words(error)}`);
  }
  if (bytes.length > KUBE_LIMITS.file) throw refused(`File ${path} has more than ${KUBE_LIMITS.file} bytes`);
  return bytes;
}

/** Headers of the credentials without blanks around them: a token with a line end would break the request. */
function cleaned(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const text = value.trim();
      if (!/^[\x20-\x7e]*$/.test(text)) throw refused(`Credentials for the Kubernetes API hold characters that cannot be sent in ${name}`);
      return [name, text];
    }),
  );
}

function serverOf(cluster: Cluster): URL {
  if (!URL.canParse(cluster.server)) throw refused('Address of the Kubernetes API is no URL');
  const server = new URL(cluster.server);
  // Tokens would cross the network in the clear.
  if (server.protocol !== 'https:') throw refused('Address of the Kubernetes API is not https');
  if (server.username || server.password || server.search || server.hash) throw refused('Address of the Kubernetes API holds more than host and path');
  return server;
}

function refused(message: string): KubeError {
  return new KubeError(message, { status: 0, reason: '' });
}
