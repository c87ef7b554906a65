import type { FetchError } from '../fetch-error.ts';
import { algorithmOf } from './digest.ts';
import { unreadable } from './failure.ts';

/** A place for manifests and blobs. */
export interface Repository {
  /** `host[:port]` in lower case, without the port 443; `docker.io` for Docker Hub under any of its names. */
  readonly registry: string;
  /** Path at that registry: `library/nginx`. */
  readonly path: string;
  /** Both, as policies match them: `docker.io/library/nginx`. */
  readonly name: string;
}

/** A reference of the distribution grammar. */
export interface OciReference {
  readonly repository: Repository;
  /** `latest` where neither tag nor digest is written. */
  readonly tag: string | null;
  /** Where it stands, it counts and the tag does not. */
  readonly digest: string | null;
}

const DOCKER_HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);
/** Bytes of a name, registry included, as the distribution specification advises. */
const NAME_LENGTH = 255;
const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-f:.]{2,45}\\])(?::([1-9]\\d{0,4}))?$`);
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;

/** Reads `[oci://][host[:port]/]path[:tag][@digest]`. Throws FetchError with code `bad-reference`. */
export function readReference(text: string): OciReference {
  const bare = text.startsWith('oci://') ? text.slice(6) : text;
  if (bare.length > 1_024) throw refusal(text, 'it is too long');
  const at = bare.indexOf('@');
  const digest = at < 0 ? null : bare.slice(at + 1);
  if (digest !== null && algorithmOf(digest) === null) throw refusal(text, 'a digest is sha256: and 64 or sha512: and 128 lower-case hexadecimal digits');
  const named = at < 0 ? bare : bare.slice(0, at);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const tag = tagged ? named.slice(colon + 1) : null;
  if (algorithmOf(named) !== null) throw refusal(text, 'a digest alone names no repository');
  if (tag !== null && !TAG.test(tag)) throw refusal(text, 'a tag has up to 128 letters, digits, dots, dashes and underscores');
  const repository = repositoryFrom(text, tagged ? named.slice(0, colon) : named);
  return { repository, tag: tag ?? (digest === null ? 'latest' : null), digest };
}

/** Reads a repository without tag and digest. Throws FetchError with code `bad-reference`. */
export function readRepository(text: string): Repository {
  const reference = readReference(text);
  if (reference.digest !== null || reference.tag !== 'latest' || text.endsWith(':latest')) throw refusal(text, 'only a repository may stand here, without tag and digest');
  return reference.repository;
}

/** `host[:port]` in normal form, or null where it is none. Spellings that a URL would read as another host are none. */
export function normalHost(text: string): string | null {
  const lower = text.toLowerCase().replace(/:443$/, '');
  const port = HOST.exec(lower)?.[1];
  if (!HOST.test(lower) || Number(port ?? 1) > 65_535) return null;
  const url = `https://${lower}/`;
  if (!URL.canParse(url) || new URL(url).host !== lower) return null;
  return DOCKER_HUB.has(lower) ? 'docker.io' : lower;
}

function repositoryFrom(text: string, name: string): Repository {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost';
  const registry = hasHost ? normalHost(first) : 'docker.io';
  if (registry === null) throw refusal(text, 'its host is none, or is written in an unusual form');
  const rest = hasHost ? name.slice(slash + 1) : name;
  const path = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  const wrong = path.split('/').find((component) => !COMPONENT.test(component));
  if (wrong !== undefined) throw refusal(text, 'its path has lower-case letters and digits, with single separators . _ - between them');
  if (/^[0-9a-f]{64}$/.test(rest)) throw refusal(text, 'a digest alone names no repository');
  if (registry.length + 1 + path.length > NAME_LENGTH) throw refusal(text, `its name is longer than ${NAME_LENGTH} characters`);
  return { registry, path, name: `${registry}/${path}` };
}

function refusal(text: string, why: string): FetchError {
  return unreadable('bad-reference', `Cannot read the reference ${JSON.stringify(text.slice(0, 200))}: ${why}`);
}
