import { expect, it } from 'vitest';
import { dataModule } from '../../test/support/data-module.ts';
import { collectByteSignatures } from './byte-signatures.ts';

const hex = (digits: string) => Uint8Array.from(Buffer.from(digits, 'hex'));

it('finds tables at odd places, once per family and module', () => {
  const sbox = [0x63, 0x7c, 0x77, 0x7b, 0xf2, 0x6b, 0x6f, 0xc5];
  const words = new Uint8Array(new BigUint64Array([1n, 0x8082n, 0x8000_0000_0000_808an]).buffer);
  const module = dataModule([{ at: 4, bytes: Uint8Array.of(9, ...sbox, ...sbox, ...words) }, { bytes: 'xZcashPoW RandomX\x03' }]);
  expect(collectByteSignatures([{ path: 'module[1]', module }, { path: '', module: dataModule([{ bytes: 'RandomX ' }]) }])).toEqual([
    { family: 'aes', offset: 9, location: { path: 'module[1]/data[0]', offset: 9, length: 8 } },
    { family: 'keccak', offset: 25, location: { path: 'module[1]/data[0]', offset: 25, length: 24 } },
    { family: 'equihash', offset: 50, location: { path: 'module[1]/data[1]', offset: 50, length: 8 } },
    { family: 'randomx', offset: 59, location: { path: 'module[1]/data[1]', offset: 59, length: 8 } },
  ]);
});

it.each([
  ['blake2b', new Uint8Array(new BigUint64Array([0x6a09_e667_f3bc_c908n, 0xbb67_ae85_84ca_a73bn]).buffer)],
  ['skein', new Uint8Array(new BigUint64Array([0x1bd1_1bda_a9fc_1a22n]).buffer)],
  ['groestl', new Uint8Array(new BigUint64Array([0xc6a5_97f4_a5f4_32c6n]).buffer)],
  ['jh', new Uint8Array(new BigUint64Array([0xebd3_202c_41a3_98ebn]).buffer)],
  ['aes', new Uint8Array(new Uint32Array([0xa563_63c6, 0x847c_7cf8]).buffer)],
  ['aes', hex('63a5c6637c84f87c')],
])('knows the first words of %s', (family, bytes) => {
  expect(collectByteSignatures([{ path: '', module: dataModule([{ at: 0, bytes }]) }]).map((found) => found.family)).toEqual([family]);
});

it('finds a table that is spread over touching segments', () => {
  const table = hex('c632f4a5f497a5c6');
  const module = dataModule([{ at: 3, bytes: table.subarray(3) }, { at: 0, bytes: table.subarray(0, 3) }]);
  expect(collectByteSignatures([{ path: '', module }])).toMatchObject([{ family: 'groestl', location: { path: 'data[1]' } }]);
});

it('tells BLAKE-256 from HAVAL and Blowfish, which start with the same digits of pi', () => {
  const words = [
    0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344, 0xa409_3822, 0x299f_31d0, 0x082e_fa98, 0xec4e_6c89,
    0x4528_21e6, 0x38d0_1377, 0xbe54_66cf, 0x34e9_0c6c, 0xc0ac_29b7, 0xc97c_50dd, 0x3f84_d5b5, 0xb547_0917,
  ];
  const blake = new Uint8Array(new Uint32Array(words).buffer);
  const blowfish = new Uint8Array(new Uint32Array([...words, 0x9216_d5d9, 0x8979_fb1b]).buffer);
  const haval = new Uint8Array([...blake.subarray(0, 32), ...new Uint8Array(64)]);
  const families = (...parts: Uint8Array[]) => collectByteSignatures([{ path: '', module: dataModule(parts.map((bytes) => ({ bytes }))) }]).map(({ family, location }) => `${family} ${location.path}`);
  expect(families(blowfish)).toEqual([]);
  expect(families(haval)).toEqual([]);
  expect(families(blake)).toEqual(['blake-256 data[0]']);
  expect(families(blowfish, blake)).toEqual(['blake-256 data[1]']);
});
