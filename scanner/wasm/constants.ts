/** A number that is characteristic of one algorithm when it stands as an operand in code. */
export interface WantedConstant {
  /** Algorithm it speaks for. */
  readonly family: 'aes' | 'blake-256' | 'keccak' | 'jh-256' | 'groestl' | 'skein' | 'cryptonight' | 'equihash' | 'randomx';
  readonly type: 'i32' | 'i64';
  /** As the binary's operand, sign-extended. */
  readonly value: bigint;
}

/**
 * Constants that rules look for in code, in the order of `ConstantHits`. Sources: FIPS 197 (AES tables), the SHA-3
 * submissions of BLAKE, JH, Groestl and Skein, FIPS 202 (Keccak round constants), CryptoNight's scratchpad masks and
 * iteration counts, Equihash's personalisation and the BLAKE2b start values (RFC 7693), RandomX's superscalar constants.
 */
export const WANTED_CONSTANTS: readonly WantedConstant[] = [
  ...i32('aes', [0xa56363c6, 0x847c7cf8]),
  ...i32('blake-256', [0x243f6a88, 0x85a308d3, 0x13198a2e]),
  ...i64('keccak', [0x8082n, 0x8000_0000_0000_808an]),
  ...i32('keccak', [0x8082, 0x808a, 0x8000808b, 0x80008009]),
  ...i64('jh-256', [0xebd3_202c_41a3_98ebn]),
  ...i64('groestl', [0xc6a5_97f4_a5f4_32c6n]),
  ...i32('groestl', [0xa5f432c6, 0x84976ff8]),
  ...i64('skein', [0x1bd1_1bda_a9fc_1a22n]),
  ...i32('cryptonight', [0x1ffff0, 0xffff0, 0x3ffff0, 0x3fff0, 0x1fff0, 262_144, 524_288]),
  ...i64('cryptonight', [0x1ffff0n, 0xffff0n, 0x3ffff0n, 0x3fff0n, 0x1fff0n]),
  ...i32('equihash', [0x7361_635a, 0x576f_5068]),
  ...i64('equihash', [0x576f_5068_7361_635an, 0x6a09_e667_f3bc_c908n, 0xbb67_ae85_84ca_a73bn]),
  ...i64('randomx', [
    6364136223846793005n, 9298411001130361340n, 12065312585734608966n, 9306329213124626780n,
    5281919268842080866n, 10536153434571861004n, 3398623926847679864n, 9549104520008361294n,
  ]),
];

/** Slots of the look-up tables; a power of two. */
const SLOTS = 256;
/** Places tried per look-up: the longest run the tables below contain, so that a miss is known after as many. */
const PROBES = 8;

/**
 * The wanted constants as open-addressed tables of 32-bit halves: `place` holds the position in
 * `WANTED_CONSTANTS` plus one, 0 for an empty slot.
 */
interface Table { readonly low: Int32Array; readonly high: Int32Array; readonly place: Uint8Array }
const TABLE_32 = tableOf('i32');
const TABLE_64 = tableOf('i64');

/** Position of an i32 operand in `WANTED_CONSTANTS`, or -1. */
export function wantedI32(value: number): number {
  // Nearly always the slot is empty.
  if (TABLE_32.place[hash(value, value >> 31)] === 0) return -1;
  return find(TABLE_32, value, value >> 31);
}

/** Position of an i64 operand, given as its low and high 32 bits, or -1. */
export function wantedI64(low: number, high: number): number {
  return find(TABLE_64, low, high);
}

function find(table: Table, low: number, high: number): number {
  for (let slot = hash(low, high), probe = 0; probe < PROBES; slot = (slot + 1) & (SLOTS - 1), probe++) {
    const place = table.place[slot]!;
    if (place === 0) return -1;
    if (table.low[slot] === low && table.high[slot] === high) return place - 1;
  }
  return -1;
}

function hash(low: number, high: number): number {
  return Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b) >>> 24;
}

function tableOf(type: WantedConstant['type']): Table {
  const table = { low: new Int32Array(SLOTS), high: new Int32Array(SLOTS), place: new Uint8Array(SLOTS) };
  WANTED_CONSTANTS.forEach((constant, index) => {
    if (constant.type !== type) return;
    const low = Number(BigInt.asIntN(32, constant.value));
    const high = Number(BigInt.asIntN(32, constant.value >> 32n));
    let slot = hash(low, high);
    while (table.place[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
    table.low[slot] = low;
    table.high[slot] = high;
    table.place[slot] = index + 1;
  });
  return table;
}

function i32(family: WantedConstant['family'], values: readonly number[]): WantedConstant[] {
  return values.map((value) => ({ family, type: 'i32', value: BigInt(value | 0) }));
}

function i64(family: WantedConstant['family'], values: readonly bigint[]): WantedConstant[] {
  return values.map((value) => ({ family, type: 'i64', value: BigInt.asIntN(64, value) }));
}
