import { DecodeError } from './error.ts';
import { LIMITS } from './limits.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Bounds-checked cursor over a window of the artifact's bytes. Positions are absolute: offset 0 is the
 * first byte of the artifact, also in a nested module, so every error points into the file the user has.
 * Every method throws DecodeError and nothing else.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  position: number;
  readonly end: number;
  /** Told of each unsigned integer written with more bytes than needed, except the fully padded form that linkers write. */
  overlong: ((offset: number, length: number) => void) | null = null;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.position;
  }

  get done(): boolean {
    return this.position >= this.end;
  }

  fail(code: DecodeError['code'], message: string, offset = this.position): never {
    throw new DecodeError(code, message, offset);
  }

  /** Looks at a byte without consuming it; -1 at the end. */
  peek(ahead = 0): number {
    const at = this.position + ahead;
    return at < this.end ? this.bytes[at]! : -1;
  }

  byte(): number {
    if (this.position >= this.end) this.fail('unexpected-end', 'Unexpected end: a byte is missing');
    return this.bytes[this.position++]!;
  }

  /** A window of `length` bytes as its own reader; this reader moves past it. */
  sub(length: number): ByteReader {
    if (length > this.left) this.fail('unexpected-end', `Unexpected end: ${length} bytes needed, ${this.left} left`);
    const window = new ByteReader(this.bytes, this.position, this.position + length);
    window.overlong = this.overlong;
    this.position += length;
    return window;
  }

  /** The next `length` bytes, shared with the artifact. */
  take(length: number): Uint8Array {
    if (length > this.left) this.fail('unexpected-end', `Unexpected end: ${length} bytes needed, ${this.left} left`);
    const start = this.position;
    this.position += length;
    return this.bytes.subarray(start, this.position);
  }

  skip(length: number): void {
    if (length > this.left) this.fail('unexpected-end', `Unexpected end: ${length} bytes needed, ${this.left} left`);
    this.position += length;
  }

  /** Unsigned LEB128 of at most 5 bytes. Core specification 5.2.2. */
  u32(): number {
    const first = this.peek();
    if (first >= 0 && first < 0x80) {
      this.position++;
      return first;
    }
    const second = this.peek(1);
    if (second > 0 && second < 0x80) {
      this.position += 2;
      return (first & 0x7f) | (second << 7);
    }
    return this.#unsigned(5, 32);
  }

  /**
   * Unsigned integers of one to three bytes from a place of `into` on, as long as `allowed` has a 1 for them and none is written
   * with more bytes than needed. Returns the place where it stopped, for a careful look at what stands there.
   */
  indices(into: Uint32Array | Int32Array, from: number, allowed: Uint8Array): number {
    const bytes = this.bytes;
    let at = this.position;
    let place = from;
    for (const last = this.end - 2; place < into.length && at < last; place++) {
      let index = bytes[at]!;
      let next = at + 1;
      if (index >= 0x80) {
        let byte = bytes[next++]!;
        index = (index & 0x7f) | ((byte & 0x7f) << 7);
        if (byte >= 0x80) {
          byte = bytes[next++]!;
          index |= byte << 14;
        }
        if (byte === 0 || byte >= 0x80) break;
      }
      if (allowed[index] !== 1) break;
      into[place] = index;
      at = next;
    }
    this.position = at;
    return place;
  }

  /** Unsigned LEB128 of at most 10 bytes as a number; exact below 2^53, rounded above. */
  u64(): number {
    return this.#unsigned(10, 64);
  }

  /** Signed 33-bit LEB128: heap types and block types. Core specification 5.3. */
  s33(): number {
    return this.#signed(33);
  }

  /** Signed LEB128 of 32 bits. */
  s32(): number {
    return this.#signed(32) | 0;
  }

  /** Signed LEB128 of 64 bits. */
  s64(): bigint {
    const start = this.position;
    let value = 0n;
    for (let index = 0; ; index++) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (index === 9) {
        if (byte & 0x80) this.fail('leb-too-long', 'Integer representation too long', start);
        if (byte !== 0 && byte !== 0x7f) this.fail('leb-too-large', 'Integer too large', start);
        return BigInt.asIntN(64, value);
      }
      if (byte < 0x80) return BigInt.asIntN(7 * (index + 1), value);
    }
  }

  /** A declared count of items that take at least one byte each: refused before anything is allocated. */
  count(limit: number, what: string): number {
    const start = this.position;
    const count = this.u32();
    if (count > this.left) this.fail('count-too-large', `Length out of bounds: ${count} ${what} declared, ${this.left} bytes left`, start);
    if (count > limit) this.fail('limit-exceeded', `Too many ${what}: ${count}, limit ${limit}`, start);
    return count;
  }

  /** A length-prefixed UTF-8 name. Core specification 5.2.4. */
  name(): string {
    const start = this.position;
    const length = this.u32();
    if (length > this.left) this.fail('unexpected-end', `Length out of bounds: a name of ${length} bytes, ${this.left} left`, start);
    if (length > LIMITS.nameBytes) this.fail('limit-exceeded', `Name too long: ${length} bytes, limit ${LIMITS.nameBytes}`, start);
    return this.text(length);
  }

  /** `length` bytes as strict UTF-8; a leading byte-order mark is kept. */
  text(length: number): string {
    const start = this.position;
    try {
      return utf8.decode(this.take(length));
    } catch (error) {
      if (error instanceof DecodeError) throw error;
      return this.fail('invalid-utf8', 'Malformed UTF-8 encoding', start);
    }
  }

  #unsigned(maxBytes: number, bits: number): number {
    const start = this.position;
    const spare = 7 * maxBytes - bits;
    let value = 0;
    let scale = 1;
    for (let index = 0; ; index++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (index === maxBytes - 1) {
        if (byte & 0x80) this.fail('leb-too-long', 'Integer representation too long', start);
        if (byte >> (7 - spare)) this.fail('leb-too-large', 'Integer too large', start);
        return value;
      }
      if (byte < 0x80) {
        if (byte === 0 && index > 0 && this.overlong) this.overlong(start, index + 1);
        return value;
      }
      scale *= 128;
    }
  }

  #signed(bits: 32 | 33): number {
    const start = this.position;
    let value = 0;
    let scale = 1;
    for (let index = 0; ; index++) {
      const byte = this.byte();
      if (index === 4) {
        if (byte & 0x80) this.fail('leb-too-long', 'Integer representation too long', start);
        // The bits above the sign bit must repeat it.
        const signBit = bits - 29;
        const high = byte >> signBit;
        if (high !== 0 && high !== 0x7f >> signBit) this.fail('leb-too-large', 'Integer too large', start);
        return value + (byte & 0x40 ? byte - 128 : byte) * scale;
      }
      if (byte < 0x80) return value + (byte & 0x40 ? byte - 128 : byte) * scale;
      value += (byte & 0x7f) * scale;
      scale *= 128;
    }
  }
}
