import type { PackageOddity } from '../../packaging.ts';
import { LIMITS } from '../../wasm/limits.ts';
import type { Failure } from '../../artifact.ts';
import { ArchiveError, archiveFailure } from './archive-failure.ts';
import { PieceReader } from './archive-input.ts';
import { openImages } from './archive-images.ts';
import { contentInterest, START_BYTES, type KeptFor } from './archive-interest.ts';
import { isTarStart, isZip, keepFile, restOf, searchTar, searchZip, type ArchiveSearch, type SearchedFile } from './archive-search.ts';
import { bytesAccess, fileAccess, type RandomAccess } from './archive-source.ts';
import { TarFiles, tarPieces, type OpenTar } from './archive-tar-files.ts';
import { COMPRESSION_BYTES, compressionOf, Meter, newBudget, type Compression } from './decompress.ts';
import type { OpenedImage } from './source.ts';
import { isTarHeader } from './tar-header.ts';

/** A file that a Wasm runtime would load or that was asked for, or what could not be read. */
export type ArchiveFile =
  | { readonly path: string; readonly bytes: Uint8Array; readonly keptFor: KeptFor }
  | { readonly path: string; readonly failure: Failure };

/** What an archive turned out to be. */
export type ArchiveTarget =
  | { readonly kind: 'images'; readonly images: readonly OpenedImage[] }
  /** Each file as soon as it is read; throws a FetchError where the archive breaks, and then nobody knows what else it holds. */
  | { readonly kind: 'files'; readonly files: AsyncIterable<ArchiveFile> };

export interface ArchiveOptions {
  /** Files that are given for what they say, by their path: `tenant.json`. */
  readonly wanted?: (path: string) => boolean;
}

/**
 * Recognises an archive by its bytes: OCI layouts and docker-save tars become images; any other tar (plain, gzip, zstd) and zip becomes
 * the files in it that a Wasm runtime would load, archives inside included. null: it is no archive, or one of a form that is not read.
 * Nothing is written anywhere. Throws a FetchError.
 */
export async function openArchive(input: { readonly path: string } | { readonly bytes: Uint8Array }, name: string, options: ArchiveOptions = {}): Promise<ArchiveTarget | null> {
  const access = 'path' in input ? fileAccess(input.path, name) : bytesAccess(input.bytes);
  const start = access.read(0, START_BYTES);
  const wanted = options.wanted ?? (() => false);
  if (isZip(start)) return { kind: 'files', files: files(name, wanted, (search) => wholeZip(access, search)) };
  const compression = knownCompression(start, name);
  if (compression === null) return null;
  const tar: OpenTar = { access, compression, name };
  const inner = compression === 'none' ? start : await innerStart(tar);
  if (compression === 'none' ? isTarHeader(inner) : isTarStart(inner)) {
    const images = await openImages(await TarFiles.list(tar), name);
    return images ? { kind: 'images', images } : { kind: 'files', files: files(name, wanted, (search) => searchTar(tarPieces(tar, search.meter), search)) };
  }
  const keptFor = compression === 'none' ? null : contentInterest(inner);
  return keptFor === null ? null : { kind: 'files', files: files(name, wanted, (search) => compressedFile(tar, keptFor, search)) };
}

function knownCompression(start: Buffer, name: string): Compression | null {
  try {
    return compressionOf(start.subarray(0, COMPRESSION_BYTES), name);
  } catch (error) {
    if (error instanceof ArchiveError) return null;
    throw error;
  }
}

async function innerStart(tar: OpenTar): Promise<Buffer> {
  const reader = new PieceReader(tarPieces(tar));
  try {
    return Buffer.from(await reader.peek(START_BYTES));
  } finally {
    await reader.close();
  }
}

/** A search whose oddities are failures: of a plain archive nobody can say where such a file ends up. */
async function* files(name: string, wanted: (path: string) => boolean, search: (how: ArchiveSearch) => AsyncIterable<SearchedFile>): AsyncGenerator<ArchiveFile> {
  const oddities: PackageOddity[] = [];
  let given = 0;
  const allowance = { left: LIMITS.artifactBytes };
  const meter = new Meter(name, newBudget());
  for await (const file of search({ name, meter, wanted, depth: 0, allowance, odd: (oddity) => oddities.length < MOST_ODDITIES && oddities.push(oddity) })) {
    if (++given > LIMITS.imageModules) throw archiveFailure('limit-exceeded', `Cannot read ${name}: More than ${LIMITS.imageModules} modules`);
    yield file;
    // Nobody keeps what was given before.
    allowance.left = LIMITS.artifactBytes;
  }
  for (const { id, message } of oddities) yield { path: '', failure: archiveFailure(id, `Cannot trust ${name}: ${message}`).failure };
}

const MOST_ODDITIES = 100;

/** `plugin.wasm.gz`: one file, compressed. Its path is the archive itself. */
async function* compressedFile(tar: OpenTar, keptFor: KeptFor, search: ArchiveSearch): AsyncGenerator<SearchedFile> {
  const reader = new PieceReader(tarPieces(tar, search.meter));
  try {
    yield await keepFile({ path: '', body: () => restOf(reader) }, keptFor, search);
  } finally {
    await reader.close();
  }
}

/** Its files are read here and there, and some twice, so that it is counted as a whole. */
function wholeZip(access: RandomAccess, search: ArchiveSearch): AsyncIterable<SearchedFile> {
  search.meter.read(access.size);
  return searchZip(access, search);
}
