import type { ByteReader } from '../reader.ts';

/** The packages a Rust binary was built from: cargo-auditable's `.dep-v0`, JSON under zlib. Inflated by whoever has the means. */
export interface DependencyListContent {
  readonly kind: 'dependency-list';
  readonly compressed: Uint8Array;
}

/** Reads the payload of `.dep-v0` as far as its zlib header. Throws DecodeError. */
export function readDependencyList(reader: ByteReader): DependencyListContent {
  const compressed = reader.take(reader.left);
  // RFC 1950: deflate is method 8, and the first two bytes are a multiple of 31.
  const header = (compressed[0] ?? 0) * 256 + (compressed[1] ?? 0);
  if (compressed.length < 2 || (header >> 8) % 16 !== 8 || header % 31 !== 0) reader.fail('damaged-custom-section', 'Not zlib data', 0);
  return { kind: 'dependency-list', compressed };
}
