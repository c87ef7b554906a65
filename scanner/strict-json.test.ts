import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson, StrictJsonError } from './strict-json.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): unknown => parseStrictJson(bytes(text));

describe('parseStrictJson', () => {
  test('gives what JSON.parse gives for whatever is JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => {
      let strict: unknown;
      try {
        strict = parse(text);
      } catch (error) {
        expect((error as Error).message).toMatch(/repeats a key|__proto__|nested deeper/);
        return;
      }
      expect(strict).toEqual(JSON.parse(text));
    }));
  });

  test('refuses every text that JSON.parse refuses, and only with its own error', () => {
    fc.assert(fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', '\\', '0', ' ', ':', 'x', '\u0001', '\ufeff'), (text, place, inserted) => {
      const cut = place % (text.length + 1);
      const changed = text.slice(0, cut) + inserted + text.slice(cut + 1);
      if (!isJson(changed.toWellFormed())) expect(() => parse(changed)).toThrow(StrictJsonError);
    }), { numRuns: 2_000 });
  });

  test.each([
    ['{"a":1,"a":2}', 'repeats a key', 7],
    ['{"a":1,"\\u0061":2}', 'repeats a key', 7],
    ['{"layers":[],"Layers":[]}', 'repeats a key', 13],
    ['{"layers":[],"layer\u017f":[]}', 'repeats a key', 13],
    ['{"k":1,"\u212a":2}', 'repeats a key', 7],
    ['{"é":{"x":1,"x":2}}', 'repeats a key', 13],
    ['{"__proto__":{"a":1}}', '__proto__', 1],
    ['{"\\u005f_proto__":1}', '__proto__', 1],
    ['\ufeff{}', 'no value', 0],
    ['{} {}', 'goes on', 3],
    ['[1,]', 'no value', 3],
    ['{"a":1,}', 'no key', 7],
    ['["\\x"]', 'escape', 2],
    ['["\n"]', 'control', 2],
    ['["', 'without its end', 1],
    ['', 'no value', 0],
  ])('refuses %j: %s', (text, what, offset) => {
    const error = refused(() => parse(text));
    expect(error.message).toContain(what);
    expect(error.offset).toBe(offset);
  });

  test('lets the same key stand in two objects', () => {
    expect(parse('[{"a":1},{"a":{"a":2}}]')).toEqual([{ a: 1 }, { a: { a: 2 } }]);
  });

  test('refuses bytes that are not UTF-8', () => {
    expect(refused(() => parseStrictJson(Uint8Array.of(0x22, 0xc0, 0xaf, 0x22))).message).toContain('UTF-8');
  });

  test('sees a repeated key however many there are', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `"key${index}":${index}`);
    expect(Object.keys(parse(`{${many.join(',')}}`) as object)).toHaveLength(1_000);
    for (const repeated of ['"key3":0', '"KEY3":0', '"key999":0', '"k\\u0065y999":0']) {
      expect(refused(() => parse(`{${[...many, repeated].join(',')}}`)).message).toContain('repeats a key');
      expect(refused(() => parse(`{${[...many, '"x":{"y":1}', repeated].join(',')}}`)).message).toContain('repeats a key');
    }
  });

  test('tells keys apart whose folded numbers agree', () => {
    // 31 * 98 + 33 is 31 * 97 + 64.
    expect(parse('{"b!":1,"a@":2}')).toEqual({ 'b!': 1, 'a@': 2 });
  });

  test('lets case alone tell keys apart in the maps named for it, and nowhere else', () => {
    const openMaps = new Set(['labels']);
    const read = (text: string): unknown => parseStrictJson(bytes(text), { openMaps });
    expect(read('{"labels":{"App":1,"app":2}}')).toEqual({ labels: { App: 1, app: 2 } });
    expect(read('{"f:labels":{"f:App":1,"f:app":2}}')).toEqual({ 'f:labels': { 'f:App': 1, 'f:app': 2 } });
    const many = Array.from({ length: 100 }, (_, index) => `"k${index}":1,"K${index}":2`).join(',');
    expect(Object.keys((read(`{"labels":{${many}}}`) as { labels: object }).labels)).toHaveLength(200);
    for (const text of ['{"labels":{"App":1,"app":2,"App":3}}', '{"labels":{"App":1,"app":2,"app":3}}', `{"labels":{${many},"K7":1}}`, '{"labels":{"x":{"App":1,"app":2}}}',
      '{"labels":[{"App":1,"app":2}]}', '{"labels":{},"x":{"App":1,"app":2}}', '{"labels":1,"Labels":2}', `{"spec":{${many}}}`, '{"labels":{"App":1},"a":[],"A":1}']) {
      expect(refused(() => read(text)).message).toContain('repeats a key');
    }
  });

  test('bounds keys, objects and arrays before anything is built', () => {
    expect(parseStrictJson(bytes('{"a":[{}]}'), { parts: 4 })).toEqual({ a: [{}] });
    expect(refused(() => parseStrictJson(bytes('{"a":[{}]}'), { parts: 3 })).message).toContain('more than 3');
  });

  test('bounds depth and length before anything is built', () => {
    expect(parseStrictJson(bytes('[[]]'), { depth: 2 })).toEqual([[]]);
    expect(refused(() => parseStrictJson(bytes('[[]]'), { depth: 1 })).message).toContain('nested deeper');
    expect(refused(() => parse('['.repeat(1 << 20))).message).toContain('nested deeper');
    expect(refused(() => parseStrictJson(bytes('[1,2]'), { bytes: 4 })).message).toContain('longer');
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function refused(run: () => unknown): StrictJsonError {
  try {
    run();
  } catch (error) {
    if (error instanceof StrictJsonError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
