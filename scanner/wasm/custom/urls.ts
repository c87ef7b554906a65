import { LIMITS } from '../limits.ts';
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
  // Whole source maps stand in `data:` addresses, so these are longer than names may be.
  const start = reader.position;
  const length = reader.u32();
  if (length > reader.left) reader.fail('unexpected-end', `Length out of bounds: an address of ${length} bytes, ${reader.left} left`, start);
  if (length > LIMITS.customTextBytes) reader.fail('limit-exceeded', `Address too long: ${length} bytes, limit ${LIMITS.customTextBytes}`, start);
  const url = reader.text(length);
  expectEnd(reader);
  return url;
}
