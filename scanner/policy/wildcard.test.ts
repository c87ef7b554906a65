import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { globProblem, pathGlob, wildcard } from './wildcard.ts';

test.each([
  ['*', '', true], ['a*', 'abc', true], ['*c', 'abc', true], ['a*c', 'abbc', true], ['a*c', 'abb', false], ['abc', 'abcd', false], ['a**b', 'ab', true], ['', '', true], ['', 'a', false], ['?', 'a', false],
])('wildcard %s on %s is %s', (pattern, text, expected) => {
  expect(wildcard(pattern, text)).toBe(expected);
});

test.each([
  ['a/*', 'a/b', true], ['a/*', 'a/b/c', false], ['a/**', 'a/b/c', true], ['**/x', 'x', true], ['**/x', 'a/b/x', true], ['a/**/x', 'a/x', true], ['a/?', 'a/b', true], ['a/?', 'a/bc', false],
  ['**', 'a/b', true], ['a/*.wasm', 'a/b.wasm', true], ['a', 'ab', false],
])('glob %s on %s is %s', (pattern, path, expected) => {
  expect(pathGlob(pattern, path)).toBe(expected);
});

test('a wildcard agrees with the regular expression that it stands for', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(fc.property(letters, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 }), (pattern, text) => wildcard(pattern, text) === new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text)));
});

test('a hostile pattern does not blow up', () => {
  expect(wildcard(`${'*a'.repeat(400)}*b`, 'a'.repeat(5_000))).toBe(false);
});

test.each([['a/{b,c}', /one entry/], ['a/[bc]', /one entry/], ['a/b**', /whole segment/], ['!a', /one entry/]])('%s is refused', (pattern, message) => {
  expect(globProblem(pattern)).toMatch(message);
});

test('an ordinary glob is accepted', () => {
  expect(globProblem('registry.example/team/**')).toBeNull();
});
