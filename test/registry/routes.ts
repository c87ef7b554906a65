import { answer, json, refusal, type Answer, type SeenRequest } from './answer.ts';
import { digestOf, parse, type Store } from './store.ts';
import { Uploads } from './uploads.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

/** What the API does beyond the necessary. */
export interface RouteOptions {
  /** `api`: the referrers endpoint and the OCI-Subject header. `none`: as registries without them, 404. Default `api`. */
  readonly referrers?: 'api' | 'none';
  /** Entries of one page of referrers, tags and catalogue; default 1,000. */
  readonly pageSize?: number;
  /** Whether `?artifactType=` filters, and says so in a header. `silent`: filters without the header. Default `none`. */
  readonly filter?: 'none' | 'silent' | 'said';
}

interface Call { readonly name: string; readonly last: string; readonly seen: SeenRequest }

/** The distribution API over a store, without authentication and faults. */
export function routed(store: Store, options: RouteOptions): (seen: SeenRequest) => Answer {
  const uploads = new Uploads(store);
  const { referrers = 'api', pageSize = 1_000, filter = 'none' } = options;
  const routes: readonly (readonly [RegExp, (call: Call) => Answer])[] = [
    [/^\/v2\/(?<last>)$/, () => json({}, { 'docker-distribution-api-version': 'registry/2.0' })],
    [/^\/v2\/_catalog(?<last>)$/, ({ seen }) => paged(seen, [...store.repositories.keys()].sort(), { pageSize, show: (repositories) => ({ repositories }) })],
    [/^\/v2\/(?<name>.+)\/tags\/list(?<last>)$/, ({ name, seen }) => (store.repositories.has(name) ? paged(seen, [...store.repositories.get(name)!.tags.keys()].sort(), { pageSize, show: (tags) => ({ name, tags }) }) : refusal(404, 'NAME_UNKNOWN'))],
    [/^\/v2\/(?<name>.+)\/blobs\/uploads\/(?<last>[^/]*)$/, ({ name, last, seen }) => (last ? uploads.go(name, last, seen) : uploads.start(name, seen))],
    [/^\/v2\/(?<name>.+)\/blobs\/(?<last>[^/]+)$/, (call) => blob(store, call)],
    [/^\/v2\/(?<name>.+)\/manifests\/(?<last>[^/]+)$/, (call) => (call.seen.method === 'PUT' ? putManifest(store, call, referrers) : manifest(store, call))],
    [/^\/v2\/(?<name>.+)\/referrers\/(?<last>[^/]+)$/, (call) => (referrers === 'api' ? listReferrers(store, call, { pageSize, filter }) : answer(404, '404 page not found\n', { 'content-type': 'text/plain; charset=utf-8' }))],
  ];
  return (seen) => {
    for (const [pattern, run] of routes) {
      const groups = pattern.exec(decodeURI(seen.path))?.groups;
      if (groups) return run({ name: groups['name'] ?? '', last: groups['last'] ?? '', seen });
    }
    return refusal(404, 'NOT_FOUND');
  };
}

function manifest(store: Store, { name, last, seen }: Call): Answer {
  const found = store.find(name, last);
  if (!found) return refusal(404, store.repositories.has(name) ? 'MANIFEST_UNKNOWN' : 'NAME_UNKNOWN');
  const accepted = seen.headers['accept'];
  // As the distribution registry does: what is not asked for is not there.
  if (accepted && !accepted.includes('*/*') && !accepted.includes(found.mediaType)) return refusal(404, 'MANIFEST_UNKNOWN');
  return answer(200, found.bytes, { 'content-type': found.mediaType, 'docker-content-digest': found.digest });
}

function putManifest(store: Store, { name, last, seen }: Call, referrers: 'api' | 'none'): Answer {
  const document = parse(seen.body);
  if (!document) return refusal(400, 'MANIFEST_INVALID');
  const byDigest = /^sha(256|512):/.exec(last);
  const digest = digestOf(seen.body, byDigest?.[1] === '512' ? 'sha512' : 'sha256');
  if (byDigest && digest !== last) return refusal(400, 'DIGEST_INVALID');
  const repository = store.make(name);
  repository.manifests.set(digest, { bytes: seen.body, mediaType: seen.headers['content-type'] ?? document.mediaType ?? '' });
  if (!byDigest) repository.tags.set(last, digest);
  const subject = referrers === 'api' && document.subject?.digest;
  return answer(201, '', { location: `/v2/${name}/manifests/${digest}`, 'docker-content-digest': digest, ...(subject ? { 'oci-subject': subject } : {}) });
}

function blob(store: Store, { name, last, seen }: Call): Answer {
  const bytes = store.repositories.get(name)?.blobs.get(last);
  if (!bytes) return refusal(404, 'BLOB_UNKNOWN');
  const headers = { 'content-type': 'application/octet-stream', 'docker-content-digest': last, 'accept-ranges': 'bytes' };
  const range = /^bytes=(\d+)-(\d*)$/.exec(seen.headers['range'] ?? '');
  if (!range) return answer(200, bytes, headers);
  const from = Number(range[1]);
  const to = range[2] ? Math.min(Number(range[2]), bytes.length - 1) : bytes.length - 1;
  if (from > to) return answer(416, '', { 'content-range': `bytes */${bytes.length}` });
  return answer(206, bytes.subarray(from, to + 1), { ...headers, 'content-range': `bytes ${from}-${to}/${bytes.length}` });
}

function listReferrers(store: Store, { name, last, seen }: Call, { pageSize, filter }: { pageSize: number; filter: 'none' | 'silent' | 'said' }): Answer {
  const wanted = seen.query.get('artifactType');
  const applied = filter !== 'none' && wanted !== null;
  const all = store.referrers(name, last).filter(({ artifactType }) => !applied || artifactType === wanted);
  const from = Number(seen.query.get('from') ?? 0);
  const next = new URLSearchParams([...seen.query].filter(([key]) => key !== 'from'));
  next.set('from', String(from + pageSize));
  const link = from + pageSize < all.length ? { link: `<${seen.path}?${next.toString()}>; rel="next"` } : {};
  const said = applied && filter === 'said' ? { 'oci-filters-applied': 'artifactType' } : {};
  return json({ schemaVersion: 2, mediaType: INDEX, manifests: all.slice(from, from + pageSize) }, { 'content-type': INDEX, ...link, ...said });
}

/** `?n=` and `?last=` as tag lists and catalogues have them. */
function paged(seen: SeenRequest, all: readonly string[], { pageSize, show }: { pageSize: number; show: (page: readonly string[]) => unknown }): Answer {
  const size = Math.min(Number(seen.query.get('n') ?? pageSize), pageSize);
  const last = seen.query.get('last') ?? '';
  const rest = all.filter((name) => name > last);
  const page = rest.slice(0, size);
  const link = rest.length > size ? { link: `<${seen.path}?n=${size}&last=${encodeURIComponent(page.at(-1)!)}>; rel="next"` } : {};
  return json(show(page), link);
}
