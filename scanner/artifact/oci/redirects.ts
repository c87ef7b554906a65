import { LIMITS } from '../../wasm/limits.ts';
import { unreadable } from './failure.ts';
import { discard, type HttpRequest, type HttpResponse, type Transport } from './transport.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const LOCATION_LENGTH = 8_192;

/**
 * Sends a GET and follows redirects. `Authorization` goes to its own origin alone and never comes back after another
 * (CVE-2026-50151, CVE-2020-15157); every hop is guarded anew. Throws FetchError.
 */
export async function follow(transport: Transport, request: Omit<HttpRequest, 'method' | 'body'>): Promise<HttpResponse> {
  let { url, headers } = request;
  for (let hop = 0; ; hop += 1) {
    const response = await transport.send({ ...request, method: 'GET', url, headers });
    if (!REDIRECTS.has(response.status)) return response;
    discard(response);
    if (hop >= LIMITS.redirects) throw unreadable('redirect-refused', `${request.url.host} redirects more than ${LIMITS.redirects} times`);
    const target = targetOf(response);
    if (target.origin !== url.origin) headers = withoutCredentials(headers);
    url = target;
  }
}

function targetOf({ url, message }: HttpResponse): URL {
  const { location } = message.headers;
  // The URL parser drops tabs and line ends and turns backslashes, which other readers do not.
  const strict = location !== undefined && location.length <= LOCATION_LENGTH && /^[\x21-\x5b\x5d-\x7e]+$/.test(location) && URL.canParse(location, url.href);
  if (!strict) throw unreadable('redirect-refused', `${url.host} redirects to what is no address`);
  const target = new URL(location, url);
  target.hash = '';
  if (url.protocol === 'https:' && target.protocol !== 'https:') throw unreadable('redirect-refused', `${url.host} redirects from https to an address that is not`);
  return target;
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'));
}
