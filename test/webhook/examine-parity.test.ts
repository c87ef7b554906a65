import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localScanner } from '../../engine/local-scanner.ts';
import type { Carrier } from '../../scanner/carrier.ts';
import { foundCarrier } from '../../scanner/artifact/carried.ts';
import { openRegistryClient } from '../../scanner/artifact/oci/client.ts';
import { openAll } from '../../scanner/artifact/target.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import { packIndex, putInto, type Packed } from '../registry/pack.ts';
import * as push from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { carrierTo, level, NOW, openBench, policy, type Bench } from '../support/examiner.ts';
import { registryOptions } from '../support/registry-options.ts';
import { watToWasm } from '../support/wat.ts';

const wasi = watToWasm('(module (import "wasi_snapshot_preview1" "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))) (import "env" "odd" (func)) (memory (export "memory") 1) (func (export "_start")))');
const component = watToWasm('(component (import "wasi:sockets/tcp@0.2.0" (instance (export "f" (func)))))');
const proxy = watToWasm('(module (import "env" "proxy_log" (func (param i32 i32 i32) (result i32))) (func (export "proxy_on_context_create") (param i32 i32)) (func (export "proxy_abi_version_0_2_1")))');
const elf = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, ...Array.from({ length: 200 }, () => 0)]);

const IMAGES: Readonly<Record<string, Packed>> = {
  artifact: push.wasmArtifact(wasi),
  'lying-artifact': push.wasmArtifact(component, { os: 'wasip1', layerDigests: [`sha256:${'e'.repeat(64)}`] }),
  component: push.wasmArtifact(component, { os: 'wasip2', component: { imports: [], exports: [] } }),
  damaged: push.wasmArtifact(wasi.subarray(0, wasi.length - 5)),
  empty: push.wasmArtifact(new Uint8Array(0)),
  kubewarden: push.kubewardenPolicy(wasi),
  spin: push.spinApplication([{ id: 'a', wasm: wasi, outbound: ['*://*:*'] }, { id: 'b', wasm: component, outbound: ['https://api.example:443'] }]),
  runwasi: push.runwasiImage(component),
  istio: push.istioCompat(proxy),
  image: push.image({ layers: [{ entries: [{ path: 'app.wasm', bytes: wasi }, { path: 'bin/tool', bytes: elf }] }], os: 'linux', architecture: 'amd64', config: { Entrypoint: ['/app.wasm'] } }),
  'without-wasm': push.image({ layers: [{ entries: [{ path: 'bin/tool', bytes: elf }] }], os: 'linux', architecture: 'amd64' }),
  index: packIndex([{ packed: push.wasmArtifact(wasi), platform: { os: 'wasip1', architecture: 'wasm' } }, { packed: push.wasmArtifact(component), platform: { os: 'wasip2', architecture: 'wasm' } }]),
};

let registry: TestRegistry;
let bench: Bench;
beforeAll(async () => {
  registry = await startRegistry();
  bench = await openBench([registry]);
  for (const [name, packed] of Object.entries(IMAGES)) putInto(registry, `acme/${name}`, 'v1', packed);
});
afterAll(async () => {
  await bench.close();
  await registry.close();
});

const POLICIES = [level('privileged'), level('baseline'), level('restricted'), policy('level: baseline\nlimits: { bytes: 10, memory: 65536 }\nexpressions: [{ name: small, cel: "artifact.size < 100", message: too large }]')];

/** As the command line judges it. */
async function fresh(carrier: Carrier, policies: readonly (typeof POLICIES)[number][]): Promise<readonly ScanEntry[]> {
  const client = openRegistryClient(registryOptions([registry]));
  const scanner = localScanner({ given: policies, sources: [], shown: [], for: () => policies, fileOf: () => null, accepted: [] }, { now: NOW, targetProfile: null, cache: null, onBug: (error) => { throw error; } });
  const found = foundCarrier(carrier, { cwd: '/', exclude: [], stdin: async function* () {}, stdinName: '', registry: async () => client, platform: null });
  const entries: ScanEntry[] = [];
  for await (const opened of openAll(found)) entries.push(await scanner.scan(opened, []));
  await client.close();
  return entries;
}

/** Grants and settings with places of their own, as manifests bring them. */
const DEPLOYED: Partial<Carrier> = {
  kind: 'SpinApp', name: 'web', file: 'app.yaml', document: 2, line: 11, column: 9, host: { profile: 'spin', sure: true }, process: null,
  grants: [{ kind: 'hosts', values: ['*://*:*'], everything: true, field: 'allowed_outbound_hosts', place: { file: 'app.yaml', document: 2, pointer: '/spec/hosts', line: 20, column: 4 } }],
  settings: [{ id: 'fail-open', text: 'failStrategy: FAIL_OPEN', meaning: 'the plug-in is skipped', confidence: 'high', place: { file: 'app.yaml', document: 2, pointer: '/spec/fail', line: 30, column: 5 } }],
};

describe('an entry from memory is that of a fresh scan', () => {
  test.each(Object.keys(IMAGES).flatMap((name) => [[name, 'pod', {}], [name, 'deployed', DEPLOYED]] as const))('%s, %s', async (name, _how, over) => {
    for (const reference of [`${registry.host}/acme/${name}:v1`, `${registry.host}/acme/${name}@${IMAGES[name]!.digest}`]) {
      const carrier = carrierTo(reference, over);
      const expected = await Promise.all([POLICIES, ...POLICIES.map((one) => [one])].map((policies) => fresh(carrier, policies)));
      for (let turn = 0; turn < 2; turn++) {
        const found = await bench.examine(carrier, { policies: POLICIES });
        expect([POLICIES, ...POLICIES.map((one) => [one])].map((policies) => found.map((one) => one.judge(policies, NOW)))).toEqual(expected);
        for (const { rootDigest, reference: matched } of found) expect([rootDigest, matched]).toEqual([IMAGES[name]!.digest, reference]);
      }
    }
  });

  test('in a module of a ConfigMap and in an archive of some', async () => {
    const { tar } = await import('../registry/tar.ts');
    for (const bytes of [wasi, component, tar([{ path: 'a.wasm', bytes: wasi }, { path: 'b/c.wasm', bytes: component }]), new Uint8Array([1, 2, 3])]) {
      const carrier = carrierTo('sha256:0', { scheme: 'inline', bytes, kind: 'ConfigMap', process: null, file: 'map.yaml', pointer: '/data/x', name: 'code' });
      expect(await bench.entries(carrier, { policies: POLICIES })).toEqual(await fresh(carrier, POLICIES));
      // Another object with the same bytes is named by its own place.
      const other = { ...carrier, name: 'other', namespace: 'far', file: 'other.yaml', line: 99 };
      expect(await bench.entries(other, { policies: POLICIES })).toEqual(await fresh(other, POLICIES));
    }
  });

  test.each(['file', 'volume', 'configmap', 'secret', 'builtin', 'inline'] as const)('where nobody can see the bytes: %s', async (scheme) => {
    const carrier = carrierTo('plugins/auth.wasm', { scheme, pinned: false });
    expect(await bench.entries(carrier, { policies: POLICIES })).toEqual(await fresh(carrier, POLICIES));
  });

  test.each([['native code', { role: 'native' as const, certain: false }, 'acme/tool:v1'], ['a missing reference', {}, ' '], ['a malformed reference', {}, 'acme/../x@sha256:1'], ['an address that is not listed', { scheme: 'http' as const }, 'http://127.0.0.1:1/a.wasm']])('of %s', async (_name, over, reference) => {
    const carrier = carrierTo(reference, over);
    expect(await bench.entries(carrier, { policies: POLICIES })).toEqual(await fresh(carrier, POLICIES));
  });
});

test('what differs from pod to pod asks for no further scan, and is told all the same', async () => {
  const reference = `${registry.host}/acme/spin@${IMAGES['spin']!.digest}`;
  const one = carrierTo(reference, { ...DEPLOYED, process: { command: ['/unique'], args: null } });
  await bench.entries(one);
  const scans = async (): Promise<unknown> => (await bench.metrics.scans.get()).values.filter(({ metricName }) => metricName?.endsWith('_count'));
  const before = await scans();
  const other = carrierTo(reference, { ...one, name: 'another', namespace: 'elsewhere', file: 'b.yaml', line: 70, pullSecrets: ['x'], grants: one.grants.map((grant) => ({ ...grant, place: { ...grant.place!, line: 71 } })) });
  const entries = await bench.entries(other);
  expect(await scans()).toEqual(before);
  expect(entries).toEqual(await fresh(other, [level('baseline')]));
  expect(JSON.stringify(entries)).not.toContain('{name}');
  expect(entries.flatMap(({ findings }) => findings.flatMap(({ location }) => location.source?.line ?? []))).toContain(71);
});
