import type { FetchError } from '../fetch-error.ts';
import { outside, TransientError, unreadable } from './failure.ts';
import { retryAfter } from './retry.ts';
import type { HttpResponse } from './transport.ts';

/** The failure that a status other than 2xx means. Its body is never shown. */
export function statusError({ status, url, message }: HttpResponse, what: string): FetchError {
  if (status === 401) return outside('unauthorized', `${url.host} wants credentials for ${what}: log in, or name a config with --registry-config`);
  if (status === 403) return outside('forbidden', `${url.host} forbids ${what}: the credentials do not allow it`);
  if (status === 404 || status === 410) return unreadable('not-found', `Not found at ${url.host}: ${what}`);
  const words = `${url.host} answers ${status} for ${what}`;
  if (isTransient(status)) return new TransientError({ kind: 'outside', code: `http-${status}`, message: words }, retryAfter(message.headers['retry-after']));
  return unreadable(`http-${status}`, words);
}

/** Whether the same request may succeed a moment later. */
export function isTransient(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status <= 599);
}
