import { expect, test } from 'vitest';
import { selects, selectorKeys, type NamespaceSelector } from './namespace-selector.ts';

const LABELS = { team: 'a', tier: 'web' };

test.each<[NamespaceSelector, boolean]>([
  [{}, true],
  [{ matchLabels: { team: 'a' } }, true],
  [{ matchLabels: { team: 'a', tier: 'db' } }, false],
  [{ matchLabels: { absent: '' } }, false],
  [{ matchExpressions: [{ key: 'team', operator: 'In', values: ['a', 'b'] }] }, true],
  [{ matchExpressions: [{ key: 'team', operator: 'In', values: ['b'] }] }, false],
  [{ matchExpressions: [{ key: 'absent', operator: 'In', values: ['a'] }] }, false],
  [{ matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['b'] }] }, true],
  [{ matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a'] }] }, false],
  [{ matchExpressions: [{ key: 'absent', operator: 'NotIn', values: ['a'] }] }, true],
  [{ matchExpressions: [{ key: 'team', operator: 'Exists' }] }, true],
  [{ matchExpressions: [{ key: 'absent', operator: 'Exists' }] }, false],
  [{ matchExpressions: [{ key: 'absent', operator: 'DoesNotExist' }] }, true],
  [{ matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] }, false],
  // What every object inherits is no label.
  [{ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, false],
  [{ matchLabels: { team: 'a' }, matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, false],
])('%j', (selector, expected) => {
  expect(selects(selector, { name: 'n', labels: LABELS })).toBe(expected);
});

test('what is not known of a namespace leaves no policy out', () => {
  const selector: NamespaceSelector = { matchLabels: { team: 'a' } };
  expect(selects(selector, { name: 'n', labels: null })).toBe(true);
  expect(selects(selector, null)).toBe(true);
  expect(selects(null, { name: 'n', labels: {} })).toBe(true);
});

test('the labels that are looked at', () => {
  expect(selectorKeys({ matchLabels: { a: '1' }, matchExpressions: [{ key: 'b', operator: 'Exists' }] })).toEqual(['a', 'b']);
});
