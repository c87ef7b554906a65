import { describe, expect, test } from 'vitest';
import { OPTIONS, policyText, VOCABULARY } from '../../test/support/policy.ts';
import { compilePolicy } from './compile.ts';
import { formatFault, loadPolicies, policyFaults } from './load.ts';

const load = (text: string): ReturnType<typeof loadPolicies> => loadPolicies(text, 'p.yaml', VOCABULARY);
const messages = (spec: string, kind?: string): readonly string[] => load(policyText(spec, kind)).errors.map(({ line, column, message }) => `${line}:${column} ${message}`);

/** Every key there is. */
const FULL = `level: restricted@v1
match: { references: ["registry.example/payments/**"], kinds: [Pod, SpinApp], namespaceSelector: { matchLabels: { team: a }, matchExpressions: [{ key: env, operator: In, values: [prod] }] } }
capabilities: { allow: [clock-read, random-secure, "net-*"], deny: [net-listen, unknown] }
imports: { allow: ["wasi:http/*@0.2", { module: a.b, name: "*" }], deny: ["env.system"] }
limits: { bytes: 16Mi, memory: 256Mi, functions: 50000 }
features: { deny: [threads, memory64], allow: [custom-page-sizes] }
signatures:
  require: { atLeast: 2, of: [release, legacy, embedded] }
  authorities:
  - name: release
    keyless:
      trustRootRef: public-good
      identities: [{ issuer: "https://issuer.example", subjectPrefix: "https://github.com/acme/", extensions: { runnerEnvironment: github-hosted } }, { issuerPattern: "https://.*", subjectPattern: ".*@acme" }]
      transparencyLog: required
      sct: ifPresent
      timestamps: { atLeast: 1, accept: [log, tsa] }
  - { name: legacy, key: { secretRef: { name: pub, namespace: n, key: k }, hash: sha256, transparencyLog: ignore } }
  - { name: embedded, wasmSignature: { keys: [{ file: a.pem }, { data: "PEM" }], scope: partial, sections: [name] } }
  - { name: notary, notation: { caRef: ca, tsaRef: tsa, identities: ["C=DE,O=acme"], level: strict } }
rules: { secret-in-data: error, debug-info-embedded: "off", unbounded-memory: { high: warning, low: "off" } }
expressions: [{ name: small, cel: "artifact.size < 1000000", message: "...", severity: note }]
waivers: [{ rule: unbounded-memory, digest: "sha256:${'a'.repeat(64)}", reference: "x/**", subject: s, reason: "...", owner: team-a, expires: 2027-01-31 }]
attestations: [{ type: "https://slsa.dev/provenance/v1", authorities: [release], cel: "predicate.x == 1" }]
mode: enforce
onError: deny
onUnresolved: warn
onUnseen: allow
allowNamespaceOverride: false`;

test('every key is accepted, and the document compiles', () => {
  const { documents, errors } = load(policyText(FULL, 'ClusterWasmPolicy'));
  expect(errors).toEqual([]);
  const policy = compilePolicy(documents[0]!, OPTIONS);
  expect(policy).toMatchObject({ name: 'test', mode: 'enforce', onUnseen: 'allow', onUnresolved: 'warn', thresholds: { memory: 2 ** 28, bytes: 2 ** 24, functions: 50_000 }, waivers: [{ rule: 'memory-unbounded' }] });
  expect(policy.severityOf('memory-unbounded', 'medium')).toBe('warning');
  expect(policy.severityOf('memory-unbounded', 'low')).toBe('off');
  expect([policy.matches('registry.example/payments/x'), policy.matches('x')]).toEqual([true, false]);
});

test('what a cluster adds to a document is accepted', () => {
  const document = { ...load(policyText('level: baseline')).documents[0]!, status: { seen: true } };
  const metadata = { name: 'x', uid: 'u', resourceVersion: '1', generation: 2, creationTimestamp: 't', managedFields: [{}], labels: { a: 'b' }, annotations: {} };
  expect(policyFaults({ ...document, metadata }, VOCABULARY)).toEqual([]);
});

describe('mistakes, each with its place', () => {
  test.each([
    ['levl: baseline', '5:3 Unknown key levl in spec; did you mean level?'],
    ['match: { refrences: [a] }', '5:12 Unknown key refrences in spec.match; did you mean references?'],
    ['level: strict', '5:10 Unknown level strict; did you mean restricted?'],
    ['level: restricted@v9', '5:10 Unknown level restricted@v9; did you mean restricted@v1?'],
    ['capabilities: { allow: [fs-wirte] }', '5:27 Unknown capability fs-wirte; did you mean fs-write?'],
    ['capabilities: { deny: ["nets-*"] }', '5:26 Pattern nets-* names no family of capabilities; write <family>-*, as in net-*; did you mean net-*?'],
    ['capabilities: { deny: ["*"] }', '5:26 Pattern * names no family of capabilities; write <family>-*, as in net-*'],
    ['capabilities: { only: [stdio], allow: [fs-write] }', '5:34 capabilities.only is the whole list: move the names of allow into it'],
    ['imports: { allow: [env] }', '5:22 Import pattern env names no import: write env.* for every name of module env'],
    ['features: { deny: [thread] }', '5:22 Unknown feature thread; did you mean threads?'],
    ['limits: { memory: 5Xi }', /^5:21 spec\.limits\.memory is "5Xi", which is not written as it must be/],
    ['limits: { memory: 999999999999999Gi }', '5:21 limits.memory is too large to be exact'],
    ['rules: { secret-in-dta: error }', '5:12 Unknown rule secret-in-dta; did you mean secret-in-data?'],
    ['rules: { secret-in-data: warn }', '5:28 Unknown severity warn; severities are error, warning, note and off; did you mean warning?'],
    ['rules: { secret-in-data: { hihg: error } }', '5:30 Unknown key hihg in spec.rules.secret-in-data; did you mean high?'],
    ['mode: enforced', '5:9 spec.mode is "enforced" and must be enforce, warn or audit; did you mean enforce?'],
    ['mode: [warn]', '5:9 spec.mode is a list and must be text'],
    ['expressions: [{ name: a, cel: "artifact.sise > 1" }]', '5:43 CEL: No such key: sise; did you mean size?'],
    ['expressions: [{ name: a, cel: "true" }, { name: a, cel: "true" }]', '5:51 There are two expressions a'],
    ['waivers: [{ rule: dylink-module, reason: r, owner: o, expires: 2027-01-01 }]', '5:13 A waiver needs a digest, a reference or a subject: it never covers every finding of a rule'],
    ['waivers: [{ rule: dylink-module, subject: s, reason: r, owner: o, expires: 2027-02-30 }]', '5:78 2027-02-30 is no day of the calendar'],
    ['waivers: [{ rule: invalid-module, subject: s, reason: r, owner: o, expires: 2027-02-03 }]', '5:21 A finding of invalid-module cannot be waived'],
    ['waivers: [{ rule: dylink-module, subject: s, reason: r, expires: 2027-02-03 }]', '5:13 Key owner is missing in spec.waivers[0]'],
    ['match: { references: ["a/{b,c}"] }', /^5:25 Only \*, \? and \*\* are special/],
    ['match: { references: [] }', '5:24 spec.match.references needs at least 1 entry'],
    ['allowNamespaceOverride: true', /^5:3 Only a ClusterWasmPolicy/],
    ['signatures: { require: { anyOf: [relase] }, authorities: [{ name: release, key: { file: k } }] }', '5:36 Unknown authority relase; did you mean release?'],
    ['signatures: { authorities: [{ name: a }] }', /^5:31 An authority has exactly one of/],
    ['signatures: { authorities: [{ name: a, keyless: { identities: [{ issuer: i }] } }] }', /^5:66 An identity has exactly one of subject/],
    ['signatures: { authorities: [{ name: a, keyless: { identities: [] } }] }', /needs at least 1 entry/],
    ['signatures: { authorities: [{ name: a, keyless: { identities: [{ issuer: i, subjectPattern: "(" }] } }] }', /not an RE2 pattern/],
    ['signatures: { require: { atLeast: 2, of: [a, a] }, authorities: [{ name: a, key: { file: k } }] }', /nothing could satisfy it/],
    ['signatures: { require: { anyOf: [a], allOf: [a] }, authorities: [{ name: a, key: { file: k } }] }', /takes one form/],
    ['signatures: { require: { of: [a] }, authorities: [{ name: a, key: { file: k } }] }', /stand together/],
    ['signatures: { authorities: [{ name: a, key: { file: k } }, { name: a, key: { file: k } }] }', /two authorities a/],
    ['signatures: { authorities: [{ name: a, key: { file: k, data: d } }] }', /exactly one of data, file, secretRef/],
    ['signatures: {}', /without any, nobody could satisfy it/],
    ['attestations: [{ type: t, authorities: [x] }]', /Unknown authority x/],
    ['signatures: { trustRoots: [{ name: corp, file: r.json }], authorities: [{ name: a, keyless: { trustRootRef: crop, identities: [{ issuer: i, subject: s }] } }] }', '5:111 Unknown trust root crop; did you mean corp?'],
    ['signatures: { authorities: [{ name: a, keyless: { trustRootRef: pubic-good, identities: [{ issuer: i, subject: s }] } }] }', /Unknown trust root pubic-good; did you mean public-good\?/],
    ['signatures: { certificates: [{ name: acme, file: c.pem }], authorities: [{ name: a, notation: { caRef: acmee, identities: ["*"] } }] }', /Unknown certificates acmee; did you mean acme\?/],
    ['signatures: { trustRoots: [{ name: a, file: r, data: d }], authorities: [{ name: a, key: { file: k } }] }', /An entry has exactly one of data, file, configMapRef, secretRef/],
    ['signatures: { trustRoots: [{ name: a, file: r }, { name: a, file: s }], authorities: [{ name: a, key: { file: k } }] }', /two trust roots a/],
    ['signatures: { trustRoots: [{ name: public-good, file: r }], authorities: [{ name: a, key: { file: k } }] }', /take another one/],
    ['signatures: { authorities: [{ name: a, certificate: { roots: [{ }], identities: [{ subject: s }] } }] }', /An entry has exactly one of/],
    ['signatures: { authorities: [{ name: a, certificate: { roots: [{ file: c }], identities: [{ issuer: i }] } }] }', /exactly one of subject/],
    ['signatures: { authorities: [{ name: a, wasmcloud: { issuers: [MADQ] } }] }', /is "MADQ", which is not written as it must be/],
    ['signatures: { authorities: [{ name: a, wasmcloud: { issuers: [] } }] }', /needs at least 1 entry/],
    ['signatures: { authorities: [{ name: a, keyless: { identities: [{ issuer: i, subject: " " }] } }] }', /The subject is empty/],
    ['signatures: { authorities: [{ name: a, keyless: { identities: [{ issuer: i, subjectPrefix: "https://" }] } }] }', /names no host and no path/],
    ['signatures: { authorities: [{ name: a, keyless: { identities: [{ issuer: i, subjectPrefix: "https://github.com/acme/*" }] } }] }', /no space and no \*/],
    ['signatures: { authorities: [{ name: a, keyless: { identities: [{ issuerPattern: ".*", subjectPattern: ".*" }] } }] }', /anybody would be accepted/],
    ['signatures: { authorities: [{ name: a, keyless: { identities: [{ issuer: i, subject: s }], timestamps: { atLeast: 0 } } }] }', /needs a trusted time/],
    ['signatures: { authorities: [{ name: a, keyless: { identities: [{ issuer: i, subject: s }], transparencyLog: ignore, timestamps: { accept: [log] } } }] }', /nothing could satisfy it: accept tsa/],
    ['signatures: { authorities: [{ name: a, wasmSignature: { keys: [{ file: k }], sections: [name] } }] }', /which scope: partial alone allows/],
    ['signatures: { authorities: [{ name: a, wasmSignature: { keys: [{ file: k, trustRootRef: public-good }] } }] }', /no entry in a log/],
    ['signatures: { authorities: [{ name: a, key: { file: k } }] }\nattestations: [{ type: t, authorities: [a], cel: "predicate.x ==" }]', /^6:\d+ CEL: /],
    ['signatures: { authorities: [{ name: a, key: { file: k } }] }\nattestations: [{ type: t, authorities: [a], cel: "artifact.size > 1" }]', /^6:53 CEL: Unknown variable: artifact/],
    ['signatures: { authorities: [{ name: a, key: { file: k } }] }\nattestations: [{ type: t, authorities: [a], cel: "size(predicate.x)" }]', /gives int/],
  ])('%s', (spec, expected) => {
    const found = messages(spec);
    expect(found).toHaveLength(1);
    if (typeof expected === 'string') expect(found[0]).toBe(expected);
    else expect(found[0]).toMatch(expected);
  });

  test('all of them at once, the schema and the meaning alike, in file order', () => {
    expect(messages('levl: x\nmode: no\ncapabilities: { allow: [nope-nope, stdoi] }\nwaivers: [{ rule: x }]\nrules: { dylink-modul: note }').map((message) => message.split(' ')[0])).toEqual(['5:3', '6:9', '7:27', '7:38', '8:13', '8:13', '8:13', '9:12']);
  });

  test('expressions that are too dear together', () => {
    const one = (name: string): string => `- { name: ${name}, cel: "capabilities.all(c, imports.exists(i, i.capability == c))" }`;
    expect(messages(`expressions:\n${one('a')}\n${one('b')}`)).toEqual([]);
    expect(messages(`expressions:\n${['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(one).join('\n')}`).at(-1)).toMatch(/together cost too much/);
  });

  test('the excerpt points at the place', () => {
    const [fault] = load(policyText('level: strict')).errors;
    expect(formatFault(fault!)).toBe('p.yaml:5:10: Unknown level strict; did you mean restricted?\n5 |   level: strict\n             ^');
  });
});

describe('files', () => {
  test('several documents are several policies', () => {
    const { documents, errors } = load(`${policyText('level: baseline')}---\n${policyText('level: restricted', 'ClusterWasmPolicy', 'other')}`);
    expect(errors).toEqual([]);
    expect(documents.map(({ metadata }) => metadata.name)).toEqual(['test', 'other']);
  });

  test('a mistake in the second document has its own line', () => {
    expect(load(`${policyText('level: baseline')}---\n${policyText('levl: x', 'WasmPolicy', 'other')}`).errors).toMatchObject([{ line: 11, column: 3 }]);
  });

  test('one name twice is a mistake', () => {
    expect(load(`${policyText('level: baseline')}---\n${policyText('level: baseline')}`).errors).toMatchObject([{ message: 'There are two policies test' }]);
  });

  test('JSON is accepted', () => {
    expect(load(JSON.stringify({ apiVersion: 'wasmgate.dev/v1alpha1', kind: 'WasmPolicy', metadata: { name: 'x' }, spec: { level: 'restricted' } })).errors).toEqual([]);
  });

  test.each([
    ['', /holds no policy/], ['# nothing', /holds no policy/], ['[', /Flow sequence/], ['a: 1\na: 2', /Key a is written twice/], ['42', /is 42 and must be a mapping/], ['- 1', /is a list and must be a mapping/],
    ['a: !!js/function x', /tag/], ['? [a]\n: 1', /plain text/], [`a: &a [x,x]\n${Array.from({ length: 30 }, (_, index) => `b${index}: &b${index} [*${index === 0 ? 'a' : `b${index - 1}`}, *${index === 0 ? 'a' : `b${index - 1}`}]`).join('\n')}`, /alias/i],
    ['['.repeat(100_000), /./], ['x'.repeat(600_000), /characters/], ['\u0000', /./], [`apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: x }\nspec: { __proto__: { level: x } }`, /Unknown key __proto__/],
    ['apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: {}', /apiVersion is "v1"/],
  ])('hostile or wrong text %#', (text, message) => {
    const { documents, errors } = load(text);
    expect(documents).toEqual([]);
    expect(errors.map((error) => error.message).join('\n')).toMatch(message);
  });
});

test('the hash covers document and level, and not how the document is written', () => {
  const hashOf = (text: string): string => compilePolicy(load(text).documents[0]!, OPTIONS).hash;
  const one = hashOf(policyText('level: baseline\nmode: warn'));
  expect(one).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(hashOf(policyText('# text\nmode: "warn"\nlevel: baseline'))).toBe(one);
  expect(hashOf(policyText('level: baseline\nmode: audit'))).not.toBe(one);
  const changed = { ...OPTIONS, vocabulary: { ...VOCABULARY, levels: VOCABULARY.levels.map((level) => ({ ...level, defaultSeverity: 'error' as const })) } };
  expect(compilePolicy(load(policyText('level: baseline\nmode: warn')).documents[0]!, changed).hash).not.toBe(one);
});
