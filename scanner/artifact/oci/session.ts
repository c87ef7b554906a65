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

/** One authorised GET; only answers with 200, or 206 where a range was asked for, come back, every other status is thrown as a FetchError. */
export async function registryGet(session: Session, request: RegistryGet): Promise<HttpResponse> {
  const { endpoint, deadline, what } = request;
  const url = new URL(`/v2/${endpoint.path}/${request.path}`, endpoint.origin);
  const realm = { origin: endpoint.origin, repository: endpoint.path, deadline };
  const late = (): Error => deadlineError(url.host);
  const ask = (authorization: string | null): Promise<HttpResponse> =>
    follow(session.transport, { url, headers: { ...request.headers, ...(authorization === null ? {} : { authorization }) }, deadline, circle: 'public' });
  let response = await ask(await within(session.authoriser.headerFor(realm), deadline, late));
  // Whoever was redirected to is not told what this registry's credentials are.
  if (response.status === 401 && response.url.origin === endpoint.origin) {
    discard(response);
    const authorization = await within(session.authoriser.answer({ ...realm, header: response.message.headers['www-authenticate'] ?? '' }), deadline, late);
    if (authorization !== null) response = await ask(authorization);
  }
  if (response.status === 200 || (response.status === 206 && 'range' in request.headers)) return response;
  discard(response);
  throw statusError(response, what);
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
  const endpoints = await session.endpoints(asked.repository, deadline);
  for (const endpoint of endpoints.slice(0, -1)) {
    try {
      return await run({ endpoint, deadline: Date.now() + (deadline - Date.now()) / 2 });
    } catch {
      // The next host is asked, whatever was wrong with this one.
    }
  }
  const endpoint = endpoints.at(-1)!;
  return withRetries(session.timing, deadline, () => run({ endpoint, deadline }));
}
