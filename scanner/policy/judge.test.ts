import { describe, expect, test } from 'vitest';
import { factsOf, findingOf, importOf, OPTIONS, policyOf } from '../../test/support/policy.ts';
import type { Finding } from '../finding.ts';
import type { Problem } from '../problem.ts';
import { levelPolicy } from './build.ts';
import { judge, type Judgement } from './judge.ts';
import type { Policy } from './policy.ts';
import { UNKNOWN_PROVENANCE, type AttestationResult } from '../provenance.ts';

const baseline = levelPolicy('baseline', OPTIONS);
const malformed: Problem = { code: 'section-order', message: 'Section out of order at 0x10', offset: 16, section: 'code', effect: 'malformed' };
const beyond: Problem = { ...malformed, code: 'limit-exceeded', message: 'Too many functions', effect: 'unanalysed' };
const damaged: Problem = { ...malformed, code: 'damaged-custom-section', message: 'Name section damaged', effect: 'degraded' };

function verdictOf(policy: Policy, findings: readonly Finding[], problems: readonly Problem[] = [], facts = factsOf()): Judgement {
  return judge({ findings, problems, facts, policy, now: '2026-11-24T10:00:00Z' });
}

describe('verdicts', () => {
  test.each([
    ['nothing', [], [], 'allow', false], ['a note', [findingOf({ severity: 'note' })], [], 'allow', false], ['a warning', [findingOf({ severity: 'warning' })], [], 'warn', false],
    ['an error', [findingOf()], [], 'deny', true], ['malformed', [], [malformed], 'deny', true], ['malformed and beyond a limit', [], [malformed, beyond], 'deny', true],
    ['beyond a limit', [], [beyond], 'error', true], ['beyond a limit, with an error', [findingOf()], [beyond], 'error', true], ['degraded', [], [damaged], 'allow', false],
  ] as const)('%s', (_name, findings, problems, verdict, blocked) => {
    expect(verdictOf(baseline, findings, problems)).toMatchObject({ verdict, blocked });
  });

  test('bytes that could not be had are an error', () => {
    expect(judge({ findings: [], problems: [], facts: null, policy: baseline, now: '2026-11-24' })).toMatchObject({ verdict: 'error', blocked: true });
  });

  test('onError says whether "not analysed" blocks, and only that', () => {
    const lenient = policyOf('onError: allow');
    expect(verdictOf(lenient, [], [beyond])).toMatchObject({ verdict: 'error', blocked: false });
    expect(verdictOf(lenient, [findingOf()], [beyond])).toMatchObject({ verdict: 'error', blocked: true });
    expect(verdictOf(lenient, [], [malformed])).toMatchObject({ verdict: 'deny', blocked: true });
    // The rule that reports the limit says the same thing again and must not deny on its own.
    expect(verdictOf(lenient, [findingOf({ rule: 'parser-limit-exceeded' })], [beyond])).toMatchObject({ verdict: 'error', blocked: false });
    expect(verdictOf(baseline, [findingOf({ rule: 'parser-limit-exceeded' })], [])).toMatchObject({ verdict: 'error', blocked: true });
  });

  test('recognised native code is denied, unless its rule is switched off', () => {
    const native: Problem = { ...beyond, code: 'native-code', message: 'Native code' };
    const denial = findingOf({ rule: 'precompiled-artifact' });
    expect(verdictOf(policyOf('onError: allow'), [denial], [native])).toMatchObject({ verdict: 'deny', blocked: true });
    expect(verdictOf(baseline, [], [native])).toMatchObject({ verdict: 'error', blocked: true });
    expect(verdictOf(baseline, [denial], [native, beyond])).toMatchObject({ verdict: 'error', blocked: true });
  });

  test('modes soften denials and nothing else', () => {
    const warn = policyOf('mode: warn');
    const audit = policyOf('mode: audit');
    expect(verdictOf(warn, [findingOf()])).toMatchObject({ verdict: 'warn', blocked: false });
    expect(verdictOf(audit, [findingOf()])).toMatchObject({ verdict: 'allow', blocked: false, findings: [{ severity: 'error' }] });
    expect(verdictOf(audit, [findingOf()]).reasons).toContain('Policy test is in mode audit, so nothing is denied');
    expect(verdictOf(audit, [findingOf({ severity: 'warning' })])).toMatchObject({ verdict: 'allow' });
    for (const policy of [warn, audit]) expect(verdictOf(policy, [], [beyond])).toMatchObject({ verdict: 'error', blocked: false });
  });

  test('reasons come shortest first, findings in report order', () => {
    const judged = verdictOf(baseline, [findingOf({ rule: 'b', location: { path: 'x', offset: 9, length: 1 } }), findingOf({ rule: 'a', location: { path: 'x', offset: 1, length: 1 }, severity: 'warning' }), findingOf({ rule: 'b' })]);
    expect(judged.reasons).toEqual(['2 errors of rule b', '1 warning of rule a']);
    expect(judged.findings.map(({ location }) => location.offset)).toEqual([1, 8, 9]);
  });
});

describe('expressions', () => {
  const policy = policyOf('expressions: [{ name: small, cel: "artifact.size < 100", message: Too large }, { name: known, cel: "imports.all(i, i.capability != \\"unknown\\")", severity: warning }]');

  test('a false one is a finding', () => {
    const judged = verdictOf(policy, [], [], factsOf({ imports: [importOf('env', 'x', { capability: 'unknown' })] }));
    expect(judged).toMatchObject({ verdict: 'deny', blocked: true });
    expect(judged.findings).toMatchObject([{ rule: 'policy-expression-failed', severity: 'warning', subject: 'expression:known' }, { severity: 'error', message: 'Too large', location: { offset: 0, length: 1_000 } }]);
  });

  test('true ones say nothing', () => {
    expect(verdictOf(policy, [], [], factsOf({ size: 10 }))).toMatchObject({ verdict: 'allow', findings: [] });
  });

  test('one that cannot be evaluated is an error, never a pass', () => {
    const broken = policyOf('expressions: [{ name: first, cel: "imports[0].name == \\"x\\"" }]');
    expect(verdictOf(broken, [])).toMatchObject({ verdict: 'error', blocked: true, reasons: [expect.stringContaining('Not judged: expression first')] });
    expect(verdictOf(policyOf('mode: audit\nexpressions: [{ name: first, cel: "imports[0].name == \\"x\\"" }]'), [])).toMatchObject({ verdict: 'error', blocked: false });
  });

  test('a list beyond the limit is an error, never cut short', () => {
    const imports = Array.from({ length: 10_001 }, () => importOf('env', 'x'));
    expect(verdictOf(policyOf('expressions: [{ name: all, cel: "imports.all(i, i.name == \\"x\\")" }]'), [], [], factsOf({ imports }))).toMatchObject({ verdict: 'error', reasons: [expect.stringContaining('more imports than the 10000')] });
    expect(verdictOf(policyOf('expressions: [{ name: size, cel: "artifact.size > 0" }]'), [], [], factsOf({ imports }))).toMatchObject({ verdict: 'allow' });
  });
});

test('an attestation that nobody established is missing, whoever signed', () => {
  const policy = policyOf('signatures: { authorities: [{ name: a, key: { file: k.pem } }] }\nattestations: [{ type: "https://slsa.dev/provenance/v1", authorities: [a] }]');
  expect(verdictOf(policy, [], [], factsOf({ provenance: { ...UNKNOWN_PROVENANCE, status: 'trusted' } }))).toMatchObject({ verdict: 'deny', findings: [{ rule: 'provenance-policy-unmet' }] });
});

describe('attestations', () => {
  const asked = (over = ''): Policy => policyOf(`signatures: { authorities: [{ name: a, key: { file: k.pem } }] }\nattestations: [{ type: t, authorities: [a] }, { type: t, authorities: [a], cel: "predicate.x == 1" }]\n${over}`);
  const answered = (...answers: readonly Partial<AttestationResult>[]): ReturnType<typeof factsOf> => factsOf({ provenance: { ...UNKNOWN_PROVENANCE, attestations: answers.map((over) => ({ type: 't', status: 'satisfied', message: 'Made by a', ...over })) } });

  test('each is answered in its place', () => {
    expect(verdictOf(asked(), [], [], answered({}, {}))).toMatchObject({ verdict: 'allow', findings: [] });
    expect(verdictOf(asked(), [], [], answered({}, { status: 'unmet', message: 'No attestation was found' }))).toMatchObject({ verdict: 'deny', findings: [{ severity: 'error', subject: 'attestation:t', message: 'The policy asks for an attestation of type t: No attestation was found' }] });
    expect(verdictOf(asked(), [], [], answered({}))).toMatchObject({ verdict: 'deny' });
    expect(verdictOf(asked(), [], [], answered({}, { type: 'other' }))).toMatchObject({ verdict: 'deny' });
  });

  test('the policy may set another severity', () => {
    expect(verdictOf(asked('rules: { provenance-policy-unmet: warning }'), [], [], answered())).toMatchObject({ verdict: 'warn' });
    expect(verdictOf(asked('rules: { provenance-policy-unmet: "off" }'), [], [], answered())).toMatchObject({ verdict: 'allow', findings: [] });
  });

  test('the condition is compiled, and reads the predicate', () => {
    const { evaluate } = asked().attestations[1]!;
    expect([evaluate!({ x: 1 }, {}), evaluate!({ x: 2 }, {})]).toEqual([true, false]);
    expect(() => evaluate!({}, {})).toThrow();
    expect(asked().attestations[0]).not.toHaveProperty('evaluate');
  });
});

describe('waivers', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const waiver = (over: string): string => `waivers: [{ rule: dylink-module, reason: known, owner: team-a, expires: 2026-12-31, ${over} }]`;

  test.each([[`digest: "${digest}"`], ['reference: "*.wasm"'], ['subject: thing'], [`digest: "${digest}", reference: "*.wasm", subject: thing`]])('%s accepts the finding', (over) => {
    expect(verdictOf(policyOf(waiver(over)), [findingOf()])).toMatchObject({ verdict: 'allow', reasons: [], findings: [{ severity: 'error', waived: { reason: 'known', owner: 'team-a', expires: '2026-12-31' } }] });
  });

  test.each([[`digest: "sha256:${'b'.repeat(64)}"`, 0], ['reference: "other/*"', 0], ['subject: other', 1], [`digest: "${digest}", subject: other`, 1]])('%s does not', (over, remarks) => {
    const judged = verdictOf(policyOf(waiver(over)), [findingOf()]);
    expect(judged).toMatchObject({ verdict: 'deny', findings: [{ rule: 'dylink-module' }] });
    expect(judged.findings[0]).not.toHaveProperty('waived');
    expect(judged.reasons.filter((reason) => reason.includes('meets no finding'))).toHaveLength(remarks);
  });

  test('the last day counts, the day after the finding is back with a note', () => {
    const until = (day: string): Judgement => verdictOf(policyOf(waiver('subject: thing').replace('2026-12-31', day)), [findingOf()]);
    expect(until('2026-11-24').verdict).toBe('allow');
    expect(until('2026-11-23')).toMatchObject({ verdict: 'deny', findings: [{ message: 'Something is there (its waiver by team-a ended on 2026-11-23)' }] });
  });

  test('of several the one that holds longest counts', () => {
    const both = policyOf(`waivers:\n- { rule: dylink-module, subject: thing, reason: r, owner: new, expires: 2027-01-01 }\n- { rule: dylink-module, subject: thing, reason: r, owner: old, expires: 2020-01-01 }`);
    expect(verdictOf(both, [findingOf()])).toMatchObject({ verdict: 'allow', findings: [{ waived: { owner: 'new' } }] });
  });

  test('undecodable bytes and invalid signatures are never waived', () => {
    for (const rule of ['invalid-module', 'signature-invalid']) {
      const policy: Policy = { ...baseline, waivers: [{ rule, subject: 'thing', reason: 'r', owner: 'o', expires: '2030-01-01' }] };
      expect(verdictOf(policy, [findingOf({ rule })])).toMatchObject({ verdict: 'deny' });
    }
  });

  test('an expression can be waived by its subject', () => {
    const policy = policyOf('expressions: [{ name: small, cel: "artifact.size < 100" }]\nwaivers: [{ rule: policy-expression-failed, subject: "expression:small", reason: r, owner: o, expires: 2030-01-01 }]');
    expect(verdictOf(policy, [])).toMatchObject({ verdict: 'allow' });
  });
});
