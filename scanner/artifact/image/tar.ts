import { LIMITS } from '../../wasm/limits.ts';
import { beyondLimit, malformed } from './archive-failure.ts';
import { PieceReader, type Pieces } from './archive-input.ts';
import { archivePath } from './archive-path.ts';
import { BLOCK_BYTES, readTarHeader, text, type TarHeader } from './tar-header.ts';
import { readPax, type PaxRecords } from './tar-pax.ts';

/** `sparse` and `other`: there may be bytes that this reader cannot give as the file they are. */
export type TarType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'device' | 'sparse' | 'other';

/** One entry; usable until the next one is asked for. */
export interface TarEntry {
  /** Inside the root; empty for the root itself. */
  readonly path: string;
  readonly type: TarType;
  /** Target of a link as written; empty for other types. */
  readonly link: string;
  /** Bytes of its body. */
  readonly size: number;
  /** Where the body starts, counted from the start of the tar. */
  readonly offset: number;
  /** Number of the entry, from 0. */
  readonly ordinal: number;
  /** What is remarkable about it, for people; null: nothing. */
  readonly oddity: { readonly id: 'path-trick' | 'lying-size'; readonly message: string } | null;
  /** The first bytes, which `body` gives again. */
  start(length: number): Promise<Buffer>;
  /** The body in pieces; throws a FetchError when the tar ends inside it. What is not read is skipped. */
  body(): AsyncIterable<Uint8Array>;
}

/**
 * Reads a tar (ustar, GNU long names, POSIX extended headers) as a stream, as Go's archive/tar does, which unpacks images in most
 * runtimes. Throws a FetchError for what is malformed or beyond a limit, and for what readers understand differently. It is not built
 * on a library: those at hand read negative sizes as positive ones, pass over broken extended headers and give sparse files as plain.
 */
export async function* readTar(pieces: Pieces, name: string): AsyncGenerator<TarEntry> {
  const reader = new PieceReader(pieces);
  try {
    const headers = new HeaderReader(reader, name);
    for (let ordinal = 0; ; ordinal++) {
      const head = await headers.next();
      if (head === null) return;
      const body = new Body(reader, name, head.size);
      yield { ...head, ordinal, offset: reader.position, start: (length) => reader.peek(Math.min(length, head.size)), body: () => body.pieces() };
      await body.finish();
    }
  } finally {
    await reader.close();
  }
}

type Head = Omit<TarEntry, 'start' | 'body' | 'offset' | 'ordinal'>;

/** The bytes of one entry and the padding after them. */
class Body {
  readonly #reader: PieceReader;
  readonly #name: string;
  #left: number;
  readonly #padding: number;

  constructor(reader: PieceReader, name: string, size: number) {
    this.#reader = reader;
    this.#name = name;
    this.#left = size;
    this.#padding = (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      const piece = await this.#reader.some(this.#left);
      if (piece === null) throw cutOff(this.#name, this.#reader.position);
      this.#left -= piece.length;
      yield piece;
    }
  }

  async finish(): Promise<void> {
    if (this.#left > 0 && (await this.#reader.skip(this.#left)) < this.#left) throw cutOff(this.#name, this.#reader.position);
    if (this.#padding > 0) await this.#reader.skip(this.#padding);
  }
}

/** What extended headers said of the header that follows. */
interface Pending {
  pax: PaxRecords | null;
  path: string | null;
  link: string | null;
}

/** Puts headers together from their blocks. */
class HeaderReader {
  readonly #reader: PieceReader;
  readonly #name: string;
  #headers = 0;

  constructor(reader: PieceReader, name: string) {
    this.#reader = reader;
    this.#name = name;
  }

  /** null: the end. */
  async next(): Promise<Head | null> {
    const pending: Pending = { pax: null, path: null, link: null };
    for (;;) {
      const offset = this.#reader.position;
      const block = await this.#reader.take(BLOCK_BYTES);
      if (block.length === 0 || isZero(block)) return this.#end(block, pending);
      if (block.length < BLOCK_BYTES) throw cutOff(this.#name, offset);
      if (++this.#headers > LIMITS.archiveEntries) throw beyondLimit(this.#name, `More than ${LIMITS.archiveEntries} entries`);
      const header = readTarHeader(block, this.#name, offset);
      if (!META.has(header.flag)) return this.#finished(header, pending, offset);
      await this.#readMeta(header, pending, offset);
    }
  }

  async #readMeta(header: TarHeader, pending: Pending, offset: number): Promise<void> {
    if (header.size > LIMITS.archiveHeaderBytes) throw beyondLimit(this.#name, `An extended header of ${header.size} bytes`);
    const padded = Math.ceil(header.size / BLOCK_BYTES) * BLOCK_BYTES;
    const data = (await this.#reader.take(padded)).subarray(0, header.size);
    if (data.length < header.size) throw cutOff(this.#name, offset);
    const again = () => malformed(this.#name, 'Two extended headers for one entry, which readers understand differently', offset);
    if (header.flag === 'L') {
      if (pending.path !== null) throw again();
      pending.path = text(data);
    } else if (header.flag === 'K') {
      if (pending.link !== null) throw again();
      pending.link = text(data);
    } else {
      const pax = readPax(data, this.#name, offset + BLOCK_BYTES);
      if (header.flag === 'x' && pending.pax !== null) throw again();
      if (header.flag === 'x') pending.pax = pax;
      else if (pax.path !== null || pax.link !== null || pax.size !== null || pax.sparse) throw malformed(this.#name, 'A global header that changes paths or sizes, which readers understand differently', offset);
    }
  }

  async #finished(header: TarHeader, { pax, path, link }: Pending, offset: number): Promise<Head> {
    const differ = (one: string | number | null | undefined, other: string | number | null) => one !== null && one !== undefined && other !== null && one !== other;
    if (differ(pax?.path, path) || differ(pax?.link, link) || differ(pax?.size, header.size === 0 ? null : header.size)) {
      throw malformed(this.#name, 'Headers for one entry that contradict each other', offset);
    }
    const written = path ?? pax?.path ?? header.path;
    if (Buffer.byteLength(written) > LIMITS.archivePathBytes) throw beyondLimit(this.#name, `A path of more than ${LIMITS.archivePathBytes} bytes at 0x${offset.toString(16)}`);
    const target = link ?? pax?.link ?? header.link;
    if (Buffer.byteLength(target) > LIMITS.archivePathBytes) throw beyondLimit(this.#name, `A link of more than ${LIMITS.archivePathBytes} bytes at 0x${offset.toString(16)}`);
    const size = pax?.size ?? header.size;
    const type = typeOf(header, { written, size, sparse: pax?.sparse ?? false });
    if (header.flag === 'S' && header.extended) await this.#skipSparseMap(offset);
    return entryHead({ written, target, type, size });
  }

  /** The map of an old GNU sparse file goes on while the byte at 504 is set. */
  async #skipSparseMap(offset: number): Promise<void> {
    for (let more = true; more; ) {
      const block = await this.#reader.take(BLOCK_BYTES);
      if (block.length < BLOCK_BYTES) throw cutOff(this.#name, offset);
      if (++this.#headers > LIMITS.archiveEntries) throw beyondLimit(this.#name, `More than ${LIMITS.archiveEntries} entries`);
      more = block.readUInt8(504) !== 0;
    }
  }

  /** Two blocks of zeros end a tar, or the end of the bytes; padding follows, and nothing else may. */
  async #end(block: Buffer, { pax, path, link }: Pending): Promise<null> {
    const offset = this.#reader.position;
    if (pax !== null || path !== null || link !== null) throw cutOff(this.#name, offset);
    if (block.length === 0) return null;
    for (let second = true; ; second = false) {
      const next = second ? await this.#reader.take(BLOCK_BYTES) : await this.#reader.some(1 << 16);
      if (next === null || next.length === 0) return null;
      if (!isZero(next)) throw malformed(this.#name, 'Data after the end of the archive', this.#reader.position - next.length);
    }
  }
}

/** Extended headers: of the next entry, of all entries, and long names. */
const META = new Set(['x', 'g', 'L', 'K']);
const TYPES: Readonly<Record<string, TarType>> = {
  '0': 'file', '\0': 'file', '7': 'file', '1': 'hardlink', '2': 'symlink', '3': 'device', '4': 'device', '5': 'directory', '6': 'device', S: 'sparse',
  // Extended headers of Solaris, multi-volume parts, dumps, labels and old long names: what they hold is no file as it stands.
  X: 'other', D: 'other', M: 'other', N: 'other', V: 'other',
};
const WITHOUT_BODY = new Set<TarType>(['hardlink', 'symlink', 'device', 'directory']);

/** POSIX: a type that a reader does not know is to be read as a file. */
function typeOf(header: TarHeader, { written, size, sparse }: { readonly written: string; readonly size: number; readonly sparse: boolean }): TarType {
  if (sparse) return 'sparse';
  if (header.flag === '\0' && size === 0 && written.endsWith('/')) return 'directory';
  return TYPES[header.flag] ?? 'file';
}

function entryHead({ written, target, type, size }: { readonly written: string; readonly target: string; readonly type: TarType; readonly size: number }): Head {
  const { path, climbs } = archivePath(written);
  const lying = WITHOUT_BODY.has(type) && size > 0;
  const oddity = climbs
    ? { id: 'path-trick' as const, message: `The path ${JSON.stringify(written)} climbs with ..` }
    : lying ? { id: 'lying-size' as const, message: `${JSON.stringify(written)} has no body, but a size of ${size}` } : null;
  return { path, type, link: type === 'symlink' || type === 'hardlink' ? target : '', size: lying ? 0 : size, oddity };
}

function cutOff(name: string, offset: number): Error {
  return malformed(name, 'The archive is cut off', offset);
}

const ZEROS = Buffer.alloc(1 << 16);

function isZero(block: Buffer): boolean {
  return block.equals(ZEROS.subarray(0, block.length));
}
