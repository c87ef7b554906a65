import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { findingOf } from '../../test/support/policy.ts';
import type { Finding } from '../finding.ts';
import { CONFIDENCES, SEVERITIES } from '../severity.ts';
import { VERDICTS } from '../result.ts';
import { compose } from './compose.ts';
import type { Judgement } from './judge.ts';

const waived = fc.record({ reason: fc.constantFrom('r', 's'), owner: fc.constantFrom('a', 'b'), expires: fc.constantFrom('2027-01-01', '2028-01-01') });
const finding: fc.Arbitrary<Finding> = fc
  .record({
    rule: fc.constantFrom('a', 'b'), severity: fc.constantFrom(...SEVERITIES), confidence: fc.constantFrom(...CONFIDENCES), message: fc.constantFrom('m', 'n'), subject: fc.constantFrom('s', 't'), fix: fc.constantFrom('x', 'y'),
    location: fc.record({ path: fc.constantFrom('p', 'q'), offset: fc.constantFrom(0, 1), length: fc.constantFrom(1, 2) }), waived: fc.option(waived, { nil: undefined }),
  })
  .map(({ waived: accepted, ...rest }) => (accepted === undefined ? rest : { ...rest, waived: accepted }));
const judgement: fc.Arbitrary<Judgement> = fc.record({ verdict: fc.constantFrom(...VERDICTS), blocked: fc.boolean(), reasons: fc.array(fc.constantFrom('one', 'two', 'three')), findings: fc.array(finding, { maxLength: 6 }) });

test('the order of policies plays no part', () => {
  const pairs = fc.array(judgement, { minLength: 1, maxLength: 5 }).chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  fc.assert(fc.property(pairs, ([list, shuffled]) => {
    expect(compose(shuffled)).toEqual(compose(list));
  }), { numRuns: 500 });
});

test('composing step by step gives the same', () => {
  fc.assert(fc.property(judgement, judgement, judgement, (a, b, c) => {
    expect(compose([compose([a, b]), c])).toEqual(compose([a, compose([b, c])]));
  }), { numRuns: 500 });
});

test('another policy never makes anything milder', () => {
  const strength = (verdict: Judgement['verdict']): number => VERDICTS.indexOf(verdict);
  fc.assert(
    fc.property(fc.array(judgement, { minLength: 1, maxLength: 4 }), judgement, (list, more) => {
      const before = compose(list);
      const after = compose([...list, more]);
      expect(strength(after.verdict)).toBeGreaterThanOrEqual(strength(before.verdict));
      expect(after.blocked || !before.blocked).toBe(true);
    }),
  );
});

test('the same finding is listed once, as severe as the strictest policy sees it', () => {
  const judge = (over: Partial<Finding>): Judgement => ({ verdict: 'warn', blocked: false, reasons: [], findings: [findingOf(over)] });
  expect(compose([judge({ severity: 'note' }), judge({ severity: 'error' }), judge({ severity: 'warning' })]).findings).toMatchObject([{ severity: 'error' }]);
});

test('a finding is waived only where every policy waives it', () => {
  const accepted = { reason: 'r', owner: 'o', expires: '2027-01-01' };
  const judge = (over: Partial<Finding>): Judgement => ({ verdict: 'deny', blocked: true, reasons: [], findings: [findingOf(over)] });
  expect(compose([judge({ waived: accepted }), judge({})]).findings[0]).not.toHaveProperty('waived');
  expect(compose([judge({ waived: accepted }), judge({ waived: { ...accepted, expires: '2026-12-01' } })]).findings).toMatchObject([{ waived: { expires: '2026-12-01' } }]);
});

test('without a policy nothing was judged', () => {
  expect(compose([])).toMatchObject({ verdict: 'error', blocked: true });
});
