import { DecodeError } from '../../wasm/error.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { ByteReader } from '../../wasm/reader.ts';
import { NotationFailure } from './failure.ts';

/** One value of DER (ITU-T X.690). Its parts are read when somebody asks, so that nesting costs nothing. */
export interface Der {
  /** Identifier octet: class, constructed bit and number below 31. */
  readonly tag: number;
  /** Identifier, length and content. */
  readonly raw: Uint8Array;
  readonly content: Uint8Array;
}

export const DER_TAGS = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utcTime: 0x17, generalizedTime: 0x18, sequence: 0x30, set: 0x31 } as const;

/** Reads bytes that are exactly one value. Throws NotationFailure. */
export function readDer(bytes: Uint8Array): Der {
  const [value, ...more] = derValues(bytes);
  if (!value || more.length > 0) throw malformed('holds no single value');
  return value;
}

/** The values that stand one after another in `bytes`. Definite and shortest lengths only. Throws NotationFailure. */
export function derValues(bytes: Uint8Array): Der[] {
  const reader = new ByteReader(bytes);
  const values: Der[] = [];
  try {
    while (!reader.done) {
      if (values.length >= LIMITS.derValues) throw new NotationFailure('limit-exceeded', `A structure of a certificate or timestamp has more than ${LIMITS.derValues} parts`, 'error');
      values.push(readValue(reader));
    }
  } catch (error) {
    if (error instanceof DecodeError) throw malformed('ends too early');
    throw error;
  }
  return values;
}

function readValue(reader: ByteReader): Der {
  const start = reader.position;
  const tag = reader.byte();
  if ((tag & 0x1f) === 0x1f) throw malformed('has a tag of many bytes');
  const content = reader.take(readLength(reader));
  return { tag, content, raw: reader.bytes.subarray(start, reader.position) };
}

function readLength(reader: ByteReader): number {
  const first = reader.byte();
  if (first < 0x80) return first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw malformed('has an indefinite or huge length');
  let length = 0;
  for (let index = 0; index < count; index++) length = length * 256 + reader.byte();
  if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw malformed('has a length that is not the shortest');
  return length;
}

/** The parts of a structure, taken in their order. */
export class DerFields {
  readonly #values: readonly Der[];
  #at = 0;

  /** @param value a structure; `tag` is what it must be tagged with. Throws NotationFailure, as all methods do. */
  constructor(value: Der, tag: number = DER_TAGS.sequence) {
    if (value.tag !== tag) throw malformed('has another structure than its format says');
    this.#values = derValues(value.content);
  }

  /** The next part, which must have this tag. */
  next(tag: number): Der {
    const value = this.optional(tag);
    if (!value) throw malformed('has another structure than its format says');
    return value;
  }

  /** The next part if it has this tag. */
  optional(tag: number): Der | null {
    const value = this.#values[this.#at];
    if (value?.tag !== tag) return null;
    this.#at++;
    return value;
  }

  /** The next part, whatever it is. */
  any(): Der {
    const value = this.#values[this.#at++];
    if (!value) throw malformed('has another structure than its format says');
    return value;
  }

  /** All parts that are left. */
  rest(): readonly Der[] {
    const rest = this.#values.slice(this.#at);
    this.#at = this.#values.length;
    return rest;
  }

  /** Refuses parts that nobody asked for. */
  end(): void {
    if (this.#at < this.#values.length) throw malformed('has more parts than its format says');
  }
}

/** An object identifier as numbers with dots; `value` must be one. */
export function oidOf(value: Der): string {
  if (value.tag !== DER_TAGS.oid || value.content.length === 0 || value.content.length > 64) throw malformed('has no object identifier where one belongs');
  const arcs: bigint[] = [];
  let arc = 0n;
  let begun = false;
  for (const byte of value.content) {
    if (!begun && byte === 0x80) throw malformed('has an object identifier that is not the shortest');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    begun = byte >= 0x80;
    if (begun) continue;
    arcs.push(arc);
    arc = 0n;
  }
  if (begun) throw malformed('has an object identifier without its end');
  const [head = 0n, ...rest] = arcs;
  const first = head < 40n ? 0n : head < 80n ? 1n : 2n;
  return [first, head - first * 40n, ...rest].join('.');
}

/** The algorithm of an AlgorithmIdentifier and its parameters, if any. */
export function algorithmOf(value: Der): { readonly oid: string; readonly parameters: Der | null } {
  const fields = new DerFields(value);
  const oid = oidOf(fields.next(DER_TAGS.oid));
  const [parameters = null, ...more] = fields.rest();
  if (more.length > 0) throw malformed('has an algorithm with two sets of parameters');
  return { oid, parameters };
}

/** A whole number from 0 to 2^31 - 1. */
export function smallIntegerOf(value: Der, tag: number = DER_TAGS.integer): number {
  const { content } = value;
  if (value.tag !== tag || content.length === 0 || content.length > 4 || content.at(0)! >= 0x80) throw malformed('has no small number where one belongs');
  if (content.length > 1 && content.at(0) === 0 && content.at(1)! < 0x80) throw malformed('has a number that is not the shortest');
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** DER knows two ways only. */
export function booleanOf(value: Der): boolean {
  const [byte] = value.content;
  if (value.tag !== DER_TAGS.boolean || value.content.length !== 1 || (byte !== 0 && byte !== 0xff)) throw malformed('has no truth value where one belongs');
  return byte === 0xff;
}

const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{0,8}[1-9]))?Z$/;

/** UTCTime or GeneralizedTime in the one form of RFC 5280 4.1.2.5, with the fractions of RFC 3161. Throws NotationFailure. */
export function timeOf(value: Der): Date {
  const digits = String.fromCharCode(...value.content.subarray(0, 32));
  const text = value.tag === DER_TAGS.utcTime ? `${digits < '50' ? '20' : '19'}${digits}` : digits;
  const [, year, month, day, hour, minute, second, fraction = ''] = TIME.exec(text) ?? [];
  const known = value.tag === DER_TAGS.generalizedTime || (value.tag === DER_TAGS.utcTime && value.content.length === 13);
  if (!known || year === undefined || value.content.length > 32) throw malformed('has no time where one belongs');
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const at = new Date(`${iso}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  // Days such as 31 February roll over silently, so that the time is written again and compared.
  if (Number.isNaN(at.getTime()) || !at.toISOString().startsWith(iso)) throw malformed('has a time that does not exist');
  return at;
}

/** Bits by their numbers, from a BIT STRING. */
export function bitsOf(value: Der): ReadonlySet<number> {
  const [unused = 8, ...bytes] = value.content;
  if (value.tag !== DER_TAGS.bits || unused > 7 || (bytes.length === 0 && unused > 0) || bytes.length > 8) throw malformed('has no bits where they belong');
  const bits = bytes.flatMap((byte, index) => [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (0x80 >> bit)).map((bit) => index * 8 + bit));
  return new Set(bits);
}

function malformed(what: string): NotationFailure {
  return new NotationFailure('malformed', `A certificate or timestamp ${what}`);
}
