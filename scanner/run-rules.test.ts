import { expect, test } from 'vitest';
import type { Facts } from './facts/facts.ts';
import type { Rule, RuleFinding, Thresholds } from './rule.ts';
import { runRules } from './run-rules.ts';

const facts = { size: 8 } as Facts;
const thresholds: Thresholds = { memory: 1, bytes: null, functions: null };

test('findings keep the order of the rules', () => {
  const { found, crashed } = runRules([rule('second', () => [finding('b'), finding('c')]), rule('first', () => [finding('a')])], facts, thresholds);
  expect(found.map(({ rule: { id }, finding: { subject } }) => [id, subject])).toEqual([['second', 'b'], ['second', 'c'], ['first', 'a']]);
  expect(crashed).toEqual([]);
});

test('a rule that throws is named, and the others still run', () => {
  const broken = rule('broken', function* () {
    yield finding('before');
    throw new TypeError('Cannot read');
  });
  const { found, crashed } = runRules([broken, rule('sound', () => [finding('after')])], facts, thresholds);
  expect(found.map(({ finding: { subject } }) => subject)).toEqual(['before', 'after']);
  expect(crashed.map(({ rule: { id }, error }) => [id, String(error)])).toEqual([['broken', 'TypeError: Cannot read']]);
});

test('a rule that never ends counts as crashed', () => {
  const endless = rule('endless', function* () {
    for (;;) yield finding('again');
  });
  const { crashed } = runRules([endless], facts, thresholds);
  expect(crashed.map(({ rule: { id } }) => id)).toEqual(['endless']);
});

test('rules are given the thresholds of the policy', () => {
  const { found } = runRules([rule('reader', (_facts, { memory }) => [finding(String(memory))])], facts, { ...thresholds, memory: 7 });
  expect(found[0]?.finding.subject).toBe('7');
});

function finding(subject: string): RuleFinding {
  return { message: subject, subject, location: { path: 'file', offset: 0, length: 8 } };
}

function rule(id: string, check: Rule['check']): Rule {
  return { id, title: id, description: id, family: 'test', securitySeverity: 1, confidence: 'high', cwe: [], since: '0.1.0', remedy: 'None', references: [], check };
}
