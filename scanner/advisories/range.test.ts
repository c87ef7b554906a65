import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Affected, AffectedRange, RangeEvent } from './advisory.ts';
import { exposureOf } from './range.ts';

const event = (text: string): RangeEvent => {
  const [kind, version] = text.split(' ') as [RangeEvent['kind'], string];
  return { kind, version };
};
const range = (text: string, type: AffectedRange['type'] = 'semver'): AffectedRange => ({ type, events: text.split(', ').map(event) });
const affected = (over: Partial<Affected>): Affected => ({ ecosystem: 'crates.io', name: 'x', ranges: [], versions: [], os: [], arch: [], packages: [], informational: null, ...over });
const status = (version: string, over: Partial<Affected>): string => {
  const found = exposureOf(affected(over), version);
  return found.status === 'affected' ? `affected, fixed ${found.fixed}` : found.status;
};

test.each([
  ['introduced 0', '0.0.1', 'affected, fixed null'],
  ['introduced 0, fixed 1.2.0', '1.1.9', 'affected, fixed 1.2.0'],
  ['introduced 0, fixed 1.2.0', '1.2.0', 'unaffected'],
  ['introduced 0.0.0-0, fixed 1.2.0', '1.2.0-rc.1', 'affected, fixed 1.2.0'],
  ['introduced 1.0.0, fixed 1.2.0', '0.9.0', 'unaffected'],
  ['introduced 1.0.0, last_affected 1.2.0', '1.2.0', 'affected, fixed null'],
  ['introduced 1.0.0, last_affected 1.2.0', '1.2.1', 'unaffected'],
  ['introduced 0, fixed 1.2.3, introduced 2.0.0, fixed 2.1.0', '1.5.0', 'unaffected'],
  ['introduced 0, fixed 1.2.3, introduced 2.0.0, fixed 2.1.0', '2.0.5', 'affected, fixed 2.1.0'],
  ['fixed 2.1.0, introduced 2.0.0, fixed 1.2.3, introduced 0', '1.0.0', 'affected, fixed 1.2.3'],
  ['introduced 0, fixed 1.0.0, introduced 1.0.0', '1.0.0', 'affected, fixed null'],
  ['introduced 0, limit 1.0.0', '0.5.0', 'affected, fixed null'],
  ['introduced 0, limit 1.0.0', '1.0.0', 'unaffected'],
  ['introduced 0, limit *', '1.0.0', 'affected, fixed null'],
  ['introduced 0, fixed 1.0.0', 'main', 'unknown'],
  ['introduced 0, fixed nonsense', '1.0.0', 'unknown'],
])('%s covers %s: %s', (text, version, expected) => {
  expect(status(version, { ranges: [range(text)] })).toBe(expected);
});

test('PyPI versions are ordered by PEP 440, and only in ranges of the ecosystem', () => {
  expect(status('1.0.post1', { ecosystem: 'PyPI', ranges: [range('introduced 0, fixed 1.0.1', 'ecosystem')] })).toBe('affected, fixed 1.0.1');
  expect(status('1.0.post1', { ecosystem: 'PyPI', ranges: [range('introduced 0, fixed 1.0.1')] })).toBe('unknown');
});

test('one range that covers it is enough, and a listed version counts whatever the ranges say', () => {
  const ranges = [range('introduced 5.0.0, fixed 6.0.0'), range('introduced 0, fixed 1.0.0')];
  expect(status('0.5.0', { ranges })).toBe('affected, fixed 1.0.0');
  expect(status('2.0.0', { ranges, versions: ['v2.0.0'] })).toBe('affected, fixed 6.0.0');
  expect(status('weird', { versions: ['weird'] })).toBe('affected, fixed null');
  expect(status('2.0.0', { ranges })).toBe('unaffected');
});

test('random ranges are covered as if every version were listed', () => {
  const number = fc.integer({ min: 0, max: 60 });
  fc.assert(fc.property(fc.uniqueArray(number, { minLength: 1, maxLength: 8 }), number, fc.infiniteStream(fc.nat()), (cuts, at, stream) => {
    const sorted = cuts.toSorted((a, b) => a - b);
    const events = sorted.map((cut, index): RangeEvent => ({ kind: index % 2 === 0 ? 'introduced' : 'fixed', version: cut === 0 ? '0' : `1.${cut}.0` }));
    const shuffled = events.map((one) => ({ one, key: stream.next().value! })).sort((a, b) => a.key - b.key).map(({ one }) => one);
    const passed = sorted.filter((cut) => cut <= at).length;
    expect(exposureOf(affected({ ranges: [{ type: 'semver', events: shuffled }] }), `1.${at}.0`).status).toBe(passed % 2 === 1 ? 'affected' : 'unaffected');
  }));
});
