import { describe, expect, test } from 'vitest';
import { OPTIONS, policyOf, ruleOf } from '../../test/support/policy.ts';
import type { JudgedImport, RuleFinding } from '../rule.ts';
import { levelPolicy } from './build.ts';
import { settle } from './settle.ts';

const location = { path: 'file', offset: 0, length: 10 };
const use = (text: string, over: Partial<JudgedImport> = {}): JudgedImport => ({ text, location: { path: `import ${text}`, offset: 20, length: 4 }, ...over });
const about = (capability: string, imports: readonly JudgedImport[]): RuleFinding => ({ message: `Capability ${capability}`, subject: capability, location, treatment: `capability:${capability}`, imports });
const baseline = levelPolicy('baseline', OPTIONS);
const restricted = levelPolicy('restricted', OPTIONS);

describe('capability findings', () => {
  const rule = ruleOf('capability-fs-write', { remedy: 'Drop the import.' });

  test('the level decides, the message lists the imports, the fix names the line to add', () => {
    const found = about('fs-write', [use('env.a'), use('env.b'), use('env.a')]);
    expect(settle(rule, found, baseline)).toMatchObject({ rule: 'capability-fs-write', severity: 'warning', message: 'Capability fs-write: env.a, env.b', subject: 'fs-write', location: { offset: 20 } });
    expect(settle(rule, found, restricted)).toMatchObject({ severity: 'error', fix: 'Drop the import; or add to the policy: capabilities: { allow: [fs-write] }' });
    expect(settle(rule, found, levelPolicy('privileged', OPTIONS))).toBeNull();
  });

  test('imports allowed by name are left out', () => {
    const policy = policyOf('level: restricted\nimports: { allow: ["env.a"] }');
    expect(settle(rule, about('fs-write', [use('env.a')]), policy)).toBeNull();
    expect(settle(rule, about('fs-write', [use('env.a'), use('env.b', { location: { path: 'b', offset: 77, length: 1 } })]), policy)).toMatchObject({ message: 'Capability fs-write: env.b', location: { offset: 77 } });
  });

  test('deny wins over both allow lists', () => {
    const policy = policyOf('level: privileged\ncapabilities: { allow: [fs-write], deny: ["fs-*"] }');
    expect(settle(rule, about('fs-write', [use('env.a')]), policy)).toMatchObject({ severity: 'error', fix: expect.stringContaining('capabilities.deny lists fs-*') as string });
    expect(settle(rule, about('fs-write', [use('env.a')]), policyOf('level: privileged\ncapabilities: { deny: [fs-write] }\nimports: { allow: ["env.a"] }'))).toMatchObject({ severity: 'error' });
  });

  test('an import that is denied by name is not allowed by name', () => {
    const policy = policyOf('level: restricted\nimports: { allow: ["env.*"], deny: ["env.a"] }');
    expect(settle(rule, about('fs-write', [use('env.a')]), policy)).toMatchObject({ severity: 'error' });
    expect(settle(rule, about('fs-write', [use('env.b')]), policy)).toBeNull();
  });

  test('an exclusive list replaces the level', () => {
    const policy = policyOf('level: privileged\ncapabilities: { only: [stdio] }');
    expect(settle(rule, about('fs-write', [use('env.a')]), policy)).toMatchObject({ severity: 'error', fix: expect.stringContaining('capabilities: { only: [fs-write] }') as string });
    expect(policy.treatCapability('stdio', 'x.y').treatment).toBe('allow');
    expect(policy.treatCapability('runtime-support', 'x.y').treatment).toBe('allow');
    expect(policy.treatCapability('clock-read', 'x.y').treatment).toBe('deny');
  });

  test('a family does not reach unknown imports, and host-call does not either', () => {
    const policy = policyOf('level: restricted\ncapabilities: { allow: [host-call, "net-*"] }');
    expect(policy.treatCapability('net-listen', 'a.b').treatment).toBe('allow');
    expect(policy.treatCapability('host-call', 'a.b').treatment).toBe('allow');
    expect(policy.treatCapability('unknown', 'a.b').treatment).toBe('deny');
    expect(policyOf('level: restricted\ncapabilities: { allow: [unknown] }').treatCapability('unknown', 'a.b').treatment).toBe('allow');
  });

  test('a severity of the policy counts against the level, not against a list', () => {
    const found = about('fs-write', [use('env.a')]);
    expect(settle(rule, found, policyOf('level: restricted\nrules: { capability-fs-write: note }'))?.severity).toBe('note');
    expect(settle(rule, found, policyOf('level: restricted\nrules: { capability-fs-write: "off" }'))).toBeNull();
    expect(settle(rule, found, policyOf('level: restricted\ncapabilities: { deny: [fs-write] }\nrules: { capability-fs-write: "off" }'))?.severity).toBe('error');
  });

  test('what cannot be reached is a note where it was a warning, and stays an error', () => {
    const found = about('fs-write', [use('env.a', { reachable: false })]);
    expect(settle(rule, found, baseline)?.severity).toBe('note');
    expect(settle(rule, found, restricted)?.severity).toBe('error');
    expect(settle(rule, about('fs-write', [use('env.a', { reachable: false }), use('env.b', { reachable: null })]), baseline)?.severity).toBe('warning');
  });

  test('both parts of a name are used where they are known', () => {
    const policy = policyOf('level: restricted\nimports: { allow: [{ module: "a.b", name: c }] }');
    expect(settle(rule, about('fs-write', [use('a.b.c', { module: 'a.b', name: 'c' })]), policy)).toBeNull();
    expect(settle(rule, about('fs-write', [use('a.b.c', { module: 'a', name: 'b.c' })]), policy)).not.toBeNull();
    expect(settle(rule, about('fs-write', [use('a.b.c')]), policy)).not.toBeNull();
  });

  test('a long list is cut', () => {
    const found = about('fs-write', Array.from({ length: 13 }, (_, index) => use(`env.f${index}`)));
    expect(settle(rule, found, baseline)?.message).toMatch(/env\.f9 and 3 more$/);
  });

  test('a finding without imports keeps its place', () => {
    const found: RuleFinding = { message: 'Exports a server', subject: 'x', location, treatment: 'capability:net-listen' };
    expect(settle(rule, found, baseline)).toMatchObject({ severity: 'warning', message: 'Exports a server', location });
  });
});

describe('where the host is known', () => {
  const rule = ruleOf('capability-fs-write');
  const always = { ...about('fs-write', [use('env.a')]), hostGrants: 'always' } as const;
  const never = { ...about('fs-write', [use('env.a')]), hostGrants: 'never' } as const;
  const severity = (found: RuleFinding, policy: ReturnType<typeof policyOf>): string | undefined => settle(rule, found, policy)?.severity;

  test('what it gives everyone is one step more severe', () => {
    expect(severity(always, baseline)).toBe('error');
    expect(severity(always, restricted)).toBe('error');
    expect(settle(rule, { ...about('fs-read', [use('env.a')]), hostGrants: 'always' }, baseline)).toBeNull();
  });

  test('what it gives nobody is a note', () => {
    expect([baseline, restricted].map((policy) => severity(never, policy))).toEqual(['note', 'note']);
    expect(settle(rule, { ...about('fs-read', [use('env.a')]), hostGrants: 'never' }, baseline)).toBeNull();
  });

  test('what the policy says itself, no host changes', () => {
    expect(settle(rule, always, policyOf('capabilities: { allow: [fs-write] }'))).toBeNull();
    expect(settle(rule, always, policyOf('imports: { allow: ["env.a"] }'))).toBeNull();
    expect(severity(always, policyOf('rules: { capability-fs-write: warning }'))).toBe('warning');
    expect(severity(never, policyOf('rules: { capability-fs-write: error }'))).toBe('error');
    expect(severity(never, policyOf('capabilities: { deny: ["fs-*"] }'))).toBe('error');
    expect(severity(never, policyOf('capabilities: { only: [stdio] }'))).toBe('error');
  });

  test('at privileged nothing is raised', () => {
    expect(settle(rule, always, policyOf('level: privileged'))).toBeNull();
    expect(severity(always, policyOf('level: privileged\ncapabilities: { deny: [fs-write] }'))).toBe('error');
  });

  test('what nothing can reach is not raised', () => {
    expect(severity({ ...about('fs-write', [use('env.a', { reachable: false })]), hostGrants: 'always' }, baseline)).toBe('note');
  });
});

describe('other findings', () => {
  test('features', () => {
    const found: RuleFinding = { message: 'Uses threads', subject: 'threads', location, treatment: 'feature:threads' };
    const rule = ruleOf('feature-not-allowed');
    expect(settle(rule, found, baseline)).toBeNull();
    expect(settle(rule, found, restricted)).toMatchObject({ severity: 'error', fix: 'Mend it; or add to the policy: features: { allow: [threads] }' });
    expect(settle(rule, found, policyOf('level: restricted\nfeatures: { allow: [threads] }'))).toBeNull();
    expect(settle(rule, found, policyOf('features: { deny: [threads], allow: [threads] }'))?.severity).toBe('error');
  });

  test('denied imports', () => {
    const found: RuleFinding = { message: 'Denied', subject: 'env.system', location, treatment: 'import', imports: [use('env.system'), use('env.puts')] };
    const rule = ruleOf('denied-import');
    expect(settle(rule, found, baseline)).toBeNull();
    expect(settle(rule, found, policyOf('imports: { deny: ["env.system"] }'))).toMatchObject({ severity: 'error', message: 'Denied: env.system' });
  });

  test('a plain rule: policy, then level, then default', () => {
    const found: RuleFinding = { message: 'Secret', subject: 's', location };
    const rule = ruleOf('secret-in-data');
    expect(settle(rule, found, baseline)?.severity).toBe('error');
    expect(settle(rule, { ...found, confidence: 'low' }, baseline)?.severity).toBe('note');
    expect(settle(rule, found, policyOf('rules: { secret-in-data: { high: warning } }'))?.severity).toBe('warning');
    expect(settle(rule, { ...found, confidence: 'low' }, policyOf('rules: { secret-in-data: { high: warning } }'))?.severity).toBe('note');
    expect(settle(ruleOf('memory-unbounded'), found, levelPolicy('privileged', OPTIONS))).toBeNull();
    expect(settle(ruleOf('memory-unbounded'), found, policyOf('rules: { unbounded-memory: error }'))?.severity).toBe('error');
  });

  test('a rule can know that it is never worse than a note', () => {
    expect(settle(ruleOf('secret-in-data'), { message: 'm', subject: 's', location, atMost: 'note' }, restricted)?.severity).toBe('note');
  });

  test('an unknown table never hides a finding', () => {
    expect(settle(ruleOf('invalid-module'), { message: 'm', subject: 's', location, treatment: 'nonsense' }, baseline)?.severity).toBe('error');
  });

  test('a limit or a signature that the policy asks for is meant', () => {
    const found: RuleFinding = { message: 'm', subject: 's', location };
    expect(settle(ruleOf('memory-min-excessive'), found, baseline)?.severity).toBe('warning');
    expect(settle(ruleOf('memory-min-excessive'), found, policyOf('level: privileged\nlimits: { memory: 1Mi }'))?.severity).toBe('error');
    expect(settle(ruleOf('size-excessive'), found, policyOf('limits: { bytes: 1Mi }'))?.severity).toBe('error');
    expect(settle(ruleOf('size-excessive'), found, policyOf('limits: { bytes: 1Mi }\nrules: { size-excessive: note }'))?.severity).toBe('note');
    expect(settle(ruleOf('signature-missing'), found, policyOf('signatures: { authorities: [{ name: a, key: { file: k.pem } }] }'))?.severity).toBe('error');
    expect(settle(ruleOf('signature-missing'), found, baseline)).toBeNull();
  });
});
