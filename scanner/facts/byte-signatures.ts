import type { ByteSignature } from './facts.ts';
import { joinSearch } from './joined-search.ts';
import { asciiBytes } from './literal-search.ts';
import { dataSources } from './text-sources.ts';
import type { PlacedModule } from './text-sources.ts';

type Family = ByteSignature['family'];

/**
 * Constant tables as they lie in little-endian memory. Sources: FIPS 197 (AES S-box and the first two words of each of
 * its four tables), the SHA-3 submissions of BLAKE, JH, Groestl and Skein, FIPS 202 (Keccak), RFC 7693 (BLAKE2b),
 * Equihash's personalisation in Zcash, RandomX's configuration.
 */
const TABLES: readonly (readonly [Family, string])[] = [
  ['aes', '637c777bf26b6fc5'],
  ['aes', 'c66363a5f87c7c84'],
  ['aes', 'a5c6636384f87c7c'],
  ['aes', '63a5c6637c84f87c'],
  ['aes', '6363a5c67c7c84f8'],
  ['blake-256', '886a3f24d308a3852e8a1913'],
  ['blake2b', '08c9bcf367e6096a3ba7ca8485ae67bb'],
  ['keccak', '010000000000000082800000000000008a80000000000080'],
  ['jh', 'eb98a3412c20d3eb'],
  ['groestl', 'c632f4a5f497a5c6'],
  ['skein', '221afca9da1bd11b'],
];
const TEXTS: readonly (readonly [Family, string])[] = [
  ['equihash', 'ZcashPoW'],
  ['randomx', 'RandomX\x03'],
];

const SIGNATURES = [
  ...TABLES.map(([family, digits]) => ({ family, bytes: Uint8Array.from(digits.match(/../g)!, (pair) => Number.parseInt(pair, 16)) })),
  ...TEXTS.map(([family, text]) => ({ family, bytes: asciiBytes(text) })),
];
const search = joinSearch(() => SIGNATURES.map(({ bytes }) => bytes));

/** Constant tables of hash functions and ciphers in data: each family once per module, at its first place in memory. */
export function collectByteSignatures(modules: readonly PlacedModule[]): ByteSignature[] {
  return modules.flatMap((placed) => {
    const found = new Map<Family, ByteSignature>();
    for (const source of dataSources([placed])) {
      search.search(source.bytes, (literal, start) => {
        const { family, bytes } = SIGNATURES[literal]!;
        if (found.has(family) || (family === 'blake-256' && !isBlake(source.bytes, start))) return;
        const location = source.locate(start, bytes.length);
        found.set(family, { family, offset: location.offset, location });
      });
    }
    return [...found.values()];
  });
}

/**
 * The sixteen words of BLAKE-256 are digits of pi, and so are others: HAVAL starts from the first eight, and the sub-keys
 * of Blowfish, which C libraries carry for crypt(), go on with a seventeenth and eighteenth.
 */
const NINTH = [0xe6, 0x21, 0x28, 0x45];
const SEVENTEENTH = [0xd9, 0xd5, 0x16, 0x92, 0x1b, 0xfb, 0x79, 0x89];

function isBlake(bytes: Uint8Array, start: number): boolean {
  return NINTH.every((byte, index) => bytes[start + 32 + index] === byte) && !SEVENTEENTH.every((byte, index) => bytes[start + 64 + index] === byte);
}
