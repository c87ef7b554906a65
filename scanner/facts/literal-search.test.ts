import { array, assert, constantFrom, property, string } from 'fast-check';
import { expect, it } from 'vitest';
import { asciiBytes, prepareSearch } from './literal-search.ts';

it('finds every occurrence of every literal, at even and odd places and at both ends', () => {
  const letters = string({ unit: constantFrom('a', 'b', '\0'), minLength: 3, maxLength: 5 });
  assert(property(array(letters, { minLength: 1, maxLength: 5 }), string({ unit: constantFrom('a', 'b', '\0'), maxLength: 60 }), (literals, text) => {
    const expected: string[] = [];
    for (const [number, literal] of literals.entries()) for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) expected.push(`${number}@${at}`);
    const found: string[] = [];
    prepareSearch(literals.map(asciiBytes)).search(asciiBytes(text), (number, at) => found.push(`${number}@${at}`));
    expect(found.sort()).toEqual(expected.sort());
  }), { numRuns: 500 });
});

it('refuses a literal that is too short to be told apart', () => {
  expect(() => prepareSearch([asciiBytes('ab')])).toThrow(RangeError);
});
