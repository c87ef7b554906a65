/** A small, fast generator of numbers from 0 to 2^32 - 1: the same seed gives the same inputs (xorshift32). */
export type Chance = () => number;

/** Chance from a seed; zero is not a valid state, so it is moved. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0 || 0x9e37_79b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

type Mutation = (bytes: Uint8Array, chance: Chance, other: Uint8Array) => Uint8Array;

/** Bytes that mean something to a decoder: counts, sizes, opcodes, type codes, preamble parts. */
const INTERESTING = [0x00, 0x01, 0x0b, 0x0d, 0x10, 0x40, 0x41, 0x4e, 0x50, 0x5f, 0x60, 0x64, 0x6f, 0x70, 0x7e, 0x7f, 0x80, 0xfb, 0xfc, 0xfd, 0xfe, 0xff];
const HUGE_COUNTS = [[0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x80, 0x80, 0x08], [0xff, 0xff, 0x03], [0x80, 0x80, 0x80, 0x80, 0x00]];

const MUTATIONS: readonly Mutation[] = [
  (bytes, chance) => replaceAt(bytes, chance() % bytes.length, [bytes[chance() % bytes.length]! ^ (1 << (chance() % 8))]),
  (bytes, chance) => replaceAt(bytes, chance() % bytes.length, [INTERESTING[chance() % INTERESTING.length]!]),
  (bytes, chance) => replaceAt(bytes, chance() % bytes.length, HUGE_COUNTS[chance() % HUGE_COUNTS.length]!),
  (bytes, chance) => splice(bytes, chance() % bytes.length, 0, HUGE_COUNTS[chance() % HUGE_COUNTS.length]!),
  (bytes, chance) => splice(bytes, chance() % bytes.length, 1 + (chance() % 16), []),
  (bytes, chance) => bytes.slice(0, 8 + (chance() % Math.max(1, bytes.length - 8))),
  (bytes, chance) => { const at = chance() % bytes.length; return splice(bytes, at, 0, bytes.subarray(at, at + 1 + (chance() % 64))); },
  (bytes, chance, other) => { const at = chance() % other.length; return splice(bytes, chance() % bytes.length, 0, other.subarray(at, at + 1 + (chance() % 256))); },
  (bytes, chance, other) => concat(bytes.subarray(0, 8 + (chance() % bytes.length)), other.subarray(chance() % other.length)),
];

/** One to four changes of `bytes`; `other` lends material. The input is not touched. */
export function mutate(bytes: Uint8Array, chance: Chance, other: Uint8Array): Uint8Array {
  let result = bytes;
  for (let left = 1 + (chance() % 4); left > 0 && result.length > 8; left--) result = MUTATIONS[chance() % MUTATIONS.length]!(result, chance, other);
  return result;
}

function replaceAt(bytes: Uint8Array, at: number, values: ArrayLike<number>): Uint8Array {
  const copy = bytes.slice();
  copy.set(Array.from(values).slice(0, copy.length - at), at);
  return copy;
}

function splice(bytes: Uint8Array, at: number, remove: number, insert: ArrayLike<number>): Uint8Array {
  const result = new Uint8Array(Math.max(0, bytes.length - Math.min(remove, bytes.length - at)) + insert.length);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(bytes.subarray(at + remove), at + insert.length);
  return result;
}

function concat(left: Uint8Array, right: Uint8Array): Uint8Array {
  return splice(left, left.length, 0, right);
}
