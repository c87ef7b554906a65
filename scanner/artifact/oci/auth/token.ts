import { LIMITS } from '../../../wasm/limits.ts';
import type { FetchError } from '../../fetch-error.ts';
import type { SendRequest, TokenRequest, TokenResponse } from '../authoriser.ts';
import { outside, unreadable } from '../failure.ts';
import { isTransient } from '../status.ts';
import { type Credential, isHeaderToken } from './credential.ts';

/** What is asked of a token service. */
export interface TokenAsk {
  readonly url: URL;
  readonly service: string | null;
  /** null: none, as for a request that concerns no repository. */
  readonly scope: string | null;
  /** null: anonymously. */
  readonly credential: Credential | null;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** A token, or the status by which it was refused. */
export type TokenAnswer = { readonly token: string; readonly seconds: number } | { readonly refused: number };

/** Lifetime of a token whose answer names none, by the token protocol of the distribution project. */
const DEFAULT_SECONDS = 60;
/** However long a service says: a token that leaked into memory should not be used for days. */
const LONGEST_SECONDS = 3_600;
const TOKEN_CHARACTERS = 1 << 16;
/** By these a service says that it does not know the caller, or not this form of asking. */
const REFUSALS = [400, 401, 403];
const UNKNOWN_FORM = [...REFUSALS, 404, 405];

/**
 * Asks for a token. An identity token is exchanged by POST (OAuth 2 refresh grant), and where a service does not take that, by GET.
 * Throws FetchError for answers that are neither token nor refusal; its message holds nothing of the answer.
 */
export async function requestToken(ask: TokenAsk, send: SendRequest): Promise<TokenAnswer> {
  if (ask.credential?.identityToken() != null) {
    const response = await send(refreshRequest(ask, ask.credential.identityToken()!));
    if (!UNKNOWN_FORM.includes(response.status)) return answerIn(response, ask.url);
  }
  const response = await send(getRequest(ask));
  return REFUSALS.includes(response.status) ? { refused: response.status } : answerIn(response, ask.url);
}

/** The failure for a status of a token service. */
export function tokenFailure(url: URL, status: number): FetchError {
  const host = url.host.slice(0, 100);
  if (status === 401) return outside('unauthorized', `Cannot get a registry token from ${host}: it wants other credentials`);
  if (status === 403) return outside('forbidden', `Cannot get a registry token from ${host}: the credentials do not allow it`);
  const words = `Cannot get a registry token from ${host}: it answers ${status}`;
  return isTransient(status) ? outside(`http-${status}`, words) : unreadable(`http-${status}`, words);
}

function refreshRequest({ url, service, scope, deadline }: TokenAsk, identityToken: string): TokenRequest {
  const fields = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'wasmgate', refresh_token: identityToken });
  if (service !== null) fields.set('service', service);
  if (scope !== null) fields.set('scope', scope);
  return { url: url.href, method: 'POST', headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }, body: fields.toString(), deadline };
}

function getRequest({ url, service, scope, credential, deadline }: TokenAsk): TokenRequest {
  const full = new URL(url);
  if (service !== null) full.searchParams.set('service', service);
  if (scope !== null) full.searchParams.set('scope', scope);
  const authorization = credential && (credential.identityAsBasic() ?? credential.basic());
  return { url: full.href, method: 'GET', headers: { accept: 'application/json', ...(authorization !== null && { authorization }) }, deadline };
}

function answerIn({ status, body }: TokenResponse, url: URL): TokenAnswer {
  if (status !== 200) throw tokenFailure(url, status);
  const { token, access_token: accessToken, expires_in: expires } = fieldsIn(body);
  const found = [token, accessToken].find((candidate) => typeof candidate === 'string' && candidate !== '');
  if (typeof found !== 'string' || found.length > TOKEN_CHARACTERS || !isHeaderToken(found)) {
    throw unreadable('bad-token', `Cannot get a registry token from ${url.host.slice(0, 100)}: its answer holds none`);
  }
  const seconds = typeof expires === 'number' && expires > 0 ? Math.min(expires, LONGEST_SECONDS) : DEFAULT_SECONDS;
  return { token: found, seconds };
}

function fieldsIn(body: Uint8Array): { readonly token?: unknown; readonly access_token?: unknown; readonly expires_in?: unknown } {
  if (body.length > LIMITS.smallResponseBytes) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
