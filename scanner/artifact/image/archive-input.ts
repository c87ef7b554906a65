const NOTHING = Buffer.alloc(0);

/** Bytes in pieces; `skip` moves past bytes that nobody reads, where the source can do that without reading them. */
export interface Pieces extends AsyncIterable<Uint8Array> {
  readonly skip?: (length: number) => void;
}

/** Below this, moving past bytes costs more than reading them. */
const SKIP_BYTES = 1 << 20;

/** Reads pieces of any length as runs of a wanted length, with one piece in memory. Passes on what the source throws. */
export class PieceReader {
  readonly #pieces: Pieces;
  readonly #iterator: AsyncIterator<Uint8Array>;
  #held: Buffer = NOTHING;
  #position = 0;
  #ended = false;

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
    this.#iterator = pieces[Symbol.asyncIterator]();
  }

  /** Bytes read or skipped so far. */
  get position(): number {
    return this.#position;
  }

  /** The next bytes without moving on; fewer at the end. */
  async peek(length: number): Promise<Buffer> {
    if (this.#held.length < length && !this.#ended) await this.#hold(length);
    return this.#held.subarray(0, length);
  }

  /** The next bytes; fewer at the end. */
  async take(length: number): Promise<Buffer> {
    if (this.#held.length < length && !this.#ended) await this.#hold(length);
    return this.#consume(length);
  }

  /** Whatever is at hand of the next bytes, at least one; null at the end. */
  async some(most: number): Promise<Buffer | null> {
    if (this.#held.length === 0 && !this.#ended) await this.#hold(1);
    return this.#held.length === 0 ? null : this.#consume(most);
  }

  /** Moves on; gives how many bytes there were to move past. */
  async skip(length: number): Promise<number> {
    const start = this.#position;
    this.#consume(length);
    let left = length - (this.#position - start);
    if (left >= SKIP_BYTES && this.#pieces.skip && !this.#ended) {
      // The last byte is read, so that a source that ends sooner is found out.
      this.#pieces.skip(left - 1);
      this.#position += left - 1;
      left = 1;
    }
    while (left > 0) {
      const piece = await this.some(left);
      if (piece === null) break;
      left -= piece.length;
    }
    return length - left;
  }

  /** Gives back the last bytes that were taken. */
  unread(piece: Uint8Array): void {
    const held = this.#held;
    // Mostly the two lie side by side, and many small streams in one piece would otherwise copy it each time.
    const adjacent = held.length === 0 || (held.buffer === piece.buffer && piece.byteOffset + piece.length === held.byteOffset);
    this.#held = adjacent ? Buffer.from(piece.buffer, piece.byteOffset, piece.length + held.length) : Buffer.concat([piece, held]);
    this.#position -= piece.length;
  }

  /** Tells the source that nothing more is wanted. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#held = NOTHING;
    await this.#iterator.return?.();
  }

  #consume(length: number): Buffer {
    const piece = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(piece.length);
    this.#position += piece.length;
    return piece;
  }

  async #hold(length: number): Promise<void> {
    const parts = [this.#held];
    let total = this.#held.length;
    while (total < length) {
      const { done, value } = await this.#iterator.next();
      if (done) {
        this.#ended = true;
        break;
      }
      parts.push(Buffer.from(value.buffer, value.byteOffset, value.length));
      total += value.length;
    }
    const filled = parts.filter((part) => part.length > 0);
    this.#held = filled.length === 1 ? filled[0]! : Buffer.concat(filled, total);
  }
}

/** Bytes at hand as pieces. */
export async function* piecesOf(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

/** All pieces as one; null when there are more than `most` bytes. */
export async function collect(pieces: AsyncIterable<Uint8Array>, most: number): Promise<Buffer | null> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const piece of pieces) {
    total += piece.length;
    if (total > most) return null;
    parts.push(piece);
  }
  // A copy always: a part of a large piece would keep all of it in memory.
  return Buffer.concat(parts, total);
}
