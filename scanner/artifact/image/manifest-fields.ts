import { FetchError } from '../fetch-error.ts';
import { StrictJsonError, parseStrictJson } from '../../strict-json.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { isRecord } from '../../is-record.ts';
import type { Descriptor } from './source.ts';

/** A JSON object as parsed, nothing known of it. */
export type Fields = Readonly<Record<string, unknown>>;

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
/** RFC 6838: a type and a subtype, no parameters. */
const MEDIA_TYPE = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;
const ANNOTATIONS = 10_000;

/** An error for bytes that contradict themselves or a specification. @param what `Manifest of oci://… `: starts the message. */
export function unreadable(code: string, message: string): FetchError {
  return new FetchError({ kind: 'unreadable', code, message });
}

/** Parses a document that must be one JSON object. `what` names it in the message. Throws FetchError. */
export function jsonObject(bytes: Uint8Array, what: string, limit: number = LIMITS.manifestBytes): Fields {
  try {
    const value = parseStrictJson(bytes, { bytes: limit });
    if (isRecord(value)) return value;
  } catch (error) {
    if (error instanceof StrictJsonError) throw unreadable('malformed-json', `Cannot read ${what}: ${error.message}`);
    throw error;
  }
  throw unreadable('malformed-json', `Cannot read ${what}: it is no JSON object`);
}

/** Reads a list of descriptors; Go writes an empty one as null. Throws FetchError. */
export function descriptorsOf(value: unknown, what: string): readonly Descriptor[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw unreadable('malformed-manifest', `Cannot read ${what}: it is no list`);
  if (value.length > LIMITS.descriptors) throw unreadable('too-many-descriptors', `Cannot read ${what}: ${value.length} entries are more than the limit of ${LIMITS.descriptors}`);
  return value.map((entry: unknown, index) => descriptorOf(entry, `${what}[${index}]`));
}

/** Reads one content descriptor of the OCI image specification. Throws FetchError for wrong types, unknown digest algorithms and sizes that are no whole numbers. */
export function descriptorOf(value: unknown, what: string): Descriptor {
  if (!isRecord(value)) throw unreadable('malformed-manifest', `Cannot read ${what}: a descriptor must be an object`);
  const { mediaType, digest, size } = value;
  if (typeof mediaType !== 'string' || !MEDIA_TYPE.test(mediaType)) throw unreadable('malformed-manifest', `Cannot read ${what}: it has no valid mediaType`);
  if (typeof digest !== 'string' || !DIGEST.test(digest)) throw unreadable('malformed-digest', `Cannot read ${what}: its digest is no sha256 or sha512 in lower-case hexadecimal digits`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw unreadable('malformed-size', `Cannot read ${what}: its size is no whole number of bytes`);
  return { mediaType, digest, size, artifactType: optionalText(value['artifactType'], `${what}.artifactType`), annotations: annotationsOf(value['annotations'], `${what}.annotations`), platform: platformOf(value['platform'], `${what}.platform`) };
}

/** A text, or null where there is none. Throws FetchError for anything else. */
export function optionalText(value: unknown, what: string): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || value.length > LIMITS.archivePathBytes) throw unreadable('malformed-manifest', `Cannot read ${what}: it is no text of at most ${LIMITS.archivePathBytes} characters`);
  return value;
}

/** Annotations: texts by name. Throws FetchError. */
export function annotationsOf(value: unknown, what: string): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw unreadable('malformed-manifest', `Cannot read ${what}: annotations must be an object`);
  const entries = Object.entries(value);
  if (entries.length > ANNOTATIONS || entries.some(([, text]) => typeof text !== 'string')) throw unreadable('malformed-manifest', `Cannot read ${what}: annotations must be texts, at most ${ANNOTATIONS}`);
  return value as Readonly<Record<string, string>>;
}

function platformOf(value: unknown, what: string): Descriptor['platform'] {
  if (value === undefined || value === null) return null;
  if (!isRecord(value)) throw unreadable('malformed-manifest', `Cannot read ${what}: a platform must be an object`);
  const read = (key: string): string | null => optionalText(value[key], `${what}.${key}`);
  return { os: read('os') ?? '', architecture: read('architecture') ?? '', variant: read('variant') };
}
