import { expect, test } from 'vitest';
import { compilePolicies } from '../engine/policies.ts';
import { RULES } from '../rules/index.ts';
import { watToWasm } from '../test/support/wat.ts';
import type { Artifact } from './artifact.ts';
import type { Packaging } from './packaging.ts';
import { UNKNOWN_PROVENANCE } from './provenance.ts';
import { scanEntry } from './report/entry.ts';
import type { RunRecord, ScanContext } from './scan-context.ts';
import { scan } from './scan.ts';

const packaging: Packaging = {
  form: 'wasm-artifact', repository: 'registry.example/app', rootDigest: `sha256:${'a'.repeat(64)}`, manifestDigest: `sha256:${'a'.repeat(64)}`, artifactType: null, configMediaType: null,
  platform: 'wasip1/wasm', layer: null, layers: 1, path: null, entryPoint: null, claims: null, annotations: {}, grants: [], settings: [], natives: [], oddities: [],
};
const bytes = watToWasm('(module (import "wasi_snapshot_preview1" "path_open" (func)) (memory 5000))');
const artifact: Artifact = { name: 'oci://registry.example/app:v1', reference: 'registry.example/app:v1', bytes, digest: `sha256:${'b'.repeat(64)}`, packaging };

async function context(more: Partial<ScanContext> = {}): Promise<ScanContext & { readonly kept: Map<string, string> }> {
  const kept = new Map<string, string>();
  return {
    policies: (await compilePolicies([{ kind: 'level', name: 'restricted' }])).given,
    rules: RULES, now: '2026-01-01T00:00:00Z', provenance: () => UNKNOWN_PROVENANCE,
    inflate: () => null, secretScanner: { scan: async () => [] },
    onBug: (error) => { throw error; },
    records: {
      get: async (key) => (kept.has(key) ? (JSON.parse(kept.get(key)!) as RunRecord) : null),
      put: async (key, record) => void kept.set(key, JSON.stringify(record)),
    },
    kept, ...more,
  };
}

test('a record gives the same entry without a byte being decoded', async () => {
  const given = await context();
  const first = scanEntry(await scan(artifact, given), artifact);
  expect(given.kept.size).toBe(1);
  // Other bytes under the same digest: only a decode could tell, and none takes place.
  const second = scanEntry(await scan({ ...artifact, bytes: new Uint8Array(bytes.length) }, given), artifact);
  expect(second).toEqual(first);
  expect(first.findings.length).toBeGreaterThan(3);
});

test('a policy is asked anew each time', async () => {
  const given = await context();
  await scan(artifact, given);
  const text = 'apiVersion: wasmgate.dev/v1alpha1\nkind: WasmPolicy\nmetadata: { name: open }\nspec: { level: privileged }\n';
  const lenient = await scan(artifact, { ...given, policies: (await compilePolicies([{ kind: 'file', name: 'policy.yaml', text }])).given });
  expect(lenient.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
});

test.each<[string, Partial<Artifact>]>([
  ['other bytes', { digest: `sha256:${'c'.repeat(64)}` }],
  ['another package', { packaging: { ...packaging, platform: 'wasip2/wasm' } }],
  ['another name', { name: 'oci://registry.example/app:v2' }],
])('%s have a record of their own', async (_, change) => {
  const given = await context();
  await scan(artifact, given);
  await scan({ ...artifact, ...change }, given);
  expect(given.kept.size).toBe(2);
});

test('what a rule broke on is tried again', async () => {
  const given = await context({ onBug: () => {} });
  const broken = { ...given, rules: [{ ...RULES[0]!, check: () => { throw new Error('no'); } }] };
  expect((await scan(artifact, broken)).verdict).toBe('error');
  expect(given.kept.size).toBe(0);
});

test('a file that the user named is not kept', async () => {
  const given = await context();
  const { packaging: _, ...file } = artifact;
  await scan(file, given);
  expect(given.kept.size).toBe(0);
});

test('another runtime, and tables of runtimes that have grown old, have records of their own', async () => {
  const given = await context();
  const run = (more: Partial<ScanContext>): Promise<unknown> => scan(artifact, { ...given, ...more });
  await run({ runtime: { name: 'wasmtime', version: '36.0.2' } });
  await run({ runtime: { name: 'wasmtime', version: '36.0.14' } });
  await run({ runtime: { name: 'wasmtime', version: '36.0.14' }, now: '2026-02-01T00:00:00Z' });
  expect(given.kept.size).toBe(2);
  await run({ runtime: { name: 'wasmtime', version: '36.0.14' }, now: '2036-01-01T00:00:00Z' });
  expect(given.kept.size).toBe(3);
});

test('other advisory data is another record, and none is kept where data could not be read', async () => {
  const given = await context();
  const source = (identity: string): NonNullable<ScanContext['advisories']> => ({ identity, find: async () => { throw new Error('Unreadable'); } });
  await scan(artifact, given);
  await scan(artifact, { ...given, advisories: source('a') });
  await scan(artifact, { ...given, advisories: source('b') });
  await scan(artifact, { ...given, advisories: source('b') });
  expect(given.kept.size).toBe(3);
  const paths = watToWasm('(module (memory 1) (data (i32.const 0) "/x/registry/src/index.example-1949cf8c6b5b557f/bytes-1.10.1/src/lib.rs"))');
  const result = await scan({ ...artifact, bytes: paths, digest: `sha256:${'c'.repeat(64)}` }, { ...given, advisories: source('a') });
  expect(result.verdict).toBe('error');
  expect(given.kept.size).toBe(3);
});
