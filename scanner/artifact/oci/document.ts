import { LIMITS } from '../../wasm/limits.ts';
import { parseStrictJson, StrictJsonError } from '../../strict-json.ts';
import { unreadable } from './failure.ts';

const INDEX_TYPES = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'] as const;
const MANIFEST_TYPES = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'] as const;

/** `Accept` for manifests: the two kinds of document in the types of OCI and Docker. */
export const ACCEPTED = [...INDEX_TYPES, ...MANIFEST_TYPES].join(', ');
/** The media type of an OCI index, which lists of referrers have as well. */
export const OCI_INDEX = INDEX_TYPES[0];

/** Keys that tell what a document is. */
const TOP_KEYS = ['schemaVersion', 'mediaType', 'artifactType', 'manifests', 'layers', 'config', 'subject', 'annotations', 'fsLayers', 'history', 'signatures'];
const DEPTH = 32;

/** A manifest or index that every reader takes for the same thing. */
export interface RegistryDocument {
  readonly kind: 'index' | 'manifest';
  readonly mediaType: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * Reads a manifest or index and refuses what one reader could take for this and another for that (CVE-2021-41190): a media type
 * that is not the document's own, `manifests` together with `layers`, keys in another case than the specification's.
 * @param mediaType of the answer or descriptor; null: only the document says.
 * Throws FetchError with code `malformed`, `media-type` or `ambiguous`.
 */
export function readDocument(bytes: Uint8Array, mediaType: string | null): RegistryDocument {
  const value = parse(bytes);
  const own = value['mediaType'];
  if (own !== undefined && typeof own !== 'string') throw unreadable('malformed', 'The mediaType of a manifest is no text');
  if (own !== undefined && mediaType !== null && own !== mediaType) throw unreadable('media-type', `A manifest says ${shown(own)} of itself, but came as ${shown(mediaType)}`);
  const type = own ?? mediaType;
  if (type === null) throw unreadable('media-type', 'A manifest has no media type');
  const kind = kindOf(type);
  if (kind === null) throw unreadable('media-type', `${shown(type)} is no media type of a manifest or index that is read here`);
  refuseOther(kind, value);
  return { kind, mediaType: type, value };
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseStrictJson(bytes, { depth: DEPTH, bytes: LIMITS.manifestBytes });
  } catch (error) {
    if (error instanceof StrictJsonError) throw unreadable('malformed', `A manifest cannot be read: ${error.message}`, { cause: error });
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable('malformed', 'A manifest is no JSON object');
  return value as Record<string, unknown>;
}

function kindOf(type: string): RegistryDocument['kind'] | null {
  if ((INDEX_TYPES as readonly string[]).includes(type)) return 'index';
  return (MANIFEST_TYPES as readonly string[]).includes(type) ? 'manifest' : null;
}

function refuseOther(kind: RegistryDocument['kind'], value: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(value)) {
    const spelled = TOP_KEYS.find((known) => known.toLowerCase() === key.toUpperCase().toLowerCase());
    if (spelled !== undefined && spelled !== key) throw unreadable('ambiguous', `A manifest writes the key ${spelled} in another case, which readers take differently`);
  }
  const wrong = (kind === 'index' ? ['layers', 'config', 'fsLayers'] : ['manifests', 'fsLayers']).find((key) => key in value);
  if (wrong !== undefined) throw unreadable('ambiguous', `A document of kind ${kind} has ${wrong}, so that it could be read as something else`);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
