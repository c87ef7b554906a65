import { malformed } from './archive-failure.ts';
import { archivePath } from './archive-path.ts';
import type { RandomAccess } from './archive-source.ts';
import { decompress, Meter, newBudget, type Compression } from './decompress.ts';
import type { StoredFile, StoredFiles } from './layout-source.ts';
import { readTar, type TarEntry } from './tar.ts';

type Listed = Pick<TarEntry, 'type' | 'link' | 'size' | 'offset' | 'ordinal'>;

/** The files of a tar by path, the last of each path. Bodies are read where they stand, or, compressed, by running through the tar again. */
export class TarFiles implements StoredFiles {
  readonly #tar: OpenTar;
  readonly #entries: ReadonlyMap<string, Listed>;

  private constructor(tar: OpenTar, entries: ReadonlyMap<string, Listed>) {
    this.#tar = tar;
    this.#entries = entries;
  }

  /** Runs through a tar once. Throws a FetchError. */
  static async list(tar: OpenTar): Promise<TarFiles> {
    const entries = new Map<string, Listed>();
    for await (const { path, type, link, size, offset, ordinal } of readTar(tarPieces(tar), tar.name)) entries.set(path, { type, link, size, offset, ordinal });
    return new TarFiles(tar, entries);
  }

  /** Paths of files and links. */
  get paths(): readonly string[] {
    return [...this.#entries].filter(([, { type }]) => type !== 'directory').map(([path]) => path);
  }

  find(path: string): StoredFile | null {
    const entry = this.#follow(path);
    if (entry === null) return null;
    const { access, compression, name } = this.#tar;
    return { size: entry.size, pieces: () => (compression === 'none' ? access.pieces(entry.offset, entry.size) : bodyOf(this.#tar, entry.ordinal, name)) };
  }

  /** Docker writes a layer that it has written before as a link to it. */
  #follow(path: string): Listed | null {
    let at = path;
    for (let links = 0; links < 10; links++) {
      const entry = this.#entries.get(at);
      if (!entry || entry.type === 'file') return entry ?? null;
      if (entry.type === 'hardlink') at = archivePath(entry.link).path;
      else if (entry.type === 'symlink') at = archivePath(entry.link.startsWith('/') ? entry.link : `${at}/../${entry.link}`).path;
      else return null;
    }
    return null;
  }
}

/** A tar that can be read more than once. */
export interface OpenTar {
  readonly access: RandomAccess;
  readonly compression: Compression;
  readonly name: string;
}

/** The decompressed bytes of a tar, within the limits of a run of its own. */
export function tarPieces({ access, compression, name }: OpenTar, meter = new Meter(name, newBudget())): AsyncIterable<Uint8Array> {
  const pieces = access.pieces(0, access.size);
  if (compression !== 'none') return decompress(meter.counted(pieces), meter, name);
  // Counted as a whole, so that it can move past bodies without reading them.
  meter.read(access.size);
  return pieces;
}

async function* bodyOf(tar: OpenTar, ordinal: number, name: string): AsyncGenerator<Uint8Array> {
  for await (const entry of readTar(tarPieces(tar), name)) {
    if (entry.ordinal !== ordinal) continue;
    yield* entry.body();
    return;
  }
  throw malformed(name, 'It changed while it was read');
}
