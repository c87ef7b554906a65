import { array, assert, constantFrom, integer, property, string } from 'fast-check';
import { expect, it } from 'vitest';
import { SearchGroup } from './joined-search.ts';
import { asciiBytes, prepareSearch } from './literal-search.ts';
import type { LiteralSearch } from './literal-search.ts';

function calls({ search }: LiteralSearch, bytes: Uint8Array): string[] {
  const found: string[] = [];
  search(bytes, (literal, start) => found.push(`${literal}@${start}`));
  return found;
}

it('gives every caller what a search of its own would, in the same order', () => {
  const letters = string({ unit: constantFrom('a', 'b', 'c', '\0'), minLength: 3, maxLength: 6 });
  const sets = array(array(letters, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 });
  assert(property(sets, string({ unit: constantFrom('a', 'b', 'c', '\0', '.'), maxLength: 40 }), integer({ min: 0, max: 3_000 }), (all, text, gap) => {
    const bytes = asciiBytes(`${text}${'.'.repeat(gap)}${text}`);
    const texts = all.map((literals) => literals.map(asciiBytes));
    const group = new SearchGroup();
    const joined = texts.map((literals) => group.join(() => literals));
    for (const [place, literals] of texts.entries()) expect(calls(joined[place]!, bytes)).toEqual(calls(prepareSearch(literals), bytes));
  }), { numRuns: 200 });
});

it('loses nothing of a flood, and finds it again', () => {
  const group = new SearchGroup();
  const [first, second] = [group.join(() => [asciiBytes('flood')]), group.join(() => [asciiBytes('loo'), asciiBytes('dfl')])];
  const bytes = asciiBytes('flood'.repeat(10_000));
  for (const _ of [1, 2]) {
    expect(calls(first, bytes)).toHaveLength(10_000);
    expect(calls(second, bytes)).toHaveLength(19_999);
  }
});

it('asks for literals only when something is searched', () => {
  let asked = 0;
  const search = new SearchGroup().join(() => (asked++, [asciiBytes('once')]));
  expect(asked).toBe(0);
  expect(calls(search, asciiBytes('twice, once'))).toEqual(['0@7']);
  calls(search, asciiBytes('no more'));
  expect(asked).toBe(1);
});
