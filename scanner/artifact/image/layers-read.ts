import type { Failure } from '../../artifact.ts';
import type { PackageOddity } from '../../packaging.ts';
import { archiveFailure } from './archive-failure.ts';
import { PieceReader } from './archive-input.ts';
import { contentInterest, isOfInterest, nativeTitle, START_BYTES } from './archive-interest.ts';
import { isTarStart, keepFile, restOf, searchFile, unsupportedEntry, type ArchiveSearch, type SearchedFile } from './archive-search.ts';
import { decompress, Meter, type Budget } from './decompress.ts';
import type { Descriptor, ImageSource } from './source.ts';
import { readTar, type TarEntry } from './tar.ts';

/** One file of a layer, which may have several names. */
export interface LayerRecord {
  readonly layer: number;
  /** Number of its entry in the tar. */
  readonly ordinal: number;
  /** The file itself, where its first bytes or its name were reason to keep it. */
  kept: Extract<SearchedFile, { bytes: Uint8Array }> | null;
  /** What archives inside it hold, paths within it; and what could not be read, path empty for the file itself. */
  readonly nested: readonly SearchedFile[];
  /** What native code it is, in words; null: none, or kept. */
  readonly native: string | null;
  /** Names that it has at the moment. */
  names: number;
}

/** What a layer does to the file system, in its order. Only what counts is kept of an entry. */
export type LayerChange =
  | { readonly type: 'file'; readonly path: string; readonly record: LayerRecord }
  | { readonly type: 'symlink' | 'hardlink'; readonly path: string; readonly link: string }
  | { readonly type: 'directory' | 'other' | 'whiteout' | 'opaque'; readonly path: string };

/** One layer, read to its last byte. */
export interface LayerContents {
  readonly changes: readonly LayerChange[];
  /** The module, where the layer is one instead of a tar. */
  readonly module: SearchedFile | null;
  readonly oddities: readonly PackageOddity[];
  readonly unread: readonly Failure[];
}

export interface LayerReading {
  readonly source: ImageSource;
  readonly name: string;
  readonly wanted: (path: string) => boolean;
  readonly budget: Budget;
}

/** Reads one layer; nothing counts before the source has said that its digest holds, which is when this returns. Throws a FetchError. */
export async function readLayer(descriptor: Descriptor, { index, left }: { readonly index: number; /** Bytes of modules that may be kept. */ readonly left: number }, reading: LayerReading): Promise<LayerContents> {
  const oddities = new Map<string, PackageOddity>();
  const odd = (oddity: PackageOddity) => {
    if (oddities.size < MOST_ODDITIES) oddities.set(`${oddity.id} ${oddity.message}`, oddity);
  };
  const changes: LayerChange[] = [];
  const unread: Failure[] = [];
  let module: SearchedFile | null = null;
  await withLayer(descriptor, reading, async (reader, meter) => {
    const search: ArchiveSearch = { name: reading.name, meter, wanted: reading.wanted, depth: 0, allowance: { left }, odd };
    const start = await reader.peek(START_BYTES);
    const keptFor = isTarStart(start) ? null : contentInterest(start);
    if (keptFor) {
      odd({ id: 'wrong-layer-type', message: `Layer ${index} is a module, but its media type ${descriptor.mediaType} says a tar` });
      module = await keepFile({ path: '', body: () => restOf(reader) }, keptFor, search);
      return;
    }
    for await (const entry of readTar(restOf(reader), reading.name)) {
      if (entry.oddity) odd(entry.oddity);
      const unsupported = unsupportedEntry(entry, reading.name);
      if (unsupported) unread.push(unsupported);
      changes.push(await changeOf(entry, index, search));
    }
  });
  return { changes, module, oddities: [...oddities.values()], unread };
}

/** Reads again the files with these numbers, whatever they hold. Throws a FetchError. */
export async function rereadLayer(descriptor: Descriptor, { ordinals, left }: { readonly ordinals: ReadonlyMap<number, LayerRecord>; readonly left: number }, reading: LayerReading): Promise<readonly Failure[]> {
  const found = new Map<LayerRecord, SearchedFile>();
  const allowance = { left };
  await withLayer(descriptor, reading, async (reader) => {
    for await (const entry of readTar(restOf(reader), reading.name)) {
      const record = ordinals.get(entry.ordinal);
      if (record) found.set(record, await keepFile(entry, 'name', { name: reading.name, allowance }));
    }
  });
  const failures: Failure[] = [];
  for (const [record, file] of found) {
    if ('failure' in file) failures.push(file.failure);
    else record.kept = file;
  }
  return failures;
}

/** Honest packages have none. */
const MOST_ODDITIES = 100;
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** Runs through the decompressed bytes of a layer, and then through what is left of them: they end where the blob ends, so that the digest is held against all. */
async function withLayer(descriptor: Descriptor, { source, name, budget }: LayerReading, use: (reader: PieceReader, meter: Meter) => Promise<void>): Promise<void> {
  const meter = new Meter(name, budget);
  const reader = new PieceReader(decompress(meter.counted(source.blob(descriptor)), meter, name));
  try {
    await use(reader, meter);
    while ((await reader.some(Infinity)) !== null);
  } finally {
    await reader.close();
  }
}

async function changeOf(entry: TarEntry, layer: number, search: ArchiveSearch): Promise<LayerChange> {
  const { path, type } = entry;
  const slash = path.lastIndexOf('/') + 1;
  const base = path.slice(slash);
  if (base.startsWith(WHITEOUT) && isWhiteout(entry, base, search)) return base === OPAQUE ? { type: 'opaque', path: path.slice(0, slash) } : { type: 'whiteout', path: path.slice(0, slash) + base.slice(WHITEOUT.length) };
  if (type === 'symlink' || type === 'hardlink') return { type, path, link: entry.link };
  if (type === 'directory') return { type, path };
  if (type !== 'file') return { type: 'other', path };
  if (path === '') throw archiveFailure('malformed-archive', `Cannot read ${search.name}: A file in place of the root at 0x${entry.offset.toString(16)}`);
  return { type, path, record: await recordOf(entry, layer, search) };
}

/** An empty file whose name marks something else as deleted. With contents it is a file as well as any other to some unpackers. */
function isWhiteout({ type, size, path }: TarEntry, base: string, { odd }: ArchiveSearch): boolean {
  const target = base.slice(WHITEOUT.length);
  // Other names of this kind are notes of the first union file system, and link targets.
  if (target.startsWith(WHITEOUT)) return base === OPAQUE;
  if (type === 'file' && size === 0 && target !== '' && target !== '.' && target !== '..') return true;
  odd({ id: 'path-trick', message: `${JSON.stringify(path)} is named like a whiteout and is none` });
  return false;
}

async function recordOf(entry: TarEntry, layer: number, search: ArchiveSearch): Promise<LayerRecord> {
  const start = await entry.start(START_BYTES);
  const plain = { layer, ordinal: entry.ordinal, kept: null, nested: NONE, native: nativeStart(start), names: 0 };
  if (!isOfInterest(entry.path, start, search.wanted)) return plain;
  let kept: LayerRecord['kept'] = null;
  const nested: SearchedFile[] = [];
  for await (const file of searchFile(entry, search)) {
    if (file.path === entry.path && 'bytes' in file) kept = file;
    else nested.push({ ...file, path: file.path.slice(entry.path.length + 2) });
  }
  return kept === null && nested.length === 0 ? plain : { ...plain, kept, nested, native: null };
}

const NONE: readonly SearchedFile[] = [];
/** First bytes of ELF, PE and Mach-O; most files have another and need no closer look. */
const NATIVE_FIRST = new Set([0x7f, 0x4d, 0xfe, 0xce, 0xcf, 0xca]);

function nativeStart(start: Buffer): string | null {
  return NATIVE_FIRST.has(start.at(0) ?? 0) ? nativeTitle(start) : null;
}
