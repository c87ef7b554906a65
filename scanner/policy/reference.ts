import { pathGlob, wildcard } from './wildcard.ts';

/** An image reference in normal form. */
export interface ImageReference {
  /** Registry and repository, as in `docker.io/library/nginx`. */
  readonly repository: string;
  readonly tag: string | null;
  /** `sha256:...` */
  readonly digest: string | null;
}

const DOCKER_HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);

/**
 * Normal form of an image reference or of a pattern for one: Docker Hub's short names written out, the host in lower case and
 * without the default port, tag and digest apart. Never throws; what is no reference comes back as its own repository.
 */
export function parseReference(text: string): ImageReference {
  const bare = text.startsWith('oci://') ? text.slice(6) : text;
  const at = bare.indexOf('@');
  const digest = at < 0 ? null : bare.slice(at + 1);
  const named = at < 0 ? bare : bare.slice(0, at);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  return { repository: normalRepository(tagged ? named.slice(0, colon) : named), tag: tagged ? named.slice(colon + 1) : null, digest };
}

function normalRepository(text: string): string {
  const slash = text.indexOf('/');
  const first = slash < 0 ? '' : text.slice(0, slash);
  // `**` may stand for the host as well, so such a pattern is left alone.
  if (first.includes('*') || (slash < 0 && text.includes('*'))) return text;
  const isHost = first.includes('.') || first.includes(':') || first === 'localhost';
  const host = isHost ? first.toLowerCase().replace(/:443$/, '') : 'docker.io';
  const rest = isHost ? text.slice(slash + 1) : text;
  if (!DOCKER_HUB.has(host)) return `${host}/${rest}`;
  return rest.includes('/') || rest.includes('*') ? `docker.io/${rest}` : `docker.io/library/${rest}`;
}

/** A predicate over artifact names for one pattern of `match.references` or of a waiver. */
export function referenceMatcher(pattern: string): (name: string) => boolean {
  const image = parseReference(pattern);
  const path = normalPath(pattern);
  return (name) => (isPath(name) ? false : matchesImage(image, parseReference(name))) || (!name.startsWith('oci://') && pathGlob(path, normalPath(name)));
}

function matchesImage(pattern: ImageReference, image: ImageReference): boolean {
  if (!pathGlob(pattern.repository, image.repository)) return false;
  if (pattern.digest !== null) return pattern.digest === image.digest;
  return pattern.tag === null || (image.tag !== null && wildcard(pattern.tag, image.tag, '?'));
}

/** Names that can only be files or streams: they would otherwise be read as images of Docker Hub. */
function isPath(name: string): boolean {
  if (name.startsWith('oci://')) return false;
  const first = name.split('/')[0]!;
  return /^\.{0,2}\/|^[A-Za-z]:[\\/]|^stdin$|^sha256:/.test(name) || (name.endsWith('.wasm') && !(name.includes('/') && /[.:]|^localhost$/.test(first)));
}

/** A path with forward slashes, without `.`, empty and resolved `..` segments. */
export function normalPath(text: string): string {
  const kept: string[] = [];
  for (const segment of text.replace(/^file:\/\//, '').replaceAll('\\', '/').split('/')) {
    if (segment === '.' || (segment === '' && kept.length > 0)) continue;
    if (segment === '..' && kept.length > 0 && kept.at(-1) !== '..' && kept.at(-1) !== '') kept.pop();
    else kept.push(segment);
  }
  return kept.join('/');
}
