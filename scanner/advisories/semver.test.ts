import { expect, test } from 'vitest';
import { compareSemver } from './semver.ts';

test.each([
  ['1.0.0-alpha', '1.0.0-alpha.1'], ['1.0.0-alpha.1', '1.0.0-beta'], ['1.0.0-rc.1', '1.0.0'], ['1.9.0', '1.10.0'], ['0.0.0-0', '0.0.0'], ['1.21.0-0', '1.21rc2'], ['1.21rc2', '1.21.0'], ['1.21', '1.21.1'],
  ['v0.0.0-20200101000000-abcdefabcdef', 'v0.1.0'], ['v0.0.0-20190101000000-ffffffffffff', 'v0.0.0-20200101000000-000000000000'],
])('%s is earlier than %s', (a, b) => {
  expect(compareSemver(a, b)).toBeLessThan(0);
  expect(compareSemver(b, a)).toBeGreaterThan(0);
});

test.each([['1.0.0+a', '1.0.0+b'], ['v1.2.3', '1.2.3'], ['v2.0.0+incompatible', '2.0.0'], ['1', '1.0.0']])('%s and %s are one', (a, b) => {
  expect(compareSemver(a, b)).toBe(0);
});

test.each(['', '(devel)', 'main', '1.x', '99999999999999999999.0.0', `1.0.0-${'a'.repeat(300)}`])('%j cannot be compared', (version) => {
  expect(compareSemver(version, '1.0.0')).toBeNull();
});
