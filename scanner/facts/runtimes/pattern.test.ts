import { assert, constantFrom, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { matchesPattern } from './pattern.ts';

test.each([
  ['a', 'a', true], ['a', 'ab', false], ['*', '', true], ['a*', 'a', true], ['*a', 'ba', true], ['a*a', 'a', false], ['a*a', 'aa', true], ['*.load*', 'i32.load8_s', true], ['*.load*', 'i32.store', false],
  ['a*b*c', 'a_b_c', true], ['a*b*c', 'acb', false], ['a*bc*c', 'abc', false], ['x#*.open-at', 'x#[method]descriptor.open-at', true],
])('%s and %s: %s', (pattern, text, matches) => {
  expect(matchesPattern(pattern, text)).toBe(matches);
});

test('matches as a regular expression would', () => {
  const short = string({ unit: constantFrom('a', 'b', '*'), maxLength: 6 });
  const plain = string({ unit: constantFrom('a', 'b'), maxLength: 8 });
  assert(property(short, plain, (pattern, text) => {
    expect(matchesPattern(pattern, text)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text));
  }));
});
