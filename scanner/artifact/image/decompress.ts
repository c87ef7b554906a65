import { createGunzip, createInflateRaw, createZstdDecompress, type Gunzip, type InflateRaw, type ZstdDecompress } from 'node:zlib';
import { LIMITS } from '../../wasm/limits.ts';
import { archiveFailure, beyondLimit } from './archive-failure.ts';
import { PieceReader, type Pieces } from './archive-input.ts';

export type Compression = 'gzip' | 'zstd' | 'none';

/** Bytes of all layers of one image that may still be decompressed. */
export interface Budget {
  left: number;
}

/** The budget of one image or archive: LIMITS.imageBytes. */
export function newBudget(): Budget {
  return { left: LIMITS.imageBytes };
}

/**
 * What comes in and out of one layer or archive, archives inside it included: so that a bomb hidden in many small archives, or in an
 * archive inside an archive, is held to the bytes that were really sent.
 */
export class Meter {
  readonly #name: string;
  readonly #budget: Budget;
  #input = 0;
  #output = 0;

  constructor(name: string, budget: Budget) {
    this.#name = name;
    this.#budget = budget;
  }

  /** Bytes that came from outside. */
  read(length: number): void {
    this.#input += length;
  }

  /** Bytes given out. Throws a FetchError `decompression-bomb` or `limit-exceeded`. */
  gave(length: number): void {
    this.#output += length;
    this.#budget.left -= length;
    if (this.#output > LIMITS.decompressionFloor + LIMITS.decompressionRatio * this.#input) {
      throw archiveFailure('decompression-bomb', `Cannot read ${this.#name}: ${this.#input} bytes decompress to more than ${this.#output - length}, beyond ${LIMITS.decompressionRatio} for each`);
    }
    if (this.#budget.left < 0) throw beyondLimit(this.#name, `More than ${LIMITS.imageBytes} bytes after decompression`);
  }

  /** The same pieces, counted as they come. */
  async *counted(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      this.read(piece.length);
      yield piece;
    }
  }
}

/** Bytes that tell how a stream is compressed. */
export const COMPRESSION_BYTES = 10;

const UNKNOWN: readonly { readonly title: string; readonly magic: RegExp }[] = [
  { title: 'xz', magic: /^fd377a585a00/ },
  { title: 'bzip2', magic: /^425a683[1-9](314159265359|177245385090)/ },
  { title: 'lz4', magic: /^(04224d18|02214c18)/ },
  { title: 'lzip', magic: /^4c5a4950/ },
  { title: 'compress', magic: /^1f9d/ },
  { title: '7z', magic: /^377abcaf271c/ },
];

/** How bytes are compressed, by their first ones and never by a name. Throws a FetchError `unknown-compression` for forms that are known and not read. */
export function compressionOf(start: Buffer, name: string): Compression {
  const digits = start.toString('hex', 0, COMPRESSION_BYTES);
  if (digits.startsWith('1f8b')) return 'gzip';
  if (/^(28b52ffd|5.2a4d18)/.test(digits)) return 'zstd';
  const unknown = UNKNOWN.find(({ magic }) => magic.test(digits));
  if (unknown) throw archiveFailure('unknown-compression', `Cannot read ${name}: ${unknown.title} compression is not supported, use gzip or zstd`);
  return 'none';
}

/** Decompresses gzip (RFC 1952) and zstd (RFC 8878), each of any number of streams one after another; anything else passes as it is. Throws FetchErrors. */
export async function* decompress(pieces: Pieces, meter: Meter, name: string): AsyncGenerator<Uint8Array> {
  const reader = new PieceReader(pieces);
  try {
    const compression = compressionOf(await reader.peek(COMPRESSION_BYTES), name);
    if (compression === 'none') yield* passed(reader, meter);
    else yield* inflateMembers(reader, compression, { meter, name });
  } finally {
    await reader.close();
  }
}

/** Decompresses raw deflate (RFC 1951), as in zip; more bytes after its end are refused. */
export async function* inflateRaw(pieces: Pieces, meter: Meter, name: string): AsyncGenerator<Uint8Array> {
  const reader = new PieceReader(pieces);
  try {
    yield* inflateOne(reader, createInflateRaw({ chunkSize: CHUNK_BYTES }), { meter, name });
    if ((await reader.peek(1)).length > 0) throw trailing(name);
  } finally {
    await reader.close();
  }
}

type Decoder = Gunzip | InflateRaw | ZstdDecompress;
interface Job {
  readonly meter: Meter;
  readonly name: string;
}
const DECODERS = { gzip: createGunzip, zstd: createZstdDecompress } as const;
const CHUNK_BYTES = 1 << 17;
/** Many streams are small ones, and each fills a buffer of its own. */
const SMALL_CHUNK_BYTES = 1 << 14;

async function* passed(reader: PieceReader, meter: Meter): AsyncGenerator<Uint8Array> {
  for (let piece = await reader.some(Infinity); piece !== null; piece = await reader.some(Infinity)) {
    meter.gave(piece.length);
    yield piece;
  }
}

/** Node's zstd stops after one frame, and its gunzip at zeros between members: whatever they leave is looked at here. */
async function* inflateMembers(reader: PieceReader, compression: 'gzip' | 'zstd', job: Job): AsyncGenerator<Uint8Array> {
  for (let members = 0; ; members++) {
    const start = (await reader.peek(8)).toString('hex');
    if (start === '') return;
    if (members > LIMITS.compressedMembers) throw beyondLimit(job.name, `More than ${LIMITS.compressedMembers} compressed streams`);
    if (compression === 'zstd' && /^5.2a4d18/.test(start)) await skipFrame(reader, job.name);
    else if (compression === 'gzip' && start.startsWith('00') && members > 0) await onlyZeros(reader, job.name);
    else if (!start.startsWith(compression === 'gzip' ? '1f8b' : '28b52ffd')) throw trailing(job.name);
    else yield* inflateOne(reader, DECODERS[compression]({ chunkSize: members < 16 ? CHUNK_BYTES : SMALL_CHUNK_BYTES }), job);
  }
}

async function skipFrame(reader: PieceReader, name: string): Promise<void> {
  const header = await reader.take(8);
  const size = header.length === 8 ? header.readUInt32LE(4) : Infinity;
  if (size === Infinity || (await reader.skip(size)) < size) throw archiveFailure('malformed-compression', `Cannot read ${name}: The compressed data is cut off`);
}

/** Padding is harmless; data after it would be seen by some readers only. */
async function onlyZeros(reader: PieceReader, name: string): Promise<void> {
  for (let piece = await reader.some(Infinity); piece !== null; piece = await reader.some(Infinity)) {
    if (piece.some((value) => value !== 0)) throw trailing(name);
  }
}

/** One stream. Bytes after its end go back to the reader. */
async function* inflateOne(reader: PieceReader, decoder: Decoder, { meter, name }: Job): AsyncGenerator<Uint8Array> {
  const feed = feedDecoder(reader, decoder);
  try {
    for await (const piece of decoder as AsyncIterable<Buffer>) {
      meter.gave(piece.length);
      yield piece;
    }
  } catch (error) {
    throw translated(error, name);
  } finally {
    decoder.destroy();
    const { last, total } = await feed;
    const rest = total - decoder.bytesWritten;
    if (rest > 0) reader.unread(last.subarray(last.length - rest));
  }
}

/** Writes piece by piece, each after the one before was taken whole, so that what is left over is a part of the last. Never rejects. */
async function feedDecoder(reader: PieceReader, decoder: Decoder): Promise<{ readonly last: Buffer; readonly total: number }> {
  const state = { over: false };
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'error', 'close'] as const) decoder.once(event, () => { state.over = true; resolve(); });
  });
  let last: Buffer = Buffer.alloc(0);
  let total = 0;
  try {
    while (!state.over) {
      const piece = await reader.some(CHUNK_BYTES);
      if (piece === null) {
        decoder.end();
        break;
      }
      last = piece;
      total += piece.length;
      // Given up meanwhile: the piece is left over as a whole.
      if (state.over) break;
      await Promise.race([ended, new Promise<void>((resolve) => { decoder.write(piece, () => resolve()); })]);
      // It took less than it was given: the stream is over, whether or not the event has come.
      if (decoder.bytesWritten < total) break;
    }
  } catch (error) {
    decoder.destroy(error instanceof Error ? error : new Error(String(error)));
  }
  return { last, total };
}

function translated(error: unknown, name: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^(Z_|ZSTD_|ERR_ZLIB)/.test(code)) return error;
  const what = code === 'Z_BUF_ERROR' ? 'The compressed data is cut off' : 'The compressed data is damaged';
  return archiveFailure('malformed-compression', `Cannot read ${name}: ${what}`, { cause: error });
}

function trailing(name: string): Error {
  return archiveFailure('trailing-data', `Cannot read ${name}: Data after the end of the compressed data`);
}
