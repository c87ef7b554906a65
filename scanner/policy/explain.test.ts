import { expect, test } from 'vitest';
import { OPTIONS, policyOf, VOCABULARY } from '../../test/support/policy.ts';
import { levelPolicy } from './build.ts';
import { explain } from './explain.ts';
import { loadPolicies } from './load.ts';
import { policyTemplate } from './template.ts';
import { findLevel, parseLevelName } from './vocabulary.ts';
import { suggest } from './suggest.ts';

test('every row says which line decided', () => {
  const explained = explain(policyOf('level: restricted\ncapabilities: { allow: [sql], deny: ["net-*"] }\nfeatures: { allow: [threads] }\nlimits: { memory: 1Mi }\nrules: { dylink-module: error }\nimports: { deny: [env.system] }'), VOCABULARY);
  const row = (rows: readonly { readonly name: string }[], name: string): unknown => rows.find((one) => one.name === name);
  expect(explained).toMatchObject({ level: 'restricted@v1', mode: 'enforce', thresholds: { memory: 2 ** 20 }, imports: { allow: [], deny: ['env.system'] } });
  expect(explained.capabilities).toHaveLength(66);
  expect(row(explained.capabilities, 'sql')).toEqual({ name: 'sql', treatment: 'allow', reason: 'capabilities.allow lists sql' });
  expect(row(explained.capabilities, 'net-dns')).toEqual({ name: 'net-dns', treatment: 'deny', reason: 'capabilities.deny lists net-*' });
  expect(row(explained.capabilities, 'gpu')).toEqual({ name: 'gpu', treatment: 'deny', reason: 'level restricted@v1 denies gpu' });
  expect(row(explained.features, 'threads')).toEqual({ name: 'threads', treatment: 'allow', reason: 'features.allow lists threads' });
  const rules = Object.fromEntries(explained.rules.map(({ rule, severity, reason }) => [rule, `${severity.high} ${reason}`]));
  expect(rules).toMatchObject({
    'dylink-module': 'error rules lists dylink-module', 'memory-min-excessive': 'error the policy has limits', 'signature-missing': 'error level restricted@v1 lists signature-missing', 'size-excessive': 'warning level restricted@v1: warning unless listed',
  });
  expect(rules).not.toHaveProperty('capability-fs-write');
});

test.each(VOCABULARY.levels.map((level) => [level.name, level] as const))('the template for %s loads, with its comments taken away too', (_name, level) => {
  const text = policyTemplate(level);
  expect(loadPolicies(text, 'x', VOCABULARY)).toMatchObject({ errors: [], documents: [{ spec: { level: `${level.name}@${level.version}` } }] });
  const everything = text.replaceAll(/^ {2}# (?=( {2}|- )*[a-z]+:|- |  )/gm, '  ');
  expect(everything).toMatch(/^ {2}waivers:$/m);
  expect(loadPolicies(everything, 'x', VOCABULARY).errors).toEqual([]);
});

test('level names', () => {
  expect(parseLevelName('restricted')).toEqual({ name: 'restricted', version: null });
  expect(parseLevelName('restricted@latest')).toEqual({ name: 'restricted', version: null });
  expect(parseLevelName('restricted@v12')).toEqual({ name: 'restricted', version: 'v12' });
  expect([parseLevelName('./restricted'), parseLevelName('Restricted'), parseLevelName('restricted@1')]).toEqual([null, null, null]);
});

test('a pinned version stays when a newer one comes, a name alone moves on', () => {
  const restricted = VOCABULARY.levels.find(({ name }) => name === 'restricted')!;
  const levels = [...VOCABULARY.levels, { ...restricted, version: 'v2', defaultSeverity: 'error' as const }];
  expect(findLevel('restricted@v1', levels)).toBe(restricted);
  expect(findLevel('restricted', levels)?.version).toBe('v2');
  expect(findLevel('restricted@v3', levels)).toBeNull();
  expect(levelPolicy('restricted@v1', { ...OPTIONS, vocabulary: { ...VOCABULARY, levels } }).hash).toBe(levelPolicy('restricted', OPTIONS).hash);
  expect(() => levelPolicy('strict', OPTIONS)).toThrow('There is no level strict');
});

test.each([['baselin', 'baseline'], ['lables', 'labels'], ['strict', 'restricted'], ['x', null], ['completely-else', null]])('%s is near %s', (typed, expected) => {
  expect(suggest(typed, ['baseline', 'labels', 'restricted'])).toBe(expected);
});

test('who must have signed is spelled out', () => {
  const explained = explain(policyOf(`signatures:
  require: { atLeast: 2, of: [a, b, c] }
  authorities:
  - { name: a, key: { file: keys/a.pem, transparencyLog: ignore } }
  - { name: b, keyless: { identities: [{ issuer: "https://issuer.example", subject: b@acme.example }] } }
  - { name: c, wasmSignature: { keys: [{ file: c.pub }], scope: partial, sections: [name] } }
attestations: [{ type: "https://slsa.dev/provenance/v1", authorities: [b], cel: "predicate.ok == true" }]`), VOCABULARY);
  expect(explained.signatures?.require).toBe('2 of a, b, c');
  expect(explained.signatures?.authorities.map(({ name, kind, who }) => `${name} ${kind} ${who}`)).toEqual([
    'a key keys/a.pem, log ignore',
    expect.stringMatching(/^b keyless .*b@acme\.example.*trust root public-good, log required$/),
    'c wasmSignature c.pub, all but name',
  ]);
  expect(explained.attestations).toEqual(['https://slsa.dev/provenance/v1 by b, with a condition']);
  expect(explain(policyOf('level: restricted'), VOCABULARY)).toMatchObject({ signatures: null, attestations: [] });
});
