import type { Authoriser } from './authoriser.ts';
import { deadlineError } from './failure.ts';
import type { Endpoint, EndpointsOf } from './endpoints.ts';
import { follow } from './redirects.ts';
import type { Repository } from './reference.ts';
import { withRetries } from './retry.ts';
import { statusError } from './status.ts';
import { within, type Timing } from './timing.ts';
import { discard, type HttpResponse, type Transport } from './transport.ts';

/** What every request to a registry needs. */
export interface Session {
  readonly transport: Transport;
  readonly authoriser: Authoriser;
  readonly endpoints: EndpointsOf;
  readonly timing: Timing;
  /** Milliseconds for one fetch. */
  readonly deadline: number;
}

export interface RegistryGet {
  readonly endpoint: Endpoint;
  /** Absolute, or from the repository on: `manifests/v1`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** For messages: `the manifest of acme/app`. */
  readonly what: string;
}

/** Credentials tried for one request; each is a round trip. */
const CREDENTIALS = 8;

/** One authorised GET; only answers with 200, or 206 where a range was asked for, come back, every other status is thrown as a FetchError. */
export async function registryGet(session: Session, request: RegistryGet): Promise<HttpResponse> {
  const url = new URL(`/v2/${request.endpoint.path}/${request.path}`, request.endpoint.origin);
  const response = await authorised(session, request, url);
  if (response.status === 200 || (response.status === 206 && 'range' in request.headers)) return response;
  discard(response);
  throw statusError(response, request.what);
}

/** Asks with what is known beforehand, then with what the authoriser makes of each 401, until it has nothing more. */
async function authorised({ transport, authoriser }: Session, { endpoint, headers, deadline }: RegistryGet, url: URL): Promise<HttpResponse> {
  const realm = { origin: endpoint.origin, repository: endpoint.path, deadline };
  const late = (): Error => deadlineError(url.host);
  const ask = (value: string | null): Promise<HttpResponse> =>
    follow(transport, { url, headers: value === null ? headers : { ...headers, authorization: value }, deadline, circle: 'public' });
  let sent = await within(authoriser.headerFor(realm), deadline, late);
  let response = await ask(sent);
  // Whoever was redirected to is not told what this registry's credentials are.
  for (let tries = 0; tries < CREDENTIALS && response.status === 401 && response.url.origin === endpoint.origin; tries += 1) {
    discard(response);
    const header = response.message.headers['www-authenticate'] ?? '';
    const next = await within(authoriser.answer({ ...realm, header, ...(sent === null ? {} : { refused: sent }) }), deadline, late);
    if (next === null || next === sent) return response;
    sent = next;
    response = await ask(sent);
  }
  return response;
}

/** A place to fetch from, and until when. */
export interface Attempt {
  readonly endpoint: Endpoint;
  readonly deadline: number;
}

/**
 * Tries the mirrors in order, once each and for half of the time that is left, then the registry with retries.
 * Mirrors need no trust for what is asked by digest: the bytes are hashed. The registry's own failure is the one thrown.
 */
export async function fromEndpoints<T>(session: Session, asked: { readonly repository: Repository; readonly deadline: number }, run: (attempt: Attempt) => Promise<T>): Promise<T> {
  const { deadline } = asked;
  const endpoints = session.endpoints(asked.repository);
  for (const endpointBy of endpoints.slice(0, -1)) {
    const half = Date.now() + (deadline - Date.now()) / 2;
    try {
      return await run({ endpoint: await endpointBy(half), deadline: half });
    } catch {
      // The next host is asked, whatever was wrong with this one.
    }
  }
  return withRetries(session.timing, deadline, async () => run({ endpoint: await endpoints.at(-1)!(deadline), deadline }));
}
