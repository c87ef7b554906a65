/** The forms in which compilers leave the constants of an algorithm behind. */
export interface Parts {
  /** Bytes of a table, as they lie in memory. */
  readonly table: Uint8Array;
  /** Operands in code, in the text format. */
  readonly code: readonly string[];
}

const u32 = (...words: number[]): Uint8Array => new Uint8Array(Uint32Array.from(words).buffer);
const u64 = (...words: bigint[]): Uint8Array => new Uint8Array(BigUint64Array.from(words).buffer);

/** Digits of pi: what BLAKE-256 and Blowfish have in common. */
const PI = [
  0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89,
  0x452821e6, 0x38d01377, 0xbe5466cf, 0x34e90c6c, 0xc0ac29b7, 0xc97c50dd, 0x3f84d5b5, 0xb5470917,
];

/** Constants of the algorithms CryptoNight is made of, from their specifications. */
export const CRYPTONIGHT_PARTS = {
  aes: { table: Uint8Array.of(0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b, 0x6f, 0xc5), code: ['i32.const 0xa56363c6', 'i32.const 0x847c7cf8'] },
  'blake-256': { table: u32(...PI), code: ['i32.const 0x243f6a88', 'i32.const 0x85a308d3', 'i32.const 0x13198a2e'] },
  keccak: { table: u64(1n, 0x8082n, 0x8000_0000_0000_808an), code: ['i64.const 0x8082', 'i64.const 0x800000000000808a'] },
  jh: { table: u64(0xebd3_202c_41a3_98ebn), code: ['i64.const 0xebd3202c41a398eb'] },
  groestl: { table: u64(0xc6a5_97f4_a5f4_32c6n), code: ['i32.const 0xa5f432c6', 'i32.const 0x84976ff8'] },
  skein: { table: u64(0x1bd1_1bda_a9fc_1a22n), code: ['i64.const 0x1bd11bdaa9fc1a22'] },
} as const satisfies Record<string, Parts>;

export type Part = keyof typeof CRYPTONIGHT_PARTS;

/** The first sub-keys of Blowfish, as C libraries carry them for crypt(). */
export const BLOWFISH = u32(...PI, 0x9216d5d9, 0x8979fb1b);
/** Start values of BLAKE2b and SHA-512. */
export const BLAKE2B = u64(0x6a09_e667_f3bc_c908n, 0xbb67_ae85_84ca_a73bn);

/** Text of a module with these tables in data, each in a segment of its own, and these operands in one function. */
export function moduleWith({ tables = [], code = [], more = '' }: { readonly tables?: readonly Uint8Array[]; readonly code?: readonly string[]; readonly more?: string }): string {
  const data = tables.map((bytes, index) => `(data (i32.const ${1024 * (index + 1)}) "${escaped(bytes)}")`);
  const operands = code.map((operand) => `(drop (${operand}))`);
  return `(module (memory 64) ${data.join(' ')} (func ${operands.join(' ')}) ${more})`;
}

/** Bytes as the text format writes them inside quotes. */
export function escaped(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').replace(/../g, '\\$&');
}
