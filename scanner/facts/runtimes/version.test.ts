import { assert, constantFrom, integer, property, tuple, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions, isAffected, known, parseVersion, repairFor } from './version.ts';

const number = integer({ min: 0, max: 60 });
const text = tuple(number, number, number, constantFrom('', '-alpha', '-alpha.3', '-beta.11', '-1')).map(([a, b, c, end]) => `${a}.${b}.${c}${end}`);

describe('versions', () => {
  test('are ordered as Semantic Versioning lists them', () => {
    const ordered = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.0.1', '1.0.1', '1.2.0', '1.10.0', '2.0.0'];
    const shuffled = ordered.toSorted((a, b) => (a < b ? 1 : -1));
    expect(shuffled.map(known).sort(compareVersions)).toEqual(ordered.map(known));
  });

  test('compare like an order', () => {
    assert(property(text, text, text, (a, b, c) => {
      const [x, y, z] = [known(a), known(b), known(c)];
      expect(Math.sign(compareVersions(x, y)) + Math.sign(compareVersions(y, x))).toBe(0);
      if (compareVersions(x, y) <= 0 && compareVersions(y, z) <= 0) expect(compareVersions(x, z)).toBeLessThanOrEqual(0);
    }));
  });

  test.each([['v1.2', '1.2.0'], ['36', '36.0.0'], ['1.2.3+build.5', '1.2.3'], ['123.0.6312.86', '123.0.6312.86']])('%s is %s', (short, long) => {
    expect(compareVersions(known(short), known(long))).toBe(0);
  });

  test.each(['', 'latest', '1.2.3.4.5', '1.', '-1', '1.2.3-', '1 2', `1.${'0'.repeat(70)}`, '1.2.3-a..b', '9999999999'])('"%s" is none', (wrong) => {
    expect(parseVersion(wrong)).toBeNull();
  });
});

describe('affected versions', () => {
  const lines = { from: '25.0.0', fixed: ['36.0.7', '42.0.2', '43.0.1'] };

  test.each([
    ['24.0.9', false], ['25.0.0', true], ['36.0.6', true], ['36.0.7', false], ['36.0.9', false], ['37.0.3', true], ['41.9.9', true], ['42.0.2', false], ['43.0.0', true], ['43.0.1-rc.1', true], ['43.0.1', false], ['44.0.0', false],
  ])('%s: %s', (version, affected) => {
    expect(isAffected(known(version), lines)).toBe(affected);
  });

  test('a repair repairs, and what comes right before it does not', () => {
    const fixed = uniqueArray(tuple(integer({ min: 2, max: 50 }), integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 5, selector: ([major]) => major })
      .map((pairs) => pairs.toSorted(([a], [b]) => a - b).map(([major, patch]) => `${major}.0.${patch}`));
    assert(property(fixed, (repairs) => {
      const range = { from: null, fixed: repairs };
      for (const repair of repairs) {
        const [major, , patch] = repair.split('.').map(Number) as [number, number, number];
        expect(isAffected(known(repair), range)).toBe(false);
        expect(isAffected(known(`${major}.0.${patch - 1}`), range)).toBe(true);
        expect(isAffected(known(`${repair}-pre`), range)).toBe(true);
        expect(repairFor(known(`${major}.0.${patch - 1}`), range)).toBe(repair);
      }
      expect(isAffected(known('51.0.0'), range)).toBe(false);
    }));
  });

  test('what is repaired nowhere affects everything from its first version on', () => {
    assert(property(text, (version) => {
      expect(isAffected(known(version), { from: null, fixed: [] })).toBe(true);
      expect(isAffected(known(version), { from: version, fixed: [] })).toBe(true);
      expect(repairFor(known(version), { from: null, fixed: [] })).toBeNull();
    }));
  });
});
