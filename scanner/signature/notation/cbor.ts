import { DecodeError } from '../../wasm/error.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { ByteReader } from '../../wasm/reader.ts';
import { NotationFailure } from './failure.ts';

export type CborMap = ReadonlyMap<number | string, Cbor>;
/** A value of CBOR as far as COSE signatures use it. */
export type Cbor = number | string | boolean | null | Uint8Array | readonly Cbor[] | CborMap | CborTag;

export class CborTag {
  readonly tag: number;
  readonly value: Cbor;

  constructor(tag: number, value: Cbor) {
    this.tag = tag;
    this.value = value;
  }
}

/** Items that may still be read, over the whole document. */
interface Budget {
  items: number;
}

/**
 * Reads bytes that are exactly one value of CBOR (RFC 8949). Refused is what readers understand differently: indefinite lengths, numbers and
 * lengths that are not the shortest, keys that repeat or are neither numbers nor texts, floating point, unknown simple values, text that is
 * no UTF-8, and anything behind the value. Throws NotationFailure.
 */
export function readCbor(bytes: Uint8Array): Cbor {
  const reader = new ByteReader(bytes);
  try {
    const value = readItem(reader, { items: LIMITS.cborItems }, 0);
    if (!reader.done) throw malformed('goes on after its end');
    return value;
  } catch (error) {
    if (error instanceof DecodeError) throw malformed('ends too early');
    throw error;
  }
}

/** The head of a value: major type and argument in the shortest form. For what is signed, which is written by hand. */
export function cborHead(major: number, argument: number): Uint8Array {
  const type = major << 5;
  if (argument < 24) return Uint8Array.of(type | argument);
  if (argument < 0x100) return Uint8Array.of(type | 24, argument);
  if (argument < 0x10000) return Uint8Array.of(type | 25, argument >> 8, argument & 0xff);
  return Uint8Array.of(type | 26, argument >>> 24, (argument >> 16) & 0xff, (argument >> 8) & 0xff, argument & 0xff);
}

function readItem(reader: ByteReader, budget: Budget, depth: number): Cbor {
  if (depth > LIMITS.cborDepth || budget.items-- <= 0) throw new NotationFailure('limit-exceeded', 'The COSE envelope has too many values or nests them too deep', 'error');
  const initial = reader.byte();
  const major = initial >> 5;
  if (major === 7) return simple(initial & 0x1f);
  const argument = readArgument(reader, initial & 0x1f);
  switch (major) {
    case 0: return argument;
    case 1: return -1 - argument;
    case 2: return reader.take(argument);
    case 3: return readText(reader.take(argument));
    case 4: return readArray(reader, budget, { count: argument, depth });
    case 5: return readMap(reader, budget, { count: argument, depth });
    default: return new CborTag(argument, readItem(reader, budget, depth + 1));
  }
}

const WIDTHS = [1, 2, 4, 8];

function readArgument(reader: ByteReader, information: number): number {
  if (information < 24) return information;
  const width = WIDTHS[information - 24];
  if (width === undefined) throw malformed('has an indefinite or reserved length');
  let argument = 0;
  for (let index = 0; index < width; index++) argument = argument * 256 + reader.byte();
  if (argument < (width === 1 ? 24 : 2 ** (4 * width))) throw malformed('has a number or length that is not the shortest');
  if (argument > Number.MAX_SAFE_INTEGER) throw malformed('has a number beyond 53 bits');
  return argument;
}

function simple(information: number): boolean | null {
  if (information === 20) return false;
  if (information === 21) return true;
  if (information === 22) return null;
  throw malformed('has a floating point number or an unknown simple value');
}

function readText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed('has a text that is no UTF-8');
  }
}

interface Size {
  readonly count: number;
  readonly depth: number;
}

function readArray(reader: ByteReader, budget: Budget, { count, depth }: Size): readonly Cbor[] {
  if (count > reader.left) throw malformed('ends too early');
  const values: Cbor[] = [];
  for (let index = 0; index < count; index++) values.push(readItem(reader, budget, depth + 1));
  return values;
}

function readMap(reader: ByteReader, budget: Budget, { count, depth }: Size): CborMap {
  if (count > reader.left / 2) throw malformed('ends too early');
  const map = new Map<number | string, Cbor>();
  for (let index = 0; index < count; index++) {
    const key = readItem(reader, budget, depth + 1);
    if (typeof key !== 'number' && typeof key !== 'string') throw malformed('has a key that is neither a number nor a text');
    if (map.has(key)) throw malformed('repeats a key');
    map.set(key, readItem(reader, budget, depth + 1));
  }
  return map;
}

function malformed(what: string): NotationFailure {
  return new NotationFailure('malformed', `The COSE envelope ${what}`);
}
