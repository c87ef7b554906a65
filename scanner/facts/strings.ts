import type { StringFact } from './facts.ts';
import { dataSources } from './text-sources.ts';
import type { PlacedModule } from './text-sources.ts';
import { eachWideRun, isText, MAXIMUM, MINIMUM, narrow } from './strings-wide.ts';

/** 1: printable ASCII, tab and line ends; 2 to 4: lead byte of a UTF-8 character of so many bytes; 0: neither. */
const CLASS = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) CLASS[byte] = isText(byte) ? 1 : byte < 0xc2 || byte > 0xf4 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;

/** 1: a byte of a text in ASCII or UTF-8, at any place of a character. */
const POSSIBLE = Uint8Array.from({ length: 256 }, (_, byte) => Number(isText(byte) || (byte >= 0x80 && byte <= 0xf4)));

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
  let at = 0;
  while (at < length) {
    // A run that starts within these four bytes covers the last of them: most binary data is passed in steps of four.
    if (at + 3 < length && POSSIBLE[bytes[at + 3]!] === 0) {
      at += 4;
      continue;
    }
    const start = at;
    const stop = Math.min(length, start + MAXIMUM);
    let spare = 0;
    for (;;) {
      while (at < stop && CLASS[bytes[at]!] === 1) at++;
      const size = at < stop ? characterSize(bytes, at, CLASS[bytes[at]!]!) : 0;
      if (size === 0) break;
      at += size;
      spare += size - 1;
    }
    if (at - start - spare >= MINIMUM) visit(start, at);
    // A run that only became too long goes on as the next one.
    if (at < stop) at++;
  }
}

/** `size` when a whole character of so many bytes stands here, else 0. Control characters U+0080 to U+009F are no text. */
function characterSize(bytes: Uint8Array, at: number, size: number): number {
  if (size === 0 || at + size > bytes.length || (bytes[at] === 0xc2 && bytes[at + 1]! < 0xa0)) return 0;
  for (let next = at + 1; next < at + size; next++) if ((bytes[next]! & 0xc0) !== 0x80) return 0;
  return size;
}
