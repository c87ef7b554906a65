import { X509Certificate } from 'node:crypto';
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { createSecureContext, getCACertificates, type ConnectionOptions, type SecureContext } from 'node:tls';
import { deadlineError, networkError, transient } from './failure.ts';
import { hostAndPort, type Circle, type Guard } from './guard.ts';
import { proxyFor } from './proxy.ts';
import type { RegistryOptions } from './registry.ts';
import { after, type Timing } from './timing.ts';

export interface HttpRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  readonly circle: Circle;
}

/** An answer whose body is still to be read, or to be given up with `discard`. */
export interface HttpResponse {
  readonly status: number;
  readonly url: URL;
  readonly message: IncomingMessage;
}

/** One request and its answer: no redirects, no credentials, no second try. */
export interface Transport {
  /** Throws FetchError: refused addresses, the network, the deadline. */
  send(request: HttpRequest): Promise<HttpResponse>;
  /** An https host whose certificate is not looked at, because it is listed as insecure. `host:port`. */
  trustBlindly(host: string): void;
  close(): void;
}

/** Idle connections kept, and connections of one host. */
const SOCKETS = { keepAlive: true, maxSockets: 64, maxFreeSockets: 16 } as const;

export interface TransportOptions extends Pick<RegistryOptions, 'authorities' | 'environment'> {
  readonly guard: Guard;
  readonly timing: Timing;
}

/** A transport over the HTTP clients of Node, because only they tell which address is connected to. Throws RangeError for an authority that is no certificate. */
export function createTransport(options: TransportOptions): Transport {
  const agents = new Map<string, HttpAgent>();
  const blind = new Set<string>();
  const contexts = new Map(Object.entries(options.authorities).map(([host, pem]) => [withPort(host), contextOf(host, pem)]));
  const tls = (url: URL): ConnectionOptions => {
    const secureContext = contexts.get(hostAndPort(url));
    // Said aloud, because a variable of the process could turn it off otherwise.
    return { rejectUnauthorized: !blind.has(hostAndPort(url)), ...(secureContext === undefined ? {} : { secureContext }) };
  };
  return {
    trustBlindly: (host) => {
      blind.add(host);
    },
    send: async (request) => {
      const { url, circle } = request;
      options.guard.inspect(url, circle);
      const proxy = proxyFor(url, options.environment);
      // A proxy resolves names itself, so the list of hosts is all there is to go by.
      if (proxy !== null) options.guard.inspectProxied(url, circle);
      const agent = agentFor(agents, { url, circle, proxy });
      return exchange({ ...request, timing: options.timing }, {
        agent, method: request.method, headers: headersOf(request), ...(url.protocol === 'https:' ? tls(url) : {}),
        ...(proxy === null ? { lookup: options.guard.lookupFor(url, circle) } : {}),
      });
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

/** Ends an answer without reading it whole: a short body is let run out, so that its connection can be used again. */
export function discard({ message }: HttpResponse): void {
  if (message.closed) return;
  message.on('error', () => undefined);
  const length = Number(message.headers['content-length'] ?? Number.NaN);
  if (!(length <= 65_536)) {
    message.destroy();
    return;
  }
  const stop = after(2_000, () => message.destroy());
  message.once('close', stop).resume();
}

/** The authorities of the system and one more. */
function contextOf(host: string, pem: string): SecureContext {
  try {
    // What is no certificate would be passed over in silence.
    const own = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [''];
    for (const certificate of own) void new X509Certificate(certificate);
    return createSecureContext({ ca: [...getCACertificates('default'), ...own] });
  } catch (error) {
    throw new RangeError(`The certificate authority for ${host} is no PEM certificate`, { cause: error });
  }
}

function withPort(host: string): string {
  return /:\d+$/.test(host) ? host.toLowerCase() : `${host.toLowerCase()}:443`;
}

function headersOf({ headers, body }: HttpRequest): Record<string, string> {
  return { ...headers, 'user-agent': 'wasmgate', 'accept-encoding': 'identity', ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) };
}

/** Connections are never shared between circles: an open one is not looked up again. */
function agentFor(agents: Map<string, HttpAgent>, target: { readonly url: URL; readonly circle: Circle; readonly proxy: string | null }): HttpAgent {
  const { url, circle, proxy } = target;
  const key = JSON.stringify([url.protocol, circle, proxy]);
  const kept = agents.get(key);
  if (kept) return kept;
  const options = proxy === null ? SOCKETS : { ...SOCKETS, proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } };
  const agent = url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
  agents.set(key, agent);
  return agent;
}

/** From sending to the head of the answer, within the time limits. */
function exchange(sent: HttpRequest & { readonly timing: Timing }, options: RequestOptions): Promise<HttpResponse> {
  const { url, timing, deadline, body } = sent;
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
    const stops = [after(deadline - Date.now(), () => request.destroy(deadlineError(url.host))), limitConnecting(request, url, timing)];
    const settle = (): void => {
      for (const stop of stops) stop();
    };
    request.on('error', (error) => {
      settle();
      reject(networkError(error, url.host));
    });
    request.on('response', (message) => {
      settle();
      resolve({ status: message.statusCode ?? 0, url, message });
    });
    request.end(body);
  });
}

/** First the connection has its limit, then the head of the answer. */
function limitConnecting(request: ClientRequest, url: URL, timing: Timing): () => void {
  let stop = (): void => undefined;
  const limit = (milliseconds: number, what: string): void => {
    stop();
    stop = after(milliseconds, () => request.destroy(transient('timeout', `${url.host} ${what} for ${milliseconds / 1_000} seconds`)));
  };
  request.on('socket', (socket) => {
    limit(timing.connect, 'took no connection');
    const connected = (): void => limit(timing.idle, 'sent no answer');
    if (socket.connecting) socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
    else connected();
  });
  return () => stop();
}
