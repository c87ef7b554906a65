import type { ByteReader } from '../reader.ts';
import { expectEnd, hexText, readList, readText } from './read.ts';

/** What tools say of themselves: tool-conventions "ProducersSection". */
export interface ProducersContent {
  readonly kind: 'producers';
  readonly fields: readonly { readonly name: string; readonly values: readonly { readonly name: string; readonly version: string }[] }[];
}

/** Reads the payload of `producers`. Throws DecodeError. */
export function readProducers(reader: ByteReader): ProducersContent {
  const fields = readList(reader, 'fields', () => ({
    name: reader.name(),
    values: readList(reader, 'values', () => ({ name: reader.name(), version: reader.name() })),
  }));
  expectEnd(reader);
  return { kind: 'producers', fields };
}

/** What a linker says the module needs: tool-conventions "Linking", target features. A claim, not proof. */
export interface TargetFeaturesContent {
  readonly kind: 'target-features';
  readonly features: readonly { readonly prefix: '+' | '-' | '='; readonly name: string }[];
}

/** Reads the payload of `target_features`. Throws DecodeError. */
export function readTargetFeatures(reader: ByteReader): TargetFeaturesContent {
  const features = readList(reader, 'features', () => ({ prefix: readPrefix(reader), name: reader.name() }));
  expectEnd(reader);
  return { kind: 'target-features', features };
}

function readPrefix(reader: ByteReader): '+' | '-' | '=' {
  const start = reader.position;
  const prefix = String.fromCharCode(reader.byte());
  if (prefix !== '+' && prefix !== '-' && prefix !== '=') reader.fail('damaged-custom-section', 'Unknown feature prefix', start);
  return prefix;
}

/** `build_id`: length-prefixed bytes; `go.buildid` / `go:buildid`: text between 0xFF bytes; `go.version`: plain text. */
export interface BuildIdContent {
  readonly kind: 'build-id';
  /** Hexadecimal digits, or the text as the Go linker wrote it. */
  readonly id: string;
}

/** Linkers write 8 to 32 bytes. */
const MAX_BUILD_ID = 1024;

/** Reads the payload of `build_id`. Throws DecodeError. */
export function readBuildId(reader: ByteReader): BuildIdContent {
  const bytes = reader.take(reader.u32());
  expectEnd(reader);
  if (bytes.length > MAX_BUILD_ID) reader.fail('limit-exceeded', `Build id too long: ${bytes.length} bytes, limit ${MAX_BUILD_ID}`, 0);
  return { kind: 'build-id', id: hexText(bytes) };
}

/** Reads the payload of the Go linker's build id section. Throws DecodeError. */
export function readGoBuildId(reader: ByteReader): BuildIdContent {
  // The linker frames the text with 0xFF, so that it can be found in any object format.
  if (reader.peek() === 0xff) reader.skip(1);
  const framed = reader.left > 0 && reader.peek(reader.left - 1) === 0xff;
  const text = reader.text(framed ? reader.left - 1 : reader.left);
  const id = /^\s*Go build ID: "([^"]*)"\s*$/.exec(text)?.[1];
  return { kind: 'build-id', id: id ?? text.trim() };
}

/** `go.version`. */
export interface GoVersionContent { readonly kind: 'go-version'; readonly version: string }

/** Reads the payload of `go.version`. Throws DecodeError. */
export function readGoVersion(reader: ByteReader): GoVersionContent {
  return { kind: 'go-version', version: readText(reader).trim() };
}
