import type { Failure } from '../../artifact.ts';
import type { PackageOddity } from '../../packaging.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { ArchiveError, archiveFailure } from './archive-failure.ts';
import { collect, PieceReader } from './archive-input.ts';
import { contentInterest, interestIn, isNestedArchive, START_BYTES, type KeptFor } from './archive-interest.ts';
import { bytesAccess, type RandomAccess } from './archive-source.ts';
import { COMPRESSION_BYTES, compressionOf, decompress, type Meter } from './decompress.ts';
import { readTar, type TarEntry } from './tar.ts';
import { BLOCK_BYTES, isTarHeader } from './tar-header.ts';
import { readZip } from './zip.ts';

/** A file of an archive that was kept, or one that could not be read. */
export type SearchedFile =
  | { readonly path: string; readonly bytes: Uint8Array; readonly keptFor: KeptFor }
  | { readonly path: string; readonly failure: Failure };

/** One search through an archive and those inside it. */
export interface ArchiveSearch {
  /** For messages. */
  readonly name: string;
  readonly meter: Meter;
  /** Files that are kept for what they say; at most LIMITS.wantedBytes each. */
  readonly wanted: (path: string) => boolean;
  /** Archives around this one. */
  readonly depth: number;
  /** Bytes that may still be kept. */
  readonly allowance: { left: number };
  readonly odd: (oddity: PackageOddity) => void;
}

/** One file of an archive, as a search reads it. */
export interface ArchivedFile {
  readonly path: string;
  readonly size: number;
  start(length: number): Promise<Buffer>;
  body(): AsyncIterable<Uint8Array>;
}

/** Searches the decompressed bytes of a tar. All files of one path are given, because the first or the last counts by unpacker. Throws a FetchError. */
export async function* searchTar(pieces: AsyncIterable<Uint8Array>, search: ArchiveSearch): AsyncGenerator<SearchedFile> {
  for await (const entry of readTar(pieces, search.name)) {
    if (entry.oddity) search.odd(entry.oddity);
    const unread = unsupportedEntry(entry, search.name);
    if (unread) yield { path: entry.path, failure: unread };
    else if (entry.type === 'file') yield* searchFile(entry, search);
  }
}

/** Searches a zip. Throws a FetchError. */
export async function* searchZip(source: RandomAccess, search: ArchiveSearch): AsyncGenerator<SearchedFile> {
  for (const entry of readZip(source, search.meter, search.name)) {
    if (entry.oddity) search.odd(entry.oddity);
    if (entry.directory || entry.symlink) continue;
    yield* guarded(entry.path, () => searchFile({ path: entry.path, size: entry.size, start: (length) => startOf(entry.body(), length), body: () => entry.body() }, search));
  }
}

/** What is kept of one file, and of the archive that it may be. Throws what its body throws, where it is not an archive. */
export async function* searchFile(file: ArchivedFile, search: ArchiveSearch): AsyncGenerator<SearchedFile> {
  const start = await file.start(START_BYTES);
  const keptFor = interestIn(file.path, start, search.wanted);
  if (keptFor) yield await keepFile(file, keptFor, search);
  else if (isNestedArchive(file.path)) yield* searchNested(file, start, search);
}

/** Reads a file whole, within what may be kept. */
export async function keepFile({ path, body }: Pick<ArchivedFile, 'path' | 'body'>, keptFor: KeptFor, { name, allowance }: Pick<ArchiveSearch, 'name' | 'allowance'>): Promise<SearchedFile> {
  const limit = keptFor === 'wanted' ? LIMITS.wantedBytes : LIMITS.artifactBytes;
  const content = await collect(body(), Math.min(limit, allowance.left));
  if (content === null) return { path, failure: tooLarge(`${name}!/${path}`, Math.min(limit, allowance.left)) };
  allowance.left -= content.length;
  return { path, bytes: content, keptFor };
}

/** The failure for an entry whose bytes a tar does not hold as they are; null: it has none, or they can be read. */
export function unsupportedEntry({ type, path, size }: Pick<TarEntry, 'type' | 'path' | 'size'>, name: string): Failure | null {
  if (type === 'sparse') return archiveFailure('sparse-file', `Cannot read ${name}!/${path}: Sparse files are not supported`).failure;
  return type === 'other' && size > 0 ? archiveFailure('unknown-entry', `Cannot read ${name}!/${path}: An entry of a type that is not supported`).failure : null;
}

/** By its first bytes. */
export function isZip(start: Buffer): boolean {
  return /^504b(0304|0506)/.test(start.toString('hex', 0, 4));
}

/** A broken archive is one failure; what was found in it before counts, because the bytes around it hold. */
async function* searchNested(file: ArchivedFile, start: Buffer, search: ArchiveSearch): AsyncGenerator<SearchedFile> {
  const name = `${search.name}!/${file.path}`;
  for await (const found of guarded('', () => nestedFiles(file, start, { ...search, name, depth: search.depth + 1 }))) {
    yield { ...found, path: found.path === '' ? file.path : `${file.path}!/${found.path}` };
  }
}

async function* nestedFiles(file: ArchivedFile, start: Buffer, search: ArchiveSearch): AsyncGenerator<SearchedFile> {
  const compression = compressionOf(start.subarray(0, COMPRESSION_BYTES), search.name);
  if (compression === 'none' && !isZip(start) && !isTarHeader(start)) return;
  if (search.depth > LIMITS.archiveDepth) throw archiveFailure('archive-depth', `Cannot read ${search.name}: More than ${LIMITS.archiveDepth} archives inside each other`);
  if (isZip(start)) yield* searchNestedZip(file, search);
  else yield* searchCompressed(decompress(file.body(), search.meter, search.name), search);
}

async function* searchNestedZip(file: ArchivedFile, search: ArchiveSearch): AsyncGenerator<SearchedFile> {
  const content = await collect(file.body(), LIMITS.nestedZipBytes);
  if (content === null) throw archiveFailure('too-large', `Cannot read ${search.name}: a zip inside an archive, larger than the limit of ${LIMITS.nestedZipBytes} bytes`);
  yield* searchZip(bytesAccess(content), search);
}

/** A tar, or a single file that was compressed. */
async function* searchCompressed(pieces: AsyncIterable<Uint8Array>, search: ArchiveSearch): AsyncGenerator<SearchedFile> {
  const reader = new PieceReader(pieces);
  try {
    const start = Buffer.from(await reader.peek(START_BYTES));
    if (start.length === 0) return;
    if (isTarStart(start)) yield* searchTar(restOf(reader), search);
    else yield await compressedFile(reader, start, search);
  } finally {
    await reader.close();
  }
}

function compressedFile(reader: PieceReader, start: Buffer, search: ArchiveSearch): Promise<SearchedFile> {
  const keptFor = contentInterest(start);
  if (keptFor === null) throw archiveFailure('unknown-archive', `Cannot read ${search.name}: The compressed data is no tar`);
  return keepFile({ path: '', body: () => restOf(reader) }, keptFor, search);
}

/** Whether bytes can begin a tar: a header, or nothing but the zeros of an empty one. */
export function isTarStart(start: Buffer): boolean {
  return isTarHeader(start) || (start.length >= BLOCK_BYTES && start.subarray(0, BLOCK_BYTES).every((value) => value === 0));
}

/** What a reader has left, in pieces. */
export async function* restOf(reader: PieceReader): AsyncGenerator<Uint8Array> {
  for (let piece = await reader.some(Infinity); piece !== null; piece = await reader.some(Infinity)) yield piece;
}

async function* guarded(path: string, search: () => AsyncIterable<SearchedFile>): AsyncGenerator<SearchedFile> {
  try {
    yield* search();
  } catch (error) {
    if (!(error instanceof ArchiveError) || error.failure.code === 'decompression-bomb') throw error;
    yield { path, failure: error.failure };
  }
}

async function startOf(body: AsyncIterable<Uint8Array>, length: number): Promise<Buffer> {
  const reader = new PieceReader(body);
  try {
    return Buffer.from(await reader.peek(length));
  } finally {
    await reader.close();
  }
}

function tooLarge(name: string, limit: number): Failure {
  return archiveFailure('too-large', `Cannot read ${name}: larger than the limit of ${limit} bytes, or than what is left of it`).failure;
}
