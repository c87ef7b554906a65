import type { StringFact } from './facts.ts';
import { dataSources } from './text-sources.ts';
import type { PlacedModule } from './text-sources.ts';

/** Shortest run that counts as text. */
const MINIMUM = 4;
/** Longer runs are given in pieces, so that no caller has to hold megabytes at once. */
const MAXIMUM = 1 << 16;

/** 1: printable ASCII, tab and line ends; 2 to 4: lead byte of a UTF-8 character of so many bytes; 0: neither. */
const CLASS = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) CLASS[byte] = isText(byte) ? 1 : byte < 0xc2 || byte > 0xf4 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;

const loose = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

/** Calls back for every text in data segments: ASCII and UTF-8 by ascending address, then UTF-16 of the same stretch. Nothing is kept. */
export function eachString(modules: readonly PlacedModule[], visit: (found: StringFact) => void): void {
  for (const source of dataSources(modules)) {
    eachRun(source.bytes, (start, end) => {
      visit({ text: loose.decode(source.bytes.subarray(start, end)), location: source.locate(start, end - start) });
    });
    eachWideRun(source.bytes, (start, end) => {
      visit({ text: loose.decode(narrow(source.bytes, start, end)), location: source.locate(start, end - start) });
    });
  }
}

/** Calls back with the bounds of every run of at least four printable characters: ASCII, or well-formed UTF-8 of more bytes. */
export function eachRun(bytes: Uint8Array, visit: (start: number, end: number) => void): void {
  const length = bytes.length;
  let start = 0;
  let characters = 0;
  let at = 0;
  while (at < length) {
    const kind = CLASS[bytes[at]!]!;
    const size = kind < 2 ? kind : characterSize(bytes, at, kind);
    if (size > 0 && at - start < MAXIMUM) {
      at += size;
      characters++;
      continue;
    }
    if (characters >= MINIMUM) visit(start, at);
    // A run that only became too long goes on as the next one.
    if (size === 0) at++;
    start = at;
    characters = 0;
  }
  if (characters >= MINIMUM) visit(start, length);
}

/** Calls back with the bounds of every run of at least four UTF-16LE code units in the printable ASCII range. */
export function eachWideRun(bytes: Uint8Array, visit: (start: number, end: number) => void): void {
  const last = bytes.length - 1;
  for (let at = 0; at < last; at += 2) {
    // Of two neighbouring units, bytes at 1 and 3 are zero and the others text, at an even or an odd start.
    const second = bytes[at + 1]!;
    if (second !== 0 && CLASS[second] !== 1) continue;
    const start = second === 0 ? at : at + 1;
    if (!isWide(bytes, start) || !isWide(bytes, start + 2)) continue;
    let end = start + 4;
    const stop = Math.min(bytes.length, start + 2 * MAXIMUM);
    while (end < stop && isWide(bytes, end)) end += 2;
    if (end - start < 2 * MINIMUM) continue;
    visit(start, end);
    at = end - 2 - (start & 1);
  }
}

/** The ASCII text of a UTF-16LE run, a byte per character. */
export function narrow(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const text = new Uint8Array((end - start) >> 1);
  for (let index = 0; index < text.length; index++) text[index] = bytes[start + 2 * index]!;
  return text;
}

function isWide(bytes: Uint8Array, at: number): boolean {
  return at + 1 < bytes.length && bytes[at + 1] === 0 && CLASS[bytes[at]!] === 1;
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13;
}

/** `size` when a whole character stands here, else 0. Control characters U+0080 to U+009F are no text. */
function characterSize(bytes: Uint8Array, at: number, size: number): number {
  if (at + size > bytes.length || (bytes[at] === 0xc2 && bytes[at + 1]! < 0xa0)) return 0;
  for (let next = at + 1; next < at + size; next++) if ((bytes[next]! & 0xc0) !== 0x80) return 0;
  return size;
}
