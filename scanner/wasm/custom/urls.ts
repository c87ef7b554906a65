import type { ByteReader } from '../reader.ts';
import { expectEnd } from './read.ts';

/** A reference to a file outside: core debugging conventions, `sourceMappingURL` and `external_debug_info`. */
export interface UrlContent {
  readonly kind: 'url';
  readonly role: 'source-map' | 'debug-info';
  /** As written; may be relative, empty or hostile. */
  readonly url: string;
}

/** Reads the payload of `sourceMappingURL`. Throws DecodeError. */
export function readSourceMapUrl(reader: ByteReader): UrlContent {
  return { kind: 'url', role: 'source-map', url: readUrl(reader) };
}

/** Reads the payload of `external_debug_info`. Throws DecodeError. */
export function readDebugInfoUrl(reader: ByteReader): UrlContent {
  return { kind: 'url', role: 'debug-info', url: readUrl(reader) };
}

function readUrl(reader: ByteReader): string {
  // Some builds leave the section behind with no bytes at all.
  if (reader.done) return '';
  const url = reader.name();
  expectEnd(reader);
  return url;
}
