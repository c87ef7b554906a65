import { crc32, inflateRawSync } from 'node:zlib';
import { LIMITS } from '../../wasm/limits.ts';
import { archiveFailure, beyondLimit, malformed } from './archive-failure.ts';
import { archivePath, archiveText } from './archive-path.ts';
import { inflateRaw, type Meter } from './decompress.ts';
import { findDirectory } from './zip-directory.ts';
import type { RandomAccess } from './archive-source.ts';

export interface ZipEntry {
  /** Inside the root. */
  readonly path: string;
  readonly directory: boolean;
  readonly symlink: boolean;
  /** Bytes after decompression, as the directory says; `body` holds it to that. */
  readonly size: number;
  readonly oddity: { readonly id: 'path-trick'; readonly message: string } | null;
  /** Throws a FetchError for what is encrypted, compressed in another way, damaged, or not as the directory says. */
  body(): AsyncIterable<Uint8Array>;
  /** The same at once, for small files by the thousand; refuses those of more than `most` bytes. Throws a FetchError like `body`. */
  whole(most: number): Uint8Array;
}

/**
 * Reads a zip (APPNOTE.TXT, with 64-bit sizes) by its central directory. Throws a FetchError for what is malformed or beyond a limit.
 * Our own reader, because those at hand neither compare the directory with the headers of the files nor refuse files that overlap,
 * by which a small zip holds any number of bytes.
 */
export function readZip(source: RandomAccess, meter: Meter, name: string): readonly ZipEntry[] {
  const { records, start } = readRecords(source, name);
  const ordered = records.toSorted((a, b) => a.offset - b.offset);
  for (const [index, record] of ordered.entries()) {
    const end = ordered[index + 1]?.offset ?? start;
    if (record.offset + LOCAL_BYTES + record.rawName.length + record.compressed > end) throw malformed(name, 'Files of a zip overlap', record.offset);
    record.end = end;
  }
  return records.map((record) => zipEntry(source, record, { meter, name }));
}

interface ZipRecord {
  readonly rawName: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  readonly offset: number;
  readonly mode: number;
  /** Where the next file, or the directory, starts. */
  end: number;
}

const RECORD_BYTES = 46;
const LOCAL_BYTES = 30;
/** Bit 0: encrypted; 6: strongly so; 13: with a masked directory. */
const ENCRYPTED = 0x2041;
const UNTIL_LATER = 0x8;

function readRecords(source: RandomAccess, name: string): { readonly records: ZipRecord[]; readonly start: number } {
  const { start, size, count } = findDirectory(source, name);
  if (count > LIMITS.archiveEntries) throw beyondLimit(name, `More than ${LIMITS.archiveEntries} entries`);
  if (size > LIMITS.archiveDirectoryBytes) throw beyondLimit(name, `A directory of ${size} bytes`);
  if (count * RECORD_BYTES > size) throw malformed(name, 'The directory of a zip is shorter than its entries', start);
  const directory = source.read(start, size);
  const records: ZipRecord[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + RECORD_BYTES > size || directory.readUInt32LE(at) !== 0x02014b50) throw malformed(name, 'An entry in the directory of a zip is damaged', start + at);
    const length = RECORD_BYTES + directory.readUInt16LE(at + 28) + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (at + length > size) throw malformed(name, 'An entry in the directory of a zip is cut off', start + at);
    records.push(readRecord(directory.subarray(at, at + length), name, start + at));
    at += length;
  }
  if (at !== size) throw malformed(name, 'The directory of a zip has more entries than it says', start + at);
  return { records, start };
}

function readRecord(record: Buffer, name: string, offset: number): ZipRecord {
  const nameEnd = RECORD_BYTES + record.readUInt16LE(28);
  const extra = record.subarray(nameEnd, nameEnd + record.readUInt16LE(30));
  const wide = extraField(extra, 1);
  let at = 0;
  const long = (value: number) => {
    if (value !== 0xffff_ffff) return value;
    if (wide === null || at + 8 > wide.length) throw malformed(name, 'A 64-bit size of a zip is missing', offset);
    const found = Number(wide.readBigUInt64LE(at));
    at += 8;
    if (!Number.isSafeInteger(found)) throw malformed(name, 'A size of a zip is too large', offset);
    return found;
  };
  // In this order in the extra field.
  const size = long(record.readUInt32LE(24));
  const compressed = long(record.readUInt32LE(20));
  const local = long(record.readUInt32LE(42));
  const rawName = record.subarray(RECORD_BYTES, nameEnd);
  if (rawName.length > LIMITS.archivePathBytes) throw beyondLimit(name, `A path of more than ${LIMITS.archivePathBytes} bytes at 0x${offset.toString(16)}`);
  if (rawName.includes(0)) throw malformed(name, 'A path of a zip holds a NUL', offset);
  const unix = record.readUInt8(5) === 3;
  return { rawName, flags: record.readUInt16LE(8), method: record.readUInt16LE(10), crc: record.readUInt32LE(16), compressed, size, offset: local, mode: unix ? record.readUInt16LE(40) : 0, end: 0 };
}

function extraField(extra: Buffer, id: number): Buffer | null {
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return null;
}

function zipEntry(source: RandomAccess, record: ZipRecord, job: { readonly meter: Meter; readonly name: string }): ZipEntry {
  const written = archiveText(record.rawName);
  // Windows writers use the other slash, and unpackers there honour it.
  const { path, climbs } = archivePath(written.replaceAll('\\', '/'));
  return {
    path,
    directory: written.endsWith('/') && record.size === 0,
    symlink: (record.mode & 0xf000) === 0xa000,
    size: record.size,
    oddity: climbs ? { id: 'path-trick', message: `The path ${JSON.stringify(written)} climbs with ..` } : null,
    body: () => zipBody(source, record, { ...job, name: `${job.name}!/${path}` }),
    whole: (most) => zipWhole(source, record, { ...job, name: `${job.name}!/${path}`, most }),
  };
}

async function* zipBody(source: RandomAccess, record: ZipRecord, { meter, name }: { readonly meter: Meter; readonly name: string }): AsyncGenerator<Uint8Array> {
  demandReadable(record, name, LIMITS.artifactBytes);
  const start = dataStart(source, record, name);
  const packed = packedPieces(source, start, record.compressed);
  const pieces = record.method === 8 ? inflateRaw(packed, meter, name) : counted(packed, meter);
  let size = 0;
  let crc = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > record.size) break;
    crc = crc32(piece, crc);
    yield piece;
  }
  if (size !== record.size) throw malformed(name, `The directory of the zip says ${record.size} bytes, which it is not`, record.offset);
  if (crc !== record.crc) throw malformed(name, 'The checksum of a file does not hold', record.offset);
}

function demandReadable(record: ZipRecord, name: string, most: number): void {
  if (record.flags & ENCRYPTED) throw archiveFailure('encrypted', `Cannot read ${name}: It is encrypted`);
  if (record.method !== 0 && record.method !== 8) throw archiveFailure('unknown-compression', `Cannot read ${name}: Compression method ${record.method} of zip is not supported, use deflate`);
  if (record.size > most) throw archiveFailure('too-large', `Cannot read ${name}: larger than the limit of ${most} bytes`);
}

function zipWhole(source: RandomAccess, record: ZipRecord, { meter, name, most }: { readonly meter: Meter; readonly name: string; readonly most: number }): Uint8Array {
  demandReadable(record, name, most);
  const packed = source.read(dataStart(source, record, name), record.compressed);
  let content: Uint8Array = packed;
  try {
    if (record.method === 8) content = inflateRawSync(packed, { maxOutputLength: record.size + 1, chunkSize: Math.max(64, Math.min(record.size + 1, PIECE_BYTES)) });
  } catch (error) {
    throw archiveFailure('malformed-compression', `Cannot read ${name}: The compressed data is damaged, or longer than the directory of the zip says`, { cause: error });
  }
  meter.read(packed.length);
  meter.gave(content.length);
  if (content.length !== record.size) throw malformed(name, `The directory of the zip says ${record.size} bytes, which it is not`, record.offset);
  if (crc32(content) !== record.crc) throw malformed(name, 'The checksum of a file does not hold', record.offset);
  return content;
}

/** Behind the local header, which must say the same as the directory: some readers believe the one, some the other. */
function dataStart(source: RandomAccess, record: ZipRecord, name: string): number {
  const local = source.read(record.offset, LOCAL_BYTES);
  if (local.length < LOCAL_BYTES || local.readUInt32LE(0) !== 0x04034b50) throw malformed(name, 'The header of a file is not where the directory says', record.offset);
  const nameLength = local.readUInt16LE(26);
  const start = record.offset + LOCAL_BYTES + nameLength + local.readUInt16LE(28);
  const sameName = source.read(record.offset + LOCAL_BYTES, nameLength).equals(record.rawName);
  const later = (record.flags & UNTIL_LATER) !== 0;
  const says = (at: number, value: number) => later || local.readUInt32LE(at) === value || local.readUInt32LE(at) === 0xffff_ffff;
  const same = sameName && local.readUInt16LE(8) === record.method && (local.readUInt16LE(6) & (ENCRYPTED | UNTIL_LATER)) === (record.flags & (ENCRYPTED | UNTIL_LATER))
    && says(14, record.crc) && says(18, record.compressed) && says(22, record.size);
  if (!same) throw malformed(name, 'The header of a file and the directory contradict each other', record.offset);
  if (start + record.compressed > record.end) throw malformed(name, 'Files of a zip overlap', record.offset);
  return start;
}

const PIECE_BYTES = 1 << 17;

async function* packedPieces(source: RandomAccess, start: number, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += PIECE_BYTES) yield source.read(start + at, Math.min(PIECE_BYTES, length - at));
}

async function* counted(pieces: AsyncIterable<Uint8Array>, meter: Meter): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    meter.gave(piece.length);
    yield piece;
  }
}
