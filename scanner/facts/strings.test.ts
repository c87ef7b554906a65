import { array, assert, boolean, integer, property, record, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataModule, wide } from '../../test/support/data-module.ts';
import type { FixtureSegment } from '../../test/support/data-module.ts';
import { dataRegions, locateInRegion } from './memory-regions.ts';
import type { StringFact } from './facts.ts';
import { eachRun, eachString } from './strings.ts';
import { eachWideRun } from './strings-wide.ts';

function strings(...segments: readonly FixtureSegment[]): StringFact[] {
  const found: StringFact[] = [];
  eachString([{ path: '', module: dataModule(segments) }], (text) => found.push(text));
  return found;
}
const texts = (...segments: readonly FixtureSegment[]) => strings(...segments).map(({ text }) => text);

describe('eachString', () => {
  it('finds runs of four characters and more, with their place', () => {
    expect(strings({ at: 16, bytes: '\0abc\0abcd\x01\x02  x=1\0' })).toEqual([
      { text: 'abcd', location: { path: 'data[0]', offset: 13, length: 4 } },
      { text: '  x=1', location: { path: 'data[0]', offset: 19, length: 5 } },
    ]);
  });

  it('reads UTF-8 and is not misled by machine bytes beside a text', () => {
    const raw = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
    expect(texts({ at: 0, bytes: 'größe 語語' })).toEqual(['größe 語語']);
    expect(texts({ at: 0, bytes: raw('\xc3hello\x80\xff\xe2\x82world') })).toEqual(['hello', 'world']);
    expect(texts({ at: 0, bytes: 'éé\0\u0085ab' })).toEqual([]);
  });

  it('reads UTF-16 at even and odd places', () => {
    expect(texts({ at: 0, bytes: wide('hello') })).toEqual(['hello']);
    expect(strings({ at: 0, bytes: Uint8Array.of(1, 0, 2, ...wide('world'), 0, 0, 9, ...wide('abcd')) }).map(({ text, location }) => [text, location.offset])).toEqual([['world', 11], ['abcd', 24]]);
    expect(texts({ at: 0, bytes: wide('abc') })).toEqual([]);
  });

  it('joins a text that is spread over touching segments, whatever their order in the file', () => {
    const [found, ...more] = strings({ at: 104, bytes: 'secret' }, { at: 100, bytes: 'top ' }, { at: 111, bytes: 'apart' });
    expect(found).toEqual({ text: 'top secret', location: { path: 'data[1]', offset: 14, length: 10 } });
    expect(more.map(({ text }) => text)).toEqual(['apart']);
  });

  it('shows overlapping segments as memory will have them, and what they hide', () => {
    expect(texts({ at: 0, bytes: 'password=12345' }, { at: 9, bytes: 'XXXXX' }).sort()).toEqual(['XXXXX', 'password=12345', 'password=XXXXX'].sort());
  });

  it('does not join passive segments, computed places or other memories', () => {
    expect(texts({ bytes: 'abcd' }, { bytes: 'efgh' })).toEqual(['abcd', 'efgh']);
    expect(texts({ at: 0, bytes: 'abcd' }, { at: 4, memory: 1, bytes: 'efgh' })).toEqual(['abcd', 'efgh']);
    expect(texts({ start: { kind: 'global', index: 0 }, bytes: 'abcd' }, { start: { kind: 'other' }, bytes: 'efgh' })).toEqual(['abcd', 'efgh']);
  });

  it('gives a very long run in pieces', () => {
    expect(texts({ at: 0, bytes: 'a'.repeat(200_000) }).map((text) => text.length)).toEqual([65_536, 65_536, 65_536, 3392]);
    expect(texts({ at: 0, bytes: wide('a'.repeat(70_000)) }).map((text) => text.length)).toEqual([65_536, 4464]);
  });

  it('finds every planted text in any surroundings', () => {
    assert(property(uint8Array({ maxLength: 40 }), uint8Array({ maxLength: 40 }), boolean(), (before, after, utf16) => {
      const text = 'needle-needle';
      const planted = Uint8Array.of(...before, 0, 1, 1, ...(utf16 ? wide(text) : new TextEncoder().encode(text)), 1, 1, ...after);
      expect(texts({ at: 0, bytes: planted }).some((found) => found.includes(text))).toBe(true);
    }));
  });
});

describe('dataRegions', () => {
  it('is the memory that instantiation makes', () => {
    const segment = record({ at: integer({ min: 0, max: 40 }), bytes: uint8Array({ maxLength: 12 }) });
    assert(property(array(segment, { maxLength: 8 }), (segments) => {
      const module = dataModule(segments);
      const memory = new Uint8Array(64);
      for (const { at, bytes } of segments) memory.set(bytes, at);
      const image = new Uint8Array(64);
      // Raw copies of overlapping members follow their region, so the first of each address wins.
      const seen = new Uint8Array(64);
      for (const region of dataRegions(module)) {
        for (const [index, byte] of region.bytes.entries()) {
          const at = region.address! + index;
          if (!seen[at]) [image[at], seen[at]] = [byte, 1];
          const place = locateInRegion(region, index);
          expect(place.offset).toBeLessThanOrEqual(module.bytes.length);
        }
      }
      expect(image).toEqual(memory);
    }));
  });

  it('takes high 32-bit addresses as unsigned', () => {
    expect(dataRegions(dataModule([{ at: 0xffff_fff0, bytes: 'x' }]))[0]?.address).toBe(0xffff_fff0);
  });
});

it('finds wide and plain runs exactly where a simple search finds them', () => {
  const bytes = uint8Array({ maxLength: 60, max: 3 }).map((items) => items.map((item) => [0, 0x41, 0xc3, 0xa9][item]!));
  assert(property(bytes, (planted) => {
    const found: string[] = [];
    eachWideRun(planted, (start, end) => found.push(`${start}-${end}`));
    const expected: string[] = [];
    for (let start = 0; start < planted.length; start++) {
      let end = start;
      while (end + 1 < planted.length && planted[end] === 0x41 && planted[end + 1] === 0) end += 2;
      if (end - start < 8) continue;
      expected.push(`${start}-${end}`);
      start = end - 1;
    }
    expect(found).toEqual(expected);
    const runs: string[] = [];
    eachRun(planted, (start, end) => runs.push(`${start}-${end}`));
    const text = [...planted].map((byte) => String.fromCharCode(byte)).join('');
    expect(runs).toEqual([...text.matchAll(/(?:A|\xc3\xa9){4,}/g)].map((match) => `${match.index}-${match.index + match[0].length}`));
  }), { numRuns: 2000 });
});
