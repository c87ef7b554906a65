import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cbor } from '../../../test/support/notation.ts';
import { type Cbor, cborHead, CborTag, readCbor } from './cbor.ts';
import { NotationFailure } from './failure.ts';

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('values', () => {
  // RFC 8949, appendix A.
  test.each<[string, Cbor]>([
    ['00', 0], ['17', 23], ['1818', 24], ['1903e8', 1000], ['1a000f4240', 1_000_000], ['1b000000e8d4a51000', 1_000_000_000_000], ['20', -1], ['3903e7', -1000],
    ['f4', false], ['f5', true], ['f6', null], ['60', ''], ['6449455446', 'IETF'], ['62c3bc', '\u00fc'], ['80', []], ['83010203', [1, 2, 3]], ['a201020304', new Map([[1, 2], [3, 4]])],
    ['c11a514b67b0', new CborTag(1, 1_363_896_240)],
  ])('%s', (text, value) => expect(readCbor(hex(text))).toEqual(value));

  test('bytes are those of the input', () => expect(readCbor(hex('43010203'))).toEqual(Buffer.from([1, 2, 3])));

  test('are read as they were written', () => {
    const { value } = fc.letrec<{ value: Cbor }>((tie) => ({
      value: fc.oneof({ depthSize: 'small', maxDepth: 4 }, fc.maxSafeInteger().filter((n) => Math.abs(n) < 2 ** 31), fc.string(), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 5 })) as fc.Arbitrary<Cbor>,
    }));
    fc.assert(fc.property(value, (one) => {
      expect(readCbor(cbor(one as never))).toEqual(one);
    }), { numRuns: 200 });
  });
});

describe('refused', () => {
  test.each([
    ['nothing', ''], ['two values', '0000'], ['a value cut short', '4401'], ['a list cut short', '8201'], ['a map cut short', 'a101'],
    ['indefinite bytes', '5f42010243030405ff'], ['indefinite text', '7f657374726561646d696e67ff'], ['an indefinite list', '9fff'], ['an indefinite map', 'bfff'], ['a break alone', 'ff'],
    ['23 in two bytes', '1817'], ['255 in three bytes', '1900ff'], ['65535 in five bytes', '1a0000ffff'], ['2^32-1 in nine bytes', '1b00000000ffffffff'], ['a length in two bytes', '580101'],
    ['a number beyond 53 bits', '1b0020000000000000'], ['a reserved length', '1c'], ['half precision', 'f93c00'], ['double precision', 'fb3ff199999999999a'], ['undefined', 'f7'], ['a simple value', 'f0'], ['false in two bytes', 'f814'],
    ['a key twice', 'a201020103'], ['a text key twice', 'a2616101616102'], ['a key of bytes', 'a1410102'], ['a list as key', 'a1800102'], ['text that is no UTF-8', '61ff'], ['a surrogate in text', '63eda080'],
    ['4 GB of bytes', '5affffffff00'], ['4 billion items', '9affffffff00'], ['4 billion pairs', 'baffffffff00'],
  ])('%s', (_what, text) => expect(() => readCbor(hex(text))).toThrow(NotationFailure));

  test('deep nesting and many values are limits', () => {
    const limit = expect.objectContaining({ code: 'limit-exceeded', status: 'error' }) as NotationFailure;
    expect(() => readCbor(hex(`${'81'.repeat(10_000)}00`))).toThrow(limit);
    expect(() => readCbor(hex(`${'c1'.repeat(10_000)}00`))).toThrow(limit);
    expect(() => readCbor(Buffer.concat([hex('990fa0'), Buffer.alloc(4_000)]))).toThrow(limit);
    expect(readCbor(hex(`${'81'.repeat(8)}00`))).toBeDefined();
  });

  test('any bytes give a value or a refusal', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        readCbor(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(NotationFailure);
      }
    }), { numRuns: 2_000 });
  });
});

test('heads are the shortest', () => {
  expect([0, 23, 24, 255, 256, 65_535, 65_536].map((length) => Buffer.from(cborHead(2, length)).toString('hex'))).toEqual(['40', '57', '5818', '58ff', '590100', '59ffff', '5a00010000']);
});
