import type { Location } from '../location.ts';
import { WANTED_CONSTANTS } from '../wasm/constants.ts';
import type { WantedConstant } from '../wasm/constants.ts';
import type { Module } from '../wasm/module.ts';
import type { ByteSignature, Facts, ModuleFact } from './facts.ts';

/** The building blocks of CryptoNight. */
export type HashFamily = 'aes' | 'blake-256' | 'keccak' | 'jh' | 'groestl' | 'skein';

/** Wanted constants that stand as operands in a module's code. */
export interface InlineConstants {
  /** Whether the code has this one. */
  readonly has: (type: WantedConstant['type'], value: bigint) => boolean;
  /** How many of these it has, as i64 operands. */
  readonly countI64: (values: readonly bigint[]) => number;
  /** Where the first of a family's constants stands, or null. */
  readonly locate: (family: WantedConstant['family']) => Location | null;
}

/** Reads the constants that the decoder counted. A module without code, or one decoded no further than its imports, has none. */
export function inlineConstants({ path, module }: Pick<ModuleFact, 'path' | 'module'>): InlineConstants {
  const offsets = presentOffsets(module);
  const has = (type: WantedConstant['type'], value: bigint): boolean => offsets.has(keyOf(type, value));
  return {
    has,
    countI64: (values) => values.filter((value) => has('i64', value)).length,
    locate: (family) => {
      const first = WANTED_CONSTANTS.filter((wanted) => wanted.family === family).flatMap(({ type, value }) => offsets.get(keyOf(type, value)) ?? []);
      return first.length === 0 ? null : { path: path === '' ? 'code' : `${path}/code`, offset: Math.min(...first), length: 1 };
    },
  };
}

/** Tables found in the data of this one module, each family once. */
export function signaturesOf(facts: Pick<Facts, 'byteSignatures'>, { module: { range } }: Pick<ModuleFact, 'module'>): ReadonlyMap<ByteSignature['family'], Location> {
  const own = facts.byteSignatures.filter(({ offset }) => offset >= range.offset && offset < range.offset + range.length);
  return new Map(own.map(({ family, location }) => [family, location]));
}

/**
 * Families of hash functions and ciphers whose constants a module carries, as tables in data or as operands in code, and
 * where each was seen first. One number is never enough where it also occurs elsewhere: AES, BLAKE-256, Keccak and the
 * 32-bit form of Groestl need all of theirs.
 */
export function hashFamilies(facts: Pick<Facts, 'byteSignatures'>, fact: Pick<ModuleFact, 'path' | 'module'>): ReadonlyMap<HashFamily, Location> {
  const tables = signaturesOf(facts, fact);
  const inline = inlineConstants(fact);
  const found = new Map<HashFamily, Location>();
  for (const { family, code, constants } of FAMILIES) {
    const location = tables.get(family) ?? (code(inline) ? inline.locate(constants) : null);
    if (location) found.set(family, location);
  }
  return found;
}

/** Whether code masks addresses to one of CryptoNight's scratchpads, of 128 KiB to 4 MiB in 16-byte lines. Common in honest code: never alone. */
export function hasScratchpadMask({ has }: InlineConstants): boolean {
  return MASKS.some((mask) => has('i32', mask) || has('i64', mask));
}

const MASKS = [0x1ffff0n, 0xffff0n, 0x3ffff0n, 0x3fff0n, 0x1fff0n];

/** Of the first five distinct round constants; two of them alone occur in honest code of any kind. */
const KECCAK_HALVES = [0x8082n, 0x808an, 0x8000_808bn, 0x8000_8009n];

interface FamilyForm {
  readonly family: HashFamily;
  /** Name of the family in the list of wanted constants. */
  readonly constants: WantedConstant['family'];
  readonly code: (inline: InlineConstants) => boolean;
}

const FAMILIES: readonly FamilyForm[] = [
  { family: 'aes', constants: 'aes', code: ({ has }) => has('i32', 0xa563_63c6n) && has('i32', 0x847c_7cf8n) },
  { family: 'blake-256', constants: 'blake-256', code: ({ has }) => has('i32', 0x243f_6a88n) && has('i32', 0x85a3_08d3n) && has('i32', 0x1319_8a2en) },
  { family: 'keccak', constants: 'keccak', code: ({ has }) => (has('i64', 0x8082n) && has('i64', 0x8000_0000_0000_808an)) || KECCAK_HALVES.every((half) => has('i32', half)) },
  { family: 'jh', constants: 'jh-256', code: ({ has }) => has('i64', 0xebd3_202c_41a3_98ebn) },
  { family: 'groestl', constants: 'groestl', code: ({ has }) => has('i64', 0xc6a5_97f4_a5f4_32c6n) || (has('i32', 0xa5f4_32c6n) && has('i32', 0x8497_6ff8n)) },
  { family: 'skein', constants: 'skein', code: ({ has }) => has('i64', 0x1bd1_1bda_a9fc_1a22n) },
];

/** Key of every wanted constant that occurs, with the place of its first occurrence. */
function presentOffsets({ code }: Module): ReadonlyMap<string, number> {
  if (code === null) return new Map();
  const { counts, firstOffset } = code.constants;
  return new Map(KEYS.flatMap((key, index): [string, number][] => (counts[index]! > 0 ? [[key, firstOffset[index]!]] : [])));
}

const KEYS = WANTED_CONSTANTS.map(({ type, value }) => keyOf(type, value));

/** Operands are signed; the numbers above are written without sign. */
function keyOf(type: WantedConstant['type'], value: bigint): string {
  return `${type} ${BigInt.asUintN(type === 'i32' ? 32 : 64, value)}`;
}
