import { malformed } from './archive-failure.ts';
import type { RandomAccess } from './archive-source.ts';

/** Where the central directory of a zip stands. */
export interface ZipDirectory {
  readonly start: number;
  readonly size: number;
  readonly count: number;
}

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const WIDE_END_BYTES = 56;
const END_MAGIC = Buffer.from('504b0506', 'hex');

/** Finds it from the record at the end (APPNOTE.TXT 4.3.14 to 4.3.16). Throws a FetchError where there is none, or more than one that fits. */
export function findDirectory(source: RandomAccess, name: string): ZipDirectory {
  const from = Math.max(0, source.size - END_BYTES - 0xffff);
  const tail = source.read(from, source.size - from);
  const ends = endsIn(tail);
  if (ends.length !== 1) throw malformed(name, ends.length === 0 ? 'A zip without the record at its end' : 'A zip with two records at its end');
  const at = from + ends[0]!;
  const end = tail.subarray(ends[0]);
  const short = { disk: end.readUInt16LE(4), start: end.readUInt32LE(16), size: end.readUInt32LE(12), count: end.readUInt16LE(10), here: end.readUInt16LE(8), at };
  const found = wideEnd(source, short, name) ?? short;
  if (found.disk !== 0 || found.count !== found.here) throw malformed(name, 'A part of a zip in several files', at);
  // Bytes in front would move every offset; some readers allow for that and some do not.
  if (found.start + found.size !== found.at) throw malformed(name, 'The directory of a zip is not where its end says', at);
  return { start: found.start, size: found.size, count: found.count };
}

interface End extends ZipDirectory {
  readonly disk: number;
  /** Entries in this file. */
  readonly here: number;
  /** Where the directory must end. */
  readonly at: number;
}

/** Offsets of records whose comment goes exactly to the end of the bytes. */
function endsIn(tail: Buffer): number[] {
  const found: number[] = [];
  for (let at = tail.indexOf(END_MAGIC); at >= 0; at = tail.indexOf(END_MAGIC, at + 1)) {
    if (at + END_BYTES <= tail.length && at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length) found.push(at);
  }
  return found;
}

/** The 64-bit form stands before the short one. A value in the short one that is not full must be the same. */
function wideEnd(source: RandomAccess, short: End, name: string): End | null {
  const full = short.count === 0xffff || short.start === 0xffff_ffff || short.size === 0xffff_ffff;
  const locator = short.at >= LOCATOR_BYTES ? source.read(short.at - LOCATOR_BYTES, LOCATOR_BYTES) : null;
  if (locator?.readUInt32LE(0) !== 0x07064b50) {
    if (full && short.start + short.size !== short.at) throw malformed(name, 'The 64-bit record of a zip is missing', short.at);
    return null;
  }
  const at = exact(locator, 8);
  const record = at !== null && at + WIDE_END_BYTES <= short.at ? source.read(at, WIDE_END_BYTES) : null;
  if (record?.readUInt32LE(0) !== 0x06064b50) throw malformed(name, 'The 64-bit record of a zip is not where it should be', short.at);
  const [here, count, size, start] = [24, 32, 40, 48].map((field) => exact(record, field));
  if (here == null || count == null || size == null || start == null) throw malformed(name, 'A number in the 64-bit record of a zip is too large', at!);
  const agree = (value: number, most: number, wide: number) => value === most || value === wide;
  if (!agree(short.count, 0xffff, count) || !agree(short.size, 0xffff_ffff, size) || !agree(short.start, 0xffff_ffff, start)) throw malformed(name, 'The two records at the end of a zip contradict each other', at!);
  return { disk: record.readUInt32LE(16), here, count, size, start, at: at! };
}

function exact(field: Buffer, at: number): number | null {
  const value = Number(field.readBigUInt64LE(at));
  return Number.isSafeInteger(value) ? value : null;
}
