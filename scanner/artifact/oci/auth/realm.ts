import { isIP } from 'node:net';
import type { FetchError } from '../../fetch-error.ts';
import { blockList, inRanges, reachOf } from '../address.ts';
import { outside, unreadable } from '../failure.ts';
import { hostAndPort } from '../guard.ts';

/** Where tokens are to be asked for. */
export interface Realm {
  readonly url: URL;
  /** Whether it may see the credentials of the registry. */
  readonly trusted: boolean;
}

/**
 * Token services on another host than their registry, by registry, that may see its credentials without being listed. Only pairs
 * that one operator documents belong here.
 */
const PARTNERS: Readonly<Record<string, string>> = {
  'registry-1.docker.io': 'auth.docker.io',
  'registry.gitlab.com': 'gitlab.com',
};

/** Characters of a realm; token services put some words into the query. */
const REALM_CHARACTERS = 4_096;

/**
 * Judges the realm that a registry names. The registry may be hostile or have been taken over, and the credentials were written
 * down for the registry: a realm sees them only over TLS, or in plain HTTP where the user listed its host (as is every registry
 * that is spoken to so), and only when it is the very host and port of the registry, its partner, or listed (CVE-2026-48978).
 * Any other may be asked for an anonymous token if it is on a public network or listed.
 * Throws FetchError `bad-token-realm` or `token-realm-refused` for everything else.
 * @param allowedHosts `host[:port]`, every port where none is written; address ranges permit asking, not trust
 */
export function judgeRealm(realm: string, registry: URL, allowedHosts: readonly string[]): Realm {
  const url = parseRealm(realm, registry);
  const listed = url.origin === registry.origin || isListed(url, allowedHosts);
  if (url.protocol === 'http:' && !listed) throw refused(registry, url, 'in plain HTTP');
  const trusted = listed || Object.hasOwn(PARTNERS, registry.host) && PARTNERS[registry.host] === url.host;
  if (!trusted && !isPublic(url.hostname) && !isInRange(url.hostname, allowedHosts)) throw refused(registry, url, 'on a private network');
  return { url, trusted };
}

/** What to say when credentials would have helped but did not go to a foreign realm. */
export function withheld(registry: URL, url: URL): FetchError {
  return outside('unauthorized', `Cannot sign in to ${shown(registry)}: it names ${shown(url)} for tokens, and credentials go there only when it is listed with --allow-host`);
}

function parseRealm(realm: string, registry: URL): URL {
  const url = realm.length <= REALM_CHARACTERS && URL.canParse(realm) ? new URL(realm) : null;
  const plain = url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && !realm.includes('#');
  if (!url || !plain) throw unreadable('bad-token-realm', `Cannot sign in to ${shown(registry)}: the address that it names for tokens is not a plain http or https URL`);
  return url;
}

function refused(registry: URL, url: URL, where: string): FetchError {
  return unreadable('token-realm-refused', `Cannot sign in to ${shown(registry)}: it names ${shown(url)} ${where} for tokens, which is asked only when it is listed with --allow-host`);
}

/** Hosts come from an answer: of an URL they are ASCII, but of any length. */
function shown(url: URL): string {
  return url.host.length > 100 ? `${url.host.slice(0, 100)}...` : url.host;
}

function isListed(url: URL, allowedHosts: readonly string[]): boolean {
  return allowedHosts.some((entry) => [url.hostname, url.host, hostAndPort(url)].includes(entry.toLowerCase()));
}

function isInRange(hostname: string, allowedHosts: readonly string[]): boolean {
  return isAddress(hostname) && inRanges(blockList(allowedHosts.filter((entry) => entry.includes('/'))), hostname);
}

function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
}

/** By the text alone; what a name resolves to is judged where the connection is made. */
function isPublic(hostname: string): boolean {
  if (isAddress(hostname)) return reachOf(hostname) === 'public';
  const name = hostname.replace(/\.$/, '');
  return name.includes('.') && !/\.(local|localhost|internal|intranet|corp|home|lan|private|home\.arpa|svc)$/.test(name);
}
