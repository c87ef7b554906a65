import { expect, test } from 'vitest';
import { scanBytes } from '../../test/support/findings.ts';

const rules = ['section-structure-anomaly', 'invalid-module'];
const preamble = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const types = [1, 4, 1, 0x60, 0, 0];

test.each([
  ['sections out of order', [5, 3, 1, 0, 0, ...types], 'section-order'],
  ['a section twice', [...types, ...types], 'section-order'],
  ['an unknown section', [0x40, 0], 'section-id'],
  ['a section longer than its content', [1, 5, 1, 0x60, 0, 0, 0], 'section-size'],
  ['functions without code', [...types, 3, 2, 1, 0], 'count-mismatch'],
])('%s: denied, and named as a matter of structure', async (_what, sections, code) => {
  const { verdict, findings } = await scanBytes(Uint8Array.from([...preamble, ...sections]), { rules, policy: { kind: 'level', name: 'privileged' } });
  expect(verdict).toBe('deny');
  expect(findings.map(({ rule, severity, subject }) => [rule, severity, subject])).toEqual([['invalid-module', 'error', code], ['section-structure-anomaly', 'error', code]]);
});

test('an over-long integer is allowed, so it is a note whatever the level says', async () => {
  const { verdict, findings } = await scanBytes(Uint8Array.from([...preamble, 1, 6, 0x81, 0x80, 0x00, 0x60, 0, 0]), { rules, policy: { kind: 'level', name: 'privileged' } });
  expect(findings.map(({ rule, severity, subject }) => [rule, severity, subject])).toEqual([['section-structure-anomaly', 'note', 'overlong-integer']]);
  expect(verdict).toBe('allow');
});
