import type { Failure } from '../../artifact.ts';
import type { NativeSibling, PackageOddity } from '../../packaging.ts';
import { LIMITS } from '../../wasm/limits.ts';
import type { FetchError } from '../fetch-error.ts';
import { archiveFailure, beyondLimit } from './archive-failure.ts';
import { mayCarryModules, MODULE_NAME, type KeptFor } from './archive-interest.ts';
import { newBudget } from './decompress.ts';
import { entryPointOf, type EntryPoint, type ImageProcess } from './entry-point.ts';
import { LayeredFileSystem } from './file-system.ts';
import { readLayer, rereadLayer, type LayerContents, type LayerReading, type LayerRecord } from './layers-read.ts';
import type { Descriptor, ImageSource } from './source.ts';

export interface LayerSearchOptions {
  /** The image, for messages. */
  readonly name: string;
  /** What the process is; null or left out: the package says nothing of one. */
  readonly process?: ImageProcess | null;
  /** Small files that are kept for what they say: `spin.toml`. Asked with the path of the file, without leading slash. */
  readonly wanted?: (path: string) => boolean;
  /** Media types that are tars beside those of images. */
  readonly tarTypes?: readonly string[];
}

/** One file of the final file system, or of an archive in it. */
export interface LayerFile {
  /** Without leading slash; `!/` stands between an archive and what it holds. null: the layer itself is the module. */
  readonly path: string | null;
  readonly bytes: Uint8Array;
  readonly layer: Descriptor;
  /** Of the layer, from 0. */
  readonly index: number;
  readonly keptFor: KeptFor;
  /** The process starts this very file. */
  readonly entryPoint: boolean;
  /** A runner that the process starts is given this file. */
  readonly argument: boolean;
}

export interface LayerSearch {
  /** By path. Files that were only wanted are among them. */
  readonly files: readonly LayerFile[];
  /** What could not be read. Not empty: nobody can say that there is no further module. */
  readonly unread: readonly Failure[];
  readonly oddities: readonly PackageOddity[];
  /** Programs and libraries of other kinds in the final file system: the first ones by path. */
  readonly natives: readonly NativeSibling[];
  /** What the process starts; null without a process in the options. */
  readonly entryPoint: EntryPoint | null;
}

/**
 * Searches layers, the lowest first, for what a Wasm runtime would load, and judges the file system that they make together: what an upper
 * layer deletes or replaces is gone. Only the bytes of found files are kept. Never throws for what layers hold: a layer that cannot be
 * read, or whose digest does not hold, is in `unread`, and what it would have changed is left out.
 */
export async function searchLayers(source: ImageSource, layers: readonly Descriptor[], options: LayerSearchOptions): Promise<LayerSearch> {
  const search = new Search(source, layers, options);
  if (layers.length > LIMITS.descriptors) search.unread.push(beyondLimit(options.name, `More than ${LIMITS.descriptors} layers`).failure);
  for (const index of layers.slice(0, LIMITS.descriptors).keys()) await search.guarded(() => search.addLayer(index));
  return search.result();
}

const TAR = /^application\/vnd\.(oci\.image\.layer\.v1\.tar(\+gzip|\+zstd)?|docker\.image\.rootfs\.diff\.tar(\.gzip|\.zstd)?)$/;
const FOREIGN = /^application\/vnd\.(oci\.image\.layer\.nondistributable\.v1\.|docker\.image\.rootfs\.foreign\.diff\.)/;

/** A file that is in the result, and why. */
interface Placed {
  readonly path: string;
  readonly record: LayerRecord;
  readonly keptFor: KeptFor;
}

class Search {
  readonly unread: Failure[] = [];
  readonly #layers: readonly Descriptor[];
  readonly #options: LayerSearchOptions;
  readonly #reading: LayerReading;
  readonly #files: LayeredFileSystem<LayerRecord>;
  readonly #modules: LayerFile[] = [];
  readonly #oddities: PackageOddity[] = [];
  /**
   * Archives inside that could not be read. No runtime loads modules from just any archive, so damaged test data in an ordinary image says
   * nothing; beside Wasm, or under a name of bundles, it may hide some.
   */
  readonly #doubtful: { readonly path: string; readonly failure: Failure }[] = [];
  /** Bytes kept at the moment, of all layers. */
  #live = 0;

  constructor(source: ImageSource, layers: readonly Descriptor[], options: LayerSearchOptions) {
    this.#layers = layers;
    this.#options = options;
    this.#reading = { source, name: options.name, wanted: options.wanted ?? (() => false), budget: newBudget() };
    this.#files = new LayeredFileSystem(options.name, (record) => {
      if (--record.names === 0) this.#live -= keptBytes(record);
    });
  }

  async addLayer(index: number): Promise<void> {
    const descriptor = this.#layers[index]!;
    const name = this.#layerName(index);
    this.#refuseUnknown(descriptor, name);
    const contents = await readLayer(descriptor, { index, left: LIMITS.layerModuleBytes - this.#live }, { ...this.#reading, name });
    this.#oddities.push(...contents.oddities);
    this.unread.push(...contents.unread);
    this.#addModule(contents, index);
    // Before anything that the layer adds, wherever they stand in it: they speak of lower layers only.
    for (const change of contents.changes) if (change.type === 'opaque') this.#files.opaque(change.path);
    for (const change of contents.changes) if (change.type === 'whiteout') this.#files.whiteout(change.path);
    for (const change of contents.changes) this.#apply(change, name);
  }

  async result(): Promise<LayerSearch> {
    const { process } = this.#options;
    const entryPoint = process ? entryPointOf(process, (path) => this.#files.find(path)?.path ?? null) : null;
    const placed = this.#place(entryPoint);
    await this.#readMissing(placed);
    const files = [...this.#modules];
    for (const one of placed) this.#list(one, entryPoint, files);
    this.unread.push(...this.#doubtful.filter(({ path }) => files.length > 0 || mayCarryModules(path)).map(({ failure }) => failure));
    return { files: this.#withinLimit(files), unread: this.unread, oddities: this.#oddities, natives: this.#natives(), entryPoint };
  }

  #natives(): NativeSibling[] {
    const found: NativeSibling[] = [];
    for (const { path, file } of this.#files.entries()) if (file !== null && file.native !== null) found.push({ path, title: file.native });
    return found.sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, LIMITS.natives);
  }

  /** A failure is written down, and the search goes on. */
  async guarded(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Error) || !('failure' in error)) throw error;
      const { failure } = error as FetchError;
      this.unread.push(failure);
      if (failure.code === 'decompression-bomb') this.#oddities.push({ id: 'decompression-bomb', message: failure.message });
    }
  }

  #refuseUnknown({ mediaType }: Descriptor, name: string): void {
    if (FOREIGN.test(mediaType)) throw archiveFailure('foreign-layer', `Cannot read ${name}: A layer that is not distributed with its image`);
    if (!TAR.test(mediaType) && !this.#options.tarTypes?.includes(mediaType)) throw archiveFailure('unknown-media-type', `Cannot read ${name}: The media type ${JSON.stringify(mediaType.slice(0, 200))} is not known`);
  }

  #addModule({ module }: LayerContents, index: number): void {
    if (module === null) return;
    if ('failure' in module) this.unread.push(module.failure);
    else {
      this.#live += module.bytes.length;
      this.#modules.push({ path: null, bytes: module.bytes, keptFor: module.keptFor, layer: this.#layers[index]!, index, entryPoint: false, argument: false });
    }
  }

  #apply(change: LayerContents['changes'][number], name: string): void {
    const { type, path } = change;
    if (type === 'file') this.#addName(path, change.record);
    else if (type === 'symlink') this.#files.addSymlink(path, change.link);
    else if (type === 'directory') this.#files.addDirectory(path);
    else if (type === 'other') this.#files.addOther(path);
    else if (type === 'hardlink') {
      const record = this.#files.addHardLink(path, change.link);
      if (record === false) this.unread.push(archiveFailure('broken-link', `Cannot read ${name}!/${path}: It is a hard link to a file that is not there`).failure);
      // Counted after it was put there: it may replace another name of the same file.
      else if (record !== null && record.names++ === 0) this.#live += keptBytes(record);
    }
  }

  #addName(path: string, record: LayerRecord): void {
    if (record.names++ === 0) this.#live += keptBytes(record);
    this.#files.addFile(path, record);
  }

  /** What is to be in the result, found or not yet read, by path. */
  #place(entryPoint: EntryPoint | null): Placed[] {
    const placed = new Map<string, Placed>();
    for (const { path, file } of this.#files.entries()) {
      const record = file ?? (MODULE_NAME.test(path) ? this.#files.find(path)?.file : undefined);
      if (!record) continue;
      if (file === null && record.kept === null) placed.set(path, { path, record, keptFor: 'name' });
      else if (file !== null && record.kept !== null) placed.set(path, { path, record, keptFor: record.kept.keptFor });
      else if (file !== null && (record.nested.length > 0 || MODULE_NAME.test(path))) placed.set(path, { path, record, keptFor: 'name' });
    }
    for (const [keptFor, paths] of [['entry-point', entryPoint?.files], ['argument', entryPoint?.arguments]] as const) {
      for (const path of paths ?? []) {
        const record = placed.has(path) ? undefined : this.#files.find(path)?.file;
        if (record) placed.set(path, { path, record, keptFor });
      }
    }
    return [...placed.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Files that only the whole image gave a reason to keep: links called like modules, and what the process starts. */
  async #readMissing(placed: readonly Placed[]): Promise<void> {
    const missing = new Map<number, Map<number, LayerRecord>>();
    for (const { record, keptFor, path } of placed) {
      if (record.kept !== null || !(MODULE_NAME.test(path) || keptFor === 'entry-point' || keptFor === 'argument')) continue;
      if (record.nested.some(({ path: inside }) => inside === '')) continue;
      const ordinals = missing.get(record.layer) ?? new Map<number, LayerRecord>();
      missing.set(record.layer, ordinals.set(record.ordinal, record));
    }
    for (const [index, ordinals] of missing) {
      await this.guarded(async () => {
        const failures = await rereadLayer(this.#layers[index]!, { ordinals, left: LIMITS.layerModuleBytes - this.#live }, { ...this.#reading, name: this.#layerName(index) });
        this.unread.push(...failures);
        for (const record of ordinals.values()) this.#live += record.kept?.bytes.length ?? 0;
      });
    }
  }

  #list({ path, record, keptFor }: Placed, entryPoint: EntryPoint | null, files: LayerFile[]): void {
    const place = { layer: this.#layers[record.layer]!, index: record.layer };
    if (record.kept) files.push({ ...place, path, bytes: record.kept.bytes, keptFor, entryPoint: entryPoint?.files.includes(path) ?? false, argument: entryPoint?.arguments.includes(path) ?? false });
    for (const inside of record.nested) {
      if ('failure' in inside) this.#doubtful.push({ path: inside.path === '' ? path : `${path}/${inside.path}`, failure: inside.failure });
      else files.push({ ...place, path: inside.path === '' ? path : `${path}!/${inside.path}`, bytes: inside.bytes, keptFor: inside.keptFor, entryPoint: false, argument: false });
    }
  }

  #withinLimit(files: readonly LayerFile[]): readonly LayerFile[] {
    if (files.length > LIMITS.imageModules) this.unread.push(beyondLimit(this.#options.name, `More than ${LIMITS.imageModules} modules`).failure);
    return files.slice(0, LIMITS.imageModules);
  }

  #layerName(index: number): string {
    return `${this.#options.name}, layer ${index} (${this.#layers[index]!.digest})`;
  }
}

function keptBytes({ kept, nested }: LayerRecord): number {
  let bytes = kept?.bytes.length ?? 0;
  for (const file of nested) if ('bytes' in file) bytes += file.bytes.length;
  return bytes;
}
