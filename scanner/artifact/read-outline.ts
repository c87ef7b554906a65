import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Artifact, Unopened } from '../artifact.ts';
import { LIMITS } from '../wasm/limits.ts';
import { readFile } from './read-file.ts';

/** Below this, leaving parts out saves nothing. */
const LEAST_BYTES = 1 << 20;
/** Small enough to stay in the processor's cache between read, hash and copy. */
const CHUNK_BYTES = 1 << 18;
const PREAMBLE_BYTES = 8;
/** Section id and a 32-bit size. */
const HEADER_BYTES = 6;
/** More than that is no ordinary file: read it whole. */
const MOST_SECTIONS = 4_096;
/** Element, code and data sections: what decoding with depth `imports` never looks at. */
const LEFT_OUT = new Set([9, 10, 11]);
/** The number of items at the front of a section is compared with other sections. */
const COUNT_BYTES = 16;
const MODULE_VERSION = '0061736d01000000';

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a file for decoding with depth `imports`: the digest covers every byte, but the contents of element, code and data
 * sections of a core module stay undefined in memory, which nobody has to fill or to read. Everything else is read as `readFile` does.
 */
export function readOutline(path: string, name = path): Artifact | Unopened {
  try {
    return outlined(path, name) ?? readFile(path, name);
  } catch {
    return readFile(path, name);
  }
}

function outlined(path: string, name: string): Artifact | null {
  const descriptor = openSync(path, 'r');
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile() || stat.size < LEAST_BYTES || stat.size > LIMITS.artifactBytes) return null;
    const leftOut = bodies(descriptor, stat.size);
    return leftOut === null ? null : readExcept(descriptor, { size: stat.size, leftOut, name });
  } finally {
    closeSync(descriptor);
  }
}

/** Ranges to leave out of element, code and data sections, in order; null where the frame is not that of a sound core module. */
function bodies(descriptor: number, size: number): Range[] | null {
  const header = Buffer.alloc(PREAMBLE_BYTES);
  readSync(descriptor, header, 0, PREAMBLE_BYTES, 0);
  if (header.toString('hex') !== MODULE_VERSION) return null;
  const ranges: Range[] = [];
  let position = PREAMBLE_BYTES;
  for (let sections = 0; position < size; sections++) {
    if (sections === MOST_SECTIONS) return null;
    const length = readSync(descriptor, header, 0, HEADER_BYTES, position);
    const payload = unsigned(header, 1, length);
    if (payload === null) return null;
    const start = position + payload.next;
    const end = start + payload.value;
    if (end > size) return null;
    if (LEFT_OUT.has(header[0]!)) ranges.push({ start: Math.min(start + COUNT_BYTES, end), end });
    position = end;
  }
  return ranges;
}

/** LEB128, at most 32 bits. */
function unsigned(bytes: Buffer, start: number, end: number): { value: number; next: number } | null {
  let value = 0;
  for (let at = start, scale = 1; at < end; at++, scale *= 128) {
    const byte = bytes.readUInt8(at);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: at + 1 };
  }
  return null;
}

/** One pass over the file. The number of bytes counts from fstat; a file that changes meanwhile gives null. */
function readExcept(descriptor: number, { size, leftOut, name }: { size: number; leftOut: readonly Range[]; name: string }): Artifact | null {
  const hash = createHash('sha256');
  const bytes = Buffer.allocUnsafeSlow(size);
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let position = 0;
  for (;;) {
    const length = readSync(descriptor, chunk, 0, CHUNK_BYTES, position);
    if (length === 0) break;
    if (position + length > size) return null;
    const piece = chunk.subarray(0, length);
    hash.update(piece);
    for (const { start, end } of kept({ start: position, end: position + length }, leftOut)) bytes.set(piece.subarray(start - position, end - position), start);
    position += length;
  }
  return position === size ? { name, bytes, digest: `sha256:${hash.digest('hex')}` } : null;
}

/** The parts of a range that are not left out. */
function* kept({ start, end }: Range, leftOut: readonly Range[]): Generator<Range> {
  let from = start;
  for (const gap of leftOut) {
    if (gap.end <= from || gap.start >= end) continue;
    if (gap.start > from) yield { start: from, end: gap.start };
    from = Math.min(gap.end, end);
  }
  if (from < end) yield { start: from, end };
}
