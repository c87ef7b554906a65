import { LIMITS } from '../../wasm/limits.ts';
import type { Descriptor } from '../image/source.ts';
import { failureIn } from '../fetch-error.ts';
import { readBody } from './body.ts';
import { algorithmOf } from './digest.ts';
import { readListedDescriptor } from './descriptor.ts';
import { OCI_INDEX, readDocument } from './document.ts';
import { unreadable } from './failure.ts';
import { fetchManifest, mediaTypeOf } from './manifests.ts';
import type { Repository } from './reference.ts';
import { fromEndpoints, registryGet, type Attempt, type Session } from './session.ts';
import { discard, type HttpResponse } from './transport.ts';

export interface ReferrersRequest {
  readonly repository: Repository;
  readonly digest: string;
}

/**
 * What refers to a manifest, by the referrers API and by the fallback tag: either may have what the other has not (OCI distribution 1.1).
 * Nothing is filtered, since registries may ignore a filter. More than LIMITS.referrers or LIMITS.referrerPages are refused. Throws FetchError.
 */
export async function fetchReferrers(session: Session, request: ReferrersRequest): Promise<readonly Descriptor[]> {
  const algorithm = algorithmOf(request.digest);
  if (algorithm === null) throw unreadable('bad-digest', 'Referrers are asked for by a sha256 or sha512 digest');
  const deadline = Date.now() + session.deadline;
  const found = new Map<string, Descriptor>();
  const listed = await orNothing(fromEndpoints(session, { repository: request.repository, deadline }, (attempt) => fromApi(session, request, attempt)));
  const tagged = await orNothing(fromTag(session, request));
  for (const descriptor of [...listed, ...tagged]) collect(found, [descriptor]);
  return [...found.values()];
}

async function fromApi(session: Session, { repository, digest }: ReferrersRequest, { endpoint, deadline }: Attempt): Promise<readonly Descriptor[]> {
  const found = new Map<string, Descriptor>();
  let path: string | null = `referrers/${digest}`;
  for (let page = 0; path !== null; page += 1) {
    if (page >= LIMITS.referrerPages) throw unreadable('too-many', `The list of referrers of ${digest} has more than ${LIMITS.referrerPages} pages`);
    const response: HttpResponse = await registryGet(session, { endpoint, path, headers: { accept: OCI_INDEX }, deadline, what: `list of referrers of ${digest} in ${repository.name}` });
    if (mediaTypeOf(response) !== OCI_INDEX) {
      // Registries without this interface answer with whatever page they have.
      discard(response);
      throw unreadable('not-found', `${response.url.host} has no list of referrers`);
    }
    collect(found, listIn(await readBody(response, LIMITS.manifestBytes, { timing: session.timing, deadline })));
    path = nextPage(response, `${endpoint.origin}/v2/${endpoint.path}/`);
  }
  return [...found.values()];
}

async function fromTag(session: Session, { repository, digest }: ReferrersRequest): Promise<readonly Descriptor[]> {
  const [algorithm, hex] = digest.split(':') as [string, string];
  const { bytes } = await fetchManifest(session, { repository, tagOrDigest: `${algorithm}-${hex.slice(0, 64)}` });
  return listIn(bytes);
}

function listIn(bytes: Uint8Array): readonly Descriptor[] {
  const { value } = readDocument(bytes, OCI_INDEX);
  const { manifests } = value;
  if (!Array.isArray(manifests)) throw unreadable('malformed', 'A list of referrers has no manifests');
  if (manifests.length > LIMITS.referrers) throw tooMany();
  return manifests.map(readListedDescriptor);
}

function collect(found: Map<string, Descriptor>, descriptors: readonly Descriptor[]): void {
  for (const descriptor of descriptors) if (!found.has(descriptor.digest)) found.set(descriptor.digest, descriptor);
  if (found.size > LIMITS.referrers) throw tooMany();
}

/**
 * Where `Link: <...>; rel="next"` (RFC 8288) points, from the repository on; null: this was the last page. Another origin or repository is refused: the request carries
 * this registry's credentials.
 */
function nextPage({ message, url }: HttpResponse, base: string): string | null {
  const header = message.headers['link'];
  if (header === undefined) return null;
  const text = typeof header === 'string' ? header : header.join(', ');
  const [, target, parameters] = /^\s*<([\x21-\x3b\x3d\x3f-\x5b\x5d-\x7e]{1,4096})>([^<]{0,256})$/.exec(text) ?? [];
  if (target === undefined || !URL.canParse(target, url.href)) throw unreadable('malformed', `${url.host} sends a Link to the next page that cannot be read`);
  if (!/;\s*rel="?next"?\s*(;|$)/i.test(parameters ?? '')) return null;
  const next = new URL(target, url);
  if (!next.href.startsWith(base)) throw unreadable('redirect-refused', `${url.host} sends a Link to another host or repository`);
  return next.href.slice(base.length).replace(/#.*$/, '');
}

async function orNothing(list: Promise<readonly Descriptor[]>): Promise<readonly Descriptor[]> {
  try {
    return await list;
  } catch (error) {
    if (failureIn(error, '').code === 'not-found') return [];
    throw error;
  }
}

function tooMany(): Error {
  return unreadable('too-many', `A manifest has more than ${LIMITS.referrers} referrers`);
}
