import { malformed } from './archive-failure.ts';
import { archiveText } from './archive-path.ts';

export const BLOCK_BYTES = 512;

/** One header block, as written: extended headers before it may still change path, link and size. */
export interface TarHeader {
  readonly path: string;
  readonly link: string;
  readonly size: number;
  /** The type flag as a character; `\0` and `0` are files. */
  readonly flag: string;
  /** Old GNU sparse files go on in further header blocks. */
  readonly extended: boolean;
}

/**
 * Reads a header of POSIX.1-1988 (ustar), GNU or Version 7 form. Throws a FetchError where the checksum does not hold or a size is no
 * number, negative, or beyond what a number here can hold.
 */
export function readTarHeader(block: Buffer, name: string, offset: number): TarHeader {
  if (!checksumHolds(block)) throw malformed(name, 'The checksum of a header does not hold', offset);
  const magic = block.toString('latin1', 257, 265);
  const size = readNumber(block.subarray(124, 136));
  if (size === null) throw malformed(name, 'The size of a file is no number, negative or too large', offset + 124);
  const prefix = prefixOf(block, magic);
  const path = text(block.subarray(0, 100));
  return {
    path: prefix === '' ? path : `${prefix}/${path}`,
    link: text(block.subarray(157, 257)),
    size,
    flag: block.toString('latin1', 156, 157),
    extended: magic.startsWith('ustar ') && block.readUInt8(482) !== 0,
  };
}

/** Whether a block can be the first of a tar: its checksum holds, and it is not all zeros. */
export function isTarHeader(block: Buffer): boolean {
  return block.length >= BLOCK_BYTES && block.readUInt8(0) !== 0 && checksumHolds(block.subarray(0, BLOCK_BYTES));
}

/** Bytes up to the first NUL. */
export function text(field: Buffer): string {
  const end = field.indexOf(0);
  return archiveText(end < 0 ? field : field.subarray(0, end));
}

function prefixOf(block: Buffer, magic: string): string {
  if (magic.startsWith('ustar\0')) {
    // The star form keeps times behind a shorter prefix, and says so at the end of the block.
    const star = block.toString('latin1', 508, 512) === 'tar\0';
    return text(block.subarray(345, star ? 476 : 500));
  }
  // GNU keeps numbers where the prefix would stand; an old Go writer put a prefix there nevertheless, and Go reads it back.
  if (magic === 'ustar  \0' && (readNumber(block.subarray(345, 357)) === null || readNumber(block.subarray(357, 369)) === null)) return text(block.subarray(345, 500));
  return '';
}

/** Old writers added the bytes up as signed ones. */
function checksumHolds(block: Buffer): boolean {
  const stored = readNumber(block.subarray(148, 156));
  let unsigned = 8 * 32;
  let high = 0;
  for (let index = 0; index < BLOCK_BYTES; index++) {
    if (index === 148) index = 156;
    const value = block[index]!;
    unsigned += value;
    if (value > 127) high++;
  }
  return stored === unsigned || stored === unsigned - 256 * high;
}

/** Octal digits between blanks and NULs, or base-256 with the first bit set; null: neither, negative, or not exact here. */
function readNumber(field: Buffer): number | null {
  const first = field.readUInt8(0);
  if (first >= 0x80) return first === 0x80 ? readBase256(field.subarray(1)) : null;
  const digits = /^[ \0]*([0-7]*)(?:[ \0]|$)/.exec(field.toString('latin1'));
  if (!digits) return null;
  return digits[1] === '' ? 0 : Number.parseInt(digits[1]!, 8);
}

function readBase256(field: Buffer): number | null {
  let value = 0;
  for (const digit of field) {
    value = value * 256 + digit;
    if (value > Number.MAX_SAFE_INTEGER) return null;
  }
  return value;
}
