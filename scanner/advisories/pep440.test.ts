import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePep440 } from './pep440.ts';

/** In ascending order, by the rules and examples of PEP 440. */
const ASCENDING = [
  '0.9', '1.dev0', '1.0.dev456', '1.0a1', '1.0a2.dev456', '1.0a12.dev456', '1.0a12', '1.0b1.dev456', '1.0b2', '1.0b2.post345.dev456', '1.0b2.post345', '1.0rc1.dev456', '1.0rc1', '1.0',
  '1.0+abc.5', '1.0+abc.7', '1.0+5', '1.0.post456.dev34', '1.0.post456', '1.0.15', '1.1.dev1', '1.10', '2024.1', '1!0.1',
];

test('orders versions as PEP 440 does', () => {
  for (const [i, a] of ASCENDING.entries()) for (const [j, b] of ASCENDING.entries()) expect(Math.sign(comparePep440(a, b)!), `${a} and ${b}`).toBe(Math.sign(i - j));
});

test.each([['1.0', '1.0.0'], ['1.0alpha1', '1.0a1'], ['1.0-1', '1.0.post1'], ['v1.0', '1.0'], ['1.0c1', '1.0RC1'], ['1.0.dev', '1.0.dev0'], ['01.002', '1.2'], ['1.0+a-b', '1.0+a.b']])('%s and %s are one', (a, b) => {
  expect(comparePep440(a, b)).toBe(0);
});

test.each(['', 'latest', '1.0-', '1.0 beta', `1.${'0'.repeat(300)}`, '1..0', '1.0++x'])('%j is no version', (version) => {
  expect(comparePep440(version, '1.0')).toBeNull();
  expect(comparePep440('1.0', version)).toBeNull();
});

test('numbers of any length are compared exactly', () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.bigInt({ min: 0n, max: 10n ** 40n }), (a, b) => {
    expect(Math.sign(comparePep440(`1.${a}`, `1.${b}`)!)).toBe(a < b ? -1 : a > b ? 1 : 0);
  }));
});
