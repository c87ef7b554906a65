import { describe, expect, it } from 'vitest';
import { signed, unsigned } from '../../test/support/module.ts';
import { DecodeError } from './error.ts';
import { ByteReader } from './reader.ts';

function failure(read: (reader: ByteReader) => unknown, bytes: readonly number[]): string {
  try {
    read(new ByteReader(Uint8Array.from(bytes)));
  } catch (error) {
    if (error instanceof DecodeError) return `${error.code}@${error.offset}`;
    throw error;
  }
  return 'none';
}

describe('integers', () => {
  it.each([0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 - 1])('u32 %d in every width', (value) => {
    for (let width = 1; width <= 5; width++) expect(new ByteReader(Uint8Array.from(unsigned(value, width))).u32()).toBe(value);
  });

  it.each([0, -1, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31)])('s32 and s33 %d in every width', (value) => {
    for (let width = 1; width <= 5; width++) {
      expect(new ByteReader(Uint8Array.from(signed(value, width))).s32()).toBe(value);
      expect(new ByteReader(Uint8Array.from(signed(value, width))).s33()).toBe(value);
    }
  });

  it.each([2 ** 32 - 1, -(2 ** 32)])('s33 holds %d', (value) => {
    expect(new ByteReader(Uint8Array.from(signed(value))).s33()).toBe(value);
  });

  it.each([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 40n])('s64 %d in every width', (value) => {
    for (let width = 1; width <= 10; width++) expect(new ByteReader(Uint8Array.from(signed(value, width))).s64()).toBe(value);
  });

  it('u64 is exact to 2^53 and takes all 64 bits', () => {
    expect(new ByteReader(Uint8Array.from(unsigned(2n ** 53n - 1n))).u64()).toBe(2 ** 53 - 1);
    expect(new ByteReader(Uint8Array.from(unsigned(2n ** 64n - 1n))).u64()).toBe(2 ** 64);
  });

  const ones = (count: number, last: number) => [...Array.from({ length: count }, () => 0x80), last];
  const bad: readonly [string, (reader: ByteReader) => unknown, number[], string][] = [
    ['u32 too long', (reader) => reader.u32(), ones(5, 0), 'leb-too-long@0'],
    ['u32 too large', (reader) => reader.u32(), ones(4, 0x10), 'leb-too-large@0'],
    ['u64 too long', (reader) => reader.u64(), ones(10, 0), 'leb-too-long@0'],
    ['u64 too large', (reader) => reader.u64(), ones(9, 2), 'leb-too-large@0'],
    ['s32 too long', (reader) => reader.s32(), ones(5, 0), 'leb-too-long@0'],
    ['s32 too large', (reader) => reader.s32(), ones(4, 0x08), 'leb-too-large@0'],
    ['s32 too small', (reader) => reader.s32(), ones(4, 0x77), 'leb-too-large@0'],
    ['s33 too large', (reader) => reader.s33(), ones(4, 0x10), 'leb-too-large@0'],
    ['s64 too large', (reader) => reader.s64(), ones(9, 1), 'leb-too-large@0'],
    ['cut short', (reader) => reader.u32(), [0x80, 0x80], 'unexpected-end@2'],
  ];
  it.each(bad)('%s', (_, read, bytes, expected) => {
    expect(failure(read, bytes)).toBe(expected);
  });

  it('tells of overlong forms but not of fully padded ones', () => {
    const seen: number[][] = [];
    const reader = new ByteReader(Uint8Array.from([...unsigned(1, 3), ...unsigned(1, 5), ...unsigned(300)]));
    reader.overlong = (offset, length) => seen.push([offset, length]);
    expect([reader.u32(), reader.u32(), reader.u32()]).toEqual([1, 1, 300]);
    expect(seen).toEqual([[0, 3]]);
  });
});

describe('windows and names', () => {
  it('offsets in a window count from the start of the artifact', () => {
    const outer = new ByteReader(Uint8Array.from([9, 9, 0x80]), 2);
    expect(() => outer.sub(1).u32()).toThrow(expect.objectContaining({ code: 'unexpected-end', offset: 3 }));
    expect(outer.done).toBe(true);
  });

  it('never reads beyond its window', () => {
    const outer = new ByteReader(Uint8Array.from([1, 2, 3]));
    const window = outer.sub(1);
    window.byte();
    expect(() => window.byte()).toThrow(DecodeError);
    expect(window.peek()).toBe(-1);
    expect(() => outer.sub(3)).toThrow(DecodeError);
    expect(() => outer.take(3)).toThrow(DecodeError);
    expect(() => outer.skip(3)).toThrow(DecodeError);
  });

  it('keeps a byte-order mark and refuses broken UTF-8', () => {
    expect(new ByteReader(Uint8Array.from([4, 0xef, 0xbb, 0xbf, 0x61])).name()).toBe('\u{feff}a');
    expect(failure((reader) => reader.name(), [1, 0xff])).toBe('invalid-utf8@1');
    expect(failure((reader) => reader.name(), [5, 0x61])).toBe('unexpected-end@0');
  });

  it('refuses counts beyond the bytes left or beyond the limit', () => {
    expect(failure((reader) => reader.count(10, 'items'), [3, 0])).toBe('count-too-large@0');
    expect(failure((reader) => reader.count(1, 'items'), [2, 0, 0])).toBe('limit-exceeded@0');
  });
});

describe('indices', () => {
  const read = (bytes: number[], count: number, allowed = 20_000) => {
    const reader = new ByteReader(Uint8Array.from(bytes));
    const into = new Uint32Array(count);
    const place = reader.indices(into, 0, new Uint8Array(allowed).fill(1));
    return { place, position: reader.position, values: [...into.subarray(0, place)] };
  };

  it('reads integers of one to three bytes, and none past its end', () => {
    expect(read([0x05, 0x85, 0x01, 0xff, 0xff, 0x00, 0x07, 0, 0], 4)).toMatchObject({ place: 2, position: 3 });
    expect(read([0x05, 0x85, 0x01, 0x80, 0x80, 0x01, 0x07, 0, 0], 4)).toEqual({ place: 4, position: 7, values: [5, 133, 16_384, 7] });
    expect(read([1, 2, 3], 3)).toMatchObject({ place: 1, position: 1 });
    expect(read([1, 2, 3, 4], 1)).toMatchObject({ place: 1, position: 1 });
  });

  it('stops before what is refused, too long or padded', () => {
    expect(read([1, 9, 1, 1, 1], 3, 9)).toMatchObject({ place: 1, position: 1 });
    expect(read([1, 0x81, 0x00, 1, 1, 1], 3)).toMatchObject({ place: 1, position: 1 });
    expect(read([1, 0x81, 0x81, 0x81, 0x01, 1, 1], 3)).toMatchObject({ place: 1, position: 1 });
  });
});
