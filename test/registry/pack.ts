import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from './store.ts';

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';

/** A blob and how a manifest describes it. */
export interface Part { readonly mediaType: string; readonly bytes: Uint8Array; readonly annotations?: Readonly<Record<string, string>> }

/** A manifest or index with everything below it, ready to be pushed anywhere. */
export interface Packed {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly blobs: readonly Uint8Array[];
  /** Manifests of an index. */
  readonly children: readonly Packed[];
}

export interface PackParts {
  readonly config: Part;
  readonly layers: readonly Part[];
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly subject?: Packed;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Anything else in the manifest, also in place of what stands there. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Text or a JSON value as a part. */
export function part(mediaType: string, content: Uint8Array | string | object): Part {
  const bytes = content instanceof Uint8Array ? content : new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content));
  return { mediaType, bytes };
}

/** The empty config of the image specification. */
export const EMPTY: Part = part('application/vnd.oci.empty.v1+json', '{}');

/** The descriptor of a part, as manifests write it. */
export function descriptor({ mediaType, bytes, annotations }: Part): Record<string, unknown> & { readonly mediaType: string; readonly digest: string; readonly size: number } {
  return { mediaType, digest: digestOf(bytes), size: bytes.length, ...(annotations ? { annotations } : {}) };
}

/** A manifest over parts. */
export function pack({ config, layers, mediaType = OCI_MANIFEST, artifactType, subject, annotations, more = {} }: PackParts): Packed {
  const document = {
    schemaVersion: 2, mediaType, ...(artifactType ? { artifactType } : {}), config: descriptor(config), layers: layers.map(descriptor),
    ...(subject ? { subject: descriptor(subject) } : {}), ...(annotations ? { annotations } : {}), ...more,
  };
  return packed(mediaType, document, { blobs: [config.bytes, ...layers.map(({ bytes }) => bytes)], children: [] });
}

/** An index over manifests: `packIndex([{ packed, platform: { os: 'wasip1', architecture: 'wasm' } }])`. */
export function packIndex(entries: readonly { readonly packed: Packed; readonly platform?: object; readonly more?: object }[], mediaType = OCI_INDEX): Packed {
  const manifests = entries.map(({ packed, platform, more }) => ({ ...descriptor(packed), ...(platform ? { platform } : {}), ...more }));
  return packed(mediaType, { schemaVersion: 2, mediaType, manifests }, { blobs: [], children: entries.map(({ packed }) => packed) });
}

/** A registry that holds what it is given: the one in server.ts. */
interface Holder { put(repository: string, tag: string | null, manifest: Uint8Array, blobs: readonly Uint8Array[], mediaType: string): string }

/** Stores everything, by calls in this process. Gives the digest of the root. */
export function putInto(registry: Holder, repository: string, tag: string | null, root: Packed): string {
  for (const child of root.children) putInto(registry, repository, null, child);
  return registry.put(repository, tag, root.bytes, root.blobs, root.mediaType);
}

/** Pushes everything over the distribution API, without credentials. Gives the digest of the root. */
export async function pushTo({ url }: { readonly url: string }, repository: string, tag: string | null, root: Packed): Promise<string> {
  for (const child of root.children) await pushTo({ url }, repository, null, child);
  for (const blob of root.blobs) await pushBlob(url, repository, blob);
  const answer = await fetch(`${url}/v2/${repository}/manifests/${tag ?? root.digest}`, { method: 'PUT', headers: { 'content-type': root.mediaType }, body: Buffer.from(root.bytes) });
  if (answer.status !== 201) throw new Error(`Manifest not taken: ${answer.status} ${await answer.text()}`);
  return root.digest;
}

async function pushBlob(url: string, repository: string, blob: Uint8Array): Promise<void> {
  const start = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const place = new URL(start.headers.get('location') ?? '', `${url}/`);
  place.searchParams.set('digest', digestOf(blob));
  const answer = await fetch(place, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: Buffer.from(blob) });
  if (answer.status !== 201) throw new Error(`Blob not taken: ${answer.status} ${await answer.text()}`);
}

/** Writes an OCI image layout; `tags` of index.json by reference name. */
export function writeLayout(folder: string, tags: Readonly<Record<string, Packed>>): void {
  mkdirSync(join(folder, 'blobs/sha256'), { recursive: true });
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const manifests = Object.entries(tags).map(([tag, root]) => {
    writeBlobs(folder, root);
    return { ...descriptor(root), annotations: { 'org.opencontainers.image.ref.name': tag } };
  });
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
}

function writeBlobs(folder: string, root: Packed): void {
  for (const child of root.children) writeBlobs(folder, child);
  for (const bytes of [root.bytes, ...root.blobs]) writeFileSync(join(folder, 'blobs/sha256', digestOf(bytes).slice(7)), bytes);
}

function packed(mediaType: string, document: object, rest: Pick<Packed, 'blobs' | 'children'>): Packed {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  return { mediaType, bytes, digest: digestOf(bytes), ...rest };
}
