import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { VOCABULARY } from '../engine/policies.ts';
import { policyFaults } from '../scanner/policy/load.ts';
import { waiverFaults } from '../scanner/policy/load-waiver.ts';
import { readCrds } from '../test/support/crd.ts';
import { generateCrds, type Node } from '../tools/generate-crds.ts';

const root = resolve(import.meta.dirname, '..');
const crds = await readCrds();
const DIGEST = `sha256:${'1'.repeat(64)}`;
const WAIVER = { rule: 'memory-unbounded', digest: DIGEST, reason: 'Known', owner: 'team-a', expires: '2028-02-29' };
const KEY = { name: 'a', key: { data: 'x' } };

function policy(spec: unknown, kind = 'WasmPolicy') {
  return { apiVersion: 'wasmgate.dev/v1alpha1', kind, metadata: { name: 'test' }, spec };
}

function faultsOf(kind: string, spec: unknown) {
  const object = policy(spec, kind);
  return { server: crds.get(kind)!.faults(object), ours: kind === 'WasmWaiver' ? waiverFaults(object, VOCABULARY) : policyFaults(object, VOCABULARY) };
}

describe('the files', () => {
  test('are those that the schema makes', async () => {
    for (const [path, text] of await generateCrds()) expect(readFileSync(join(root, path), 'utf8'), `${path}: run npm run generate`).toBe(text);
    expect(readdirSync(join(root, 'charts/wasmgate/files/crds')).toSorted()).toEqual(['clusterwasmpolicies.yaml', 'wasmpolicies.yaml', 'wasmwaivers.yaml']);
  });

  test('serve one version with status, columns and names', () => {
    for (const [kind, { definition: { spec } }] of crds) {
      const [version] = spec.versions;
      expect(spec).toMatchObject({ group: 'wasmgate.dev', scope: kind === 'ClusterWasmPolicy' ? 'Cluster' : 'Namespaced', names: { categories: ['wasmgate'], listKind: `${kind}List` } });
      expect(version).toMatchObject({ name: 'v1alpha1', served: true, storage: true, subresources: { status: {} } });
      const columns = (version['additionalPrinterColumns'] as readonly { name: string; priority?: number }[]).filter(({ priority = 0 }) => priority === 0).map(({ name }) => name);
      expect(columns).toEqual(kind === 'WasmWaiver' ? ['Rule', 'Expires', 'State', 'Age'] : ['Level', 'Mode', 'Ready', 'Age']);
      expect(version['selectableFields']).toEqual(kind === 'WasmWaiver' ? undefined : [{ jsonPath: '.spec.mode' }]);
    }
  });
});

describe('the schemas are structural', () => {
  const FORBIDDEN = ['$ref', '$defs', 'definitions', 'dependencies', 'deprecated', 'discriminator', 'id', '$id', '$schema', 'patternProperties', 'readOnly', 'writeOnly', 'xml', 'const', 'oneOf', 'uniqueItems'];

  test.each([...crds])('%s', (_kind, { schema }) => {
    const wrong: string[] = [];
    const visit = (node: Node, place: string): void => {
      for (const key of FORBIDDEN) if (key in node) wrong.push(`${place} has ${key}`);
      if (Array.isArray(node['type'])) wrong.push(`${place} has several types`);
      if (node['type'] === undefined && node['x-kubernetes-int-or-string'] !== true && node['x-kubernetes-preserve-unknown-fields'] !== true) wrong.push(`${place} has no type`);
      if (node['properties'] !== undefined && node['additionalProperties'] !== undefined) wrong.push(`${place} has properties and additionalProperties`);
      if (node['type'] === 'string' && node['enum'] === undefined && node['maxLength'] === undefined && node['format'] === undefined && !['.apiVersion', '.kind'].includes(place)) wrong.push(`${place} has no maxLength`);
      if (node['type'] === 'array' && (node['maxItems'] === undefined || node['items'] === undefined)) wrong.push(`${place} has no maxItems`);
      if (node['additionalProperties'] !== undefined && node['maxProperties'] === undefined) wrong.push(`${place} has no maxProperties`);
      for (const [key, child] of Object.entries((node['properties'] ?? {}) as Record<string, Node>)) visit(child, `${place}.${key}`);
      for (const [key, suffix] of [['items', '[]'], ['additionalProperties', '{}']] as const) if (node[key] !== undefined) visit(node[key] as Node, place + suffix);
    };
    visit(schema, '');
    expect(wrong).toEqual([]);
  });
});

describe('what the API server takes', () => {
  const guides = ['docs/policy.md', 'docs/signatures.md', 'docs/kubernetes.md', 'README.md'].map((path) => readFileSync(join(root, path), 'utf8'));
  const rulePages = readdirSync(join(root, 'docs/rules')).map((name) => readFileSync(join(root, 'docs/rules', name), 'utf8'));
  const written = [...guides, ...rulePages].flatMap((text) => [...text.matchAll(/^```yaml\n([^]*?)^```$/gm)].map((match) => match[1]!))
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as { kind?: string; spec?: unknown } | null))
    .filter((document) => document?.kind?.endsWith('WasmPolicy') === true);
  const tests = readdirSync(join(root, 'policies/tests')).map((name) => (parse(readFileSync(join(root, 'policies/tests', name), 'utf8')) as { policy: unknown }).policy)
    .map((given) => (typeof given === 'string' ? policy({ level: given }) : given));

  test('every policy of the documentation and of the policy tests, but for files, which a cluster has none of', () => {
    expect(written.length).toBeGreaterThan(10);
    for (const document of [...written, ...tests] as { kind: string }[]) {
      const faults = crds.get(document.kind)!.faults(document).filter((fault) => !fault.includes('No files are read in a cluster'));
      expect(faults, JSON.stringify(document)).toEqual([]);
    }
  });

  test.each([
    ['WasmPolicy', {}],
    ['WasmPolicy', { rules: { 'memory-unbounded': 'error', 'build-path-leak': 'off', 'secret-in-data': { high: 'note' } }, imports: { allow: ['env.x', { module: 'a', name: 'b' }] }, limits: { bytes: '16Mi', functions: 5 } }],
    ['ClusterWasmPolicy', { allowNamespaceOverride: true, match: { namespaceSelector: { matchLabels: { team: 'a' }, matchExpressions: [{ key: 'x', operator: 'Exists' }, { key: 'y', operator: 'In', values: ['z'] }] }, kinds: ['Pod'] } }],
    ['ClusterWasmPolicy', { signatures: { authorities: [{ name: 'a', key: { secretRef: { name: 'key', namespace: 'wasmgate' } } }] } }],
    ['WasmPolicy', { signatures: { require: { atLeast: 1, of: ['a'] }, authorities: [KEY] }, attestations: [{ type: 'x', authorities: ['a'] }] }],
    ['WasmWaiver', WAIVER],
    ['WasmWaiver', { ...WAIVER, reference: 'ghcr.io/acme/**', subject: 'memory' }],
  ] as const)('%s %j', (kind, spec) => {
    expect(faultsOf(kind, spec)).toEqual({ server: [], ours: [] });
  });
});

describe('what the API server and the compiler both refuse', () => {
  const authorities = (...list: unknown[]) => ({ signatures: { authorities: list } });
  const identity = (one: unknown) => authorities({ name: 'a', keyless: { identities: [one] } });
  test.each([
    ['WasmPolicy', { unknown: 1 }, /unknown/],
    ['WasmPolicy', { mode: 'deny' }, /mode/],
    ['WasmPolicy', { level: 'strict' }, /Unknown level/],
    ['WasmPolicy', { allowNamespaceOverride: true }, /Only a ClusterWasmPolicy/],
    ['WasmPolicy', { rules: { 'memory-unbounded': 'fatal' } }, /memory-unbounded/],
    ['WasmPolicy', { rules: { 'memory-unbounded': 5 } }, /memory-unbounded/],
    ['WasmPolicy', { rules: { 'memory-unbounded': true } }, /memory-unbounded/],
    ['WasmPolicy', { rules: { 'memory-unbounded': ['error'] } }, /memory-unbounded/],
    ['WasmPolicy', { imports: { allow: [5] } }, /imports\/allow\/0/],
    ['WasmPolicy', { imports: { allow: [{ module: 'a' }] } }, /name/],
    ['WasmPolicy', { imports: { deny: [''] } }, /imports\/deny\/0/],
    ['WasmPolicy', { limits: { bytes: -5 } }, /limits\/bytes/],
    ['WasmPolicy', { limits: { bytes: '5X' } }, /limits\/bytes/],
    ['WasmPolicy', { limits: { bytes: true } }, /limits\/bytes/],
    ['WasmPolicy', { capabilities: { allow: ['stdio'], only: ['stdio'] } }, /whole list/],
    ['WasmPolicy', { match: { kinds: ['pod'] } }, /kinds/],
    ['WasmPolicy', { match: { references: [] } }, /references/],
    ['ClusterWasmPolicy', { match: { namespaceSelector: { matchExpressions: [{ key: 'x', operator: 'In' }] } } }, /need values/],
    ['ClusterWasmPolicy', { match: { namespaceSelector: { matchExpressions: [{ key: 'x', operator: 'Exists', values: ['y'] }] } } }, /need values/],
    ['WasmPolicy', { expressions: [{ name: 'a', cel: 'true' }, { name: 'a', cel: 'true' }] }, /Duplicate|two expressions/],
    ['WasmPolicy', { signatures: {} }, /needs authorities/],
    ['WasmPolicy', authorities({ name: 'a' }), /exactly one of keyless/],
    ['WasmPolicy', authorities({ ...KEY, wasmcloud: { issuers: [`A${'A'.repeat(55)}`] } }), /exactly one of keyless/],
    ['WasmPolicy', authorities(KEY, KEY), /Duplicate|two authorities/],
    ['WasmPolicy', authorities({ name: 'a', key: {} }), /exactly one of data/],
    ['WasmPolicy', authorities({ name: 'a', key: { data: 'x', trustRootRef: 'corp' } }), /null/],
    ['WasmPolicy', authorities({ name: 'a', wasmSignature: { keys: [{ data: 'x' }], sections: ['name'] } }), /scope: partial/],
    ['WasmPolicy', authorities({ name: 'a', wasmSignature: { keys: [{ data: 'x', trustRootRef: 'public-good' }] } }), /no entry in a log/],
    ['WasmPolicy', authorities({ name: 'a', certificate: { roots: [{ data: 'x', configMapRef: { name: 'y' } }], identities: [{ subject: 's' }] } }), /exactly one of data/],
    ['WasmPolicy', identity({ subject: 's' }), /issuer, issuerPattern/],
    ['WasmPolicy', identity({ issuer: 'i', issuerPattern: 'i', subject: 's' }), /issuer, issuerPattern/],
    ['WasmPolicy', identity({ issuer: 'i' }), /subject, subjectPrefix/],
    ['WasmPolicy', authorities({ name: 'a', keyless: { identities: [{ issuer: 'i', subject: 's' }], timestamps: { atLeast: 0 } } }), /atLeast is 1/],
    ['WasmPolicy', authorities({ name: 'a', keyless: { identities: [{ issuer: 'i', subject: 's' }], transparencyLog: 'ignore', timestamps: { accept: ['log'] } } }), /accept tsa/],
    ['WasmPolicy', { signatures: { authorities: [KEY], require: {} } }, /require/],
    ['WasmPolicy', { signatures: { authorities: [KEY], require: { anyOf: ['b'] } } }, /Unknown authority/],
    ['WasmPolicy', { signatures: { authorities: [KEY], require: { allOf: ['b'] } } }, /Unknown authority/],
    ['WasmPolicy', { signatures: { authorities: [KEY], require: { atLeast: 1, of: ['b'] } } }, /Unknown authority/],
    ['WasmPolicy', { signatures: { authorities: [KEY], require: { anyOf: ['a'], allOf: ['a'] } } }, /one form/],
    ['WasmPolicy', { signatures: { authorities: [KEY], require: { atLeast: 1 } } }, /stand together/],
    ['WasmPolicy', { signatures: { authorities: [KEY], require: { atLeast: 2, of: ['a'] } } }, /more than of lists/],
    ['WasmPolicy', { signatures: { authorities: [KEY], trustRoots: [{ name: 'public-good', data: 'x' }] } }, /take another/],
    ['WasmPolicy', { signatures: { authorities: [{ name: 'n', notation: { caRef: 'y', identities: ['C=DE'] } }], certificates: [{ name: 'x', data: 'x' }] } }, /null/],
    ['WasmPolicy', { attestations: [{ type: 'x', authorities: ['a'] }] }, /Unknown authority/],
    ['WasmPolicy', { waivers: [{ rule: 'memory-unbounded', reason: 'r', owner: 'o', expires: '2027-01-31' }] }, /needs a digest/],
    ['WasmPolicy', { waivers: [{ ...WAIVER, expires: '2026-02-29' }] }, /calendar/],
    ['WasmPolicy', { waivers: [{ ...WAIVER, expires: '2100-02-29' }] }, /calendar/],
    ['WasmPolicy', { waivers: [{ ...WAIVER, rule: 'signature-invalid' }] }, /cannot be waived/],
    ['WasmWaiver', { ...WAIVER, rule: 'invalid-module' }, /cannot be waived/],
    ['WasmWaiver', { ...WAIVER, expires: '2026-04-31' }, /calendar/],
    ['WasmWaiver', { ...WAIVER, expires: 'soon' }, /expires/],
    ['WasmWaiver', { ...WAIVER, digest: undefined }, /digest/],
    ['WasmWaiver', { ...WAIVER, digest: 'sha256:1' }, /digest/],
    ['WasmWaiver', { ...WAIVER, reason: '' }, /reason/],
    ['WasmWaiver', { ...WAIVER, owner: undefined }, /owner/],
    ['WasmWaiver', { ...WAIVER, more: 1 }, /more/],
  ] as const)('%s %j', (kind, spec, text) => {
    const { server, ours } = faultsOf(kind, JSON.parse(JSON.stringify(spec)));
    expect(server.length, 'the API server takes it').toBeGreaterThan(0);
    if (text.source !== 'null') expect(server.join('\n')).toMatch(text);
    // Names that a shell may know beside those of the policy are no fault until the policy is resolved.
    if (text.source !== 'null') expect(ours.length, 'the compiler takes it').toBeGreaterThan(0);
  });

  test('only the API server: what a cluster has no use for', () => {
    expect(faultsOf('WasmPolicy', authorities({ name: 'a', key: { file: 'cosign.pub' } })).server).toEqual(['.spec.signatures.authorities[0].key.file: No files are read in a cluster: use data or secretRef']);
    expect(faultsOf('ClusterWasmPolicy', authorities({ name: 'a', key: { secretRef: { name: 'x' } } })).server.join()).toMatch(/namespace/);
  });
});
