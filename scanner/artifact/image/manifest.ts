import { descriptorOf, descriptorsOf, type Fields, annotationsOf, jsonObject, optionalText, unreadable } from './manifest-fields.ts';
import type { Descriptor, RootDocument } from './source.ts';

/** An image manifest, read strictly. */
export interface ImageManifest {
  readonly kind: 'manifest';
  readonly digest: string;
  readonly artifactType: string | null;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** An image index or manifest list, read strictly. */
export interface ImageIndex {
  readonly kind: 'index';
  readonly digest: string;
  readonly entries: readonly Descriptor[];
}

const MANIFEST_TYPES: Readonly<Record<string, 'manifest' | 'index'>> = {
  'application/vnd.oci.image.manifest.v1+json': 'manifest',
  'application/vnd.docker.distribution.manifest.v2+json': 'manifest',
  'application/vnd.oci.image.index.v1+json': 'index',
  'application/vnd.docker.distribution.manifest.list.v2+json': 'index',
};

/** Signed and unsigned form of the first Docker manifest, whose history holds more truth than its layers. */
const SCHEMA1_TYPE = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/;

/**
 * Reads a manifest or an index (OCI image specification 1.1; Docker image manifest 2, schema 2). `name` starts messages. Throws FetchError:
 * for a document that is both or neither, whose type is told in two ways, of schema 1, or with descriptors that are not strict.
 */
export function readManifest(root: RootDocument, name: string): ImageManifest | ImageIndex {
  const what = `the manifest of ${name}`;
  const fields = jsonObject(root.bytes, what);
  const kind = kindOf(fields, root.mediaType, what);
  if (kind === 'index') return { kind, digest: root.digest, entries: descriptorsOf(fields['manifests'], `${what}, manifests`) };
  return {
    kind, digest: root.digest,
    artifactType: optionalText(fields['artifactType'], `${what}, artifactType`),
    config: descriptorOf(fields['config'], `${what}, config`),
    layers: descriptorsOf(fields['layers'], `${what}, layers`),
    annotations: annotationsOf(fields['annotations'], `${what}, annotations`),
  };
}

/** True for the media types of manifests and indexes that `readManifest` reads. */
export function isManifestType(mediaType: string): boolean {
  return Object.hasOwn(MANIFEST_TYPES, mediaType);
}

function kindOf(fields: Fields, outer: string | null, what: string): 'manifest' | 'index' {
  const inner = optionalText(fields['mediaType'], `${what}, mediaType`);
  const told = outer === null ? null : outer.split(';')[0]!.trim().toLowerCase();
  refuseSchema1(fields, [inner, told], what);
  if (inner !== null && told !== null && inner !== told) throw unreadable('media-type-disagrees', `Cannot read ${what}: it says mediaType ${inner}, and what leads to it says ${told}`);
  const isIndex = fields['manifests'] !== undefined;
  const isManifest = fields['config'] !== undefined || fields['layers'] !== undefined;
  if (isIndex && isManifest) throw unreadable('ambiguous-manifest', `Cannot read ${what}: it is an index and an image manifest at once`);
  const type = inner ?? told;
  if (type !== null && !isManifestType(type)) throw unreadable('unknown-media-type', `Cannot read ${what}: media type ${type} is unknown`);
  if (!isIndex && !isManifest) throw unreadable('malformed-manifest', `Cannot read ${what}: it has neither manifests nor config and layers`);
  const kind = isIndex ? 'index' : 'manifest';
  if (type !== null && MANIFEST_TYPES[type] !== kind) throw unreadable('media-type-disagrees', `Cannot read ${what}: its media type says ${MANIFEST_TYPES[type]}, its fields say ${kind}`);
  return kind;
}

function refuseSchema1(fields: Fields, types: readonly (string | null)[], what: string): void {
  const version = fields['schemaVersion'];
  if (version === 1 || fields['fsLayers'] !== undefined || types.some((type) => type !== null && SCHEMA1_TYPE.test(type))) {
    throw unreadable('schema1', `Cannot read ${what}: it is a Docker manifest of schema 1, which is not supported; push the image again with a current tool`);
  }
  if (version !== 2) throw unreadable('malformed-manifest', `Cannot read ${what}: schemaVersion must be 2`);
}
