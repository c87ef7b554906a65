import { assert, constantFrom, integer, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { columns, hang, humanSize, wrap } from './layout.ts';

test('wide characters take two columns, combining ones none', () => {
  expect(columns('abc')).toBe(3);
  expect(columns('漢字')).toBe(4);
  expect(columns('e\u0301')).toBe(1);
});

test('text is broken at spaces', () => {
  expect(wrap('one two three four five six', 20)).toEqual(['one two three four', 'five six']);
});

test('a word longer than a line is broken inside, and nothing is lost', () => {
  const word = 'x'.repeat(55);
  expect(wrap(`a ${word} b`, 20).join(' ').replaceAll(' ', '')).toBe(`a${word}b`);
});

test('no line is wider than asked for', () => {
  assert(property(string({ unit: constantFrom('a', 'b', ' ', '漢', 'é') }), integer({ min: 20, max: 60 }), (text, width) => {
    const lines = wrap(text, width);
    expect(Math.max(...lines.map(columns))).toBeLessThanOrEqual(width);
    expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  }));
});

test('further lines hang under the first', () => {
  expect(hang('fix: ', 'one two three four five six', 25)).toEqual(['fix: one two three four', '     five six']);
});

test.each([[0, '0 bytes'], [1, '1 byte'], [1536, '1.5 KiB'], [14 << 20, '14.0 MiB']])('%i bytes read %s', (bytes, text) => {
  expect(humanSize(bytes)).toBe(text);
});
