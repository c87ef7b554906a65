import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { KubeResource } from '../../webhook/kube/api.ts';
import { putInto } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import { startRegistry, type TestRegistry } from '../registry/server.ts';
import { endKubeApisAfterEach, type FakeKubeApi, startKubeApi } from '../support/kube-api.ts';
import { policyText } from '../support/policy.ts';
import { runHere, type RunHere } from '../support/run-here.ts';
import { watToWasm } from '../support/wat.ts';

const PODS: KubeResource = { group: '', version: 'v1', resource: 'pods' };
const NAMESPACES: KubeResource = { group: '', version: 'v1', resource: 'namespaces' };
const REPORTS: KubeResource = { group: 'openreports.io', version: 'v1alpha1', resource: 'reports' };
const EVENTS: KubeResource = { group: 'events.k8s.io', version: 'v1', resource: 'events' };
const CLUSTER_POLICIES: KubeResource = { group: 'wasmgate.dev', version: 'v1alpha1', resource: 'clusterwasmpolicies' };
const CLEAN = watToWasm('(module (memory (export "memory") 1 2))');
const SPAWNS = watToWasm('(module (import "wasi_snapshot_preview1" "sock_accept" (func (param i32 i32 i32) (result i32))))');

endKubeApisAfterEach();
let registry: TestRegistry;
let folder: string;
let api: FakeKubeApi;
beforeAll(async () => {
  registry = await startRegistry();
  folder = mkdtempSync(join(tmpdir(), 'wasmgate-audit-'));
  putInto(registry, 'acme/clean', 'v1', wasmArtifact(CLEAN));
  putInto(registry, 'acme/spawns', 'v1', wasmArtifact(SPAWNS));
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  registry.requests.length = 0;
  api = await startKubeApi();
  for (const name of ['shop', 'bank']) api.put(NAMESPACES, { kind: 'Namespace', metadata: { name } });
});

function put(name: string, image: string, metadata: object = {}): void {
  api.put(PODS, { kind: 'Pod', metadata: { name, namespace: 'shop', ...metadata }, spec: { runtimeClassName: 'wasmtime', containers: [{ name: 'main', image: `${registry.host}/acme/${image}:v1` }] } });
}

function audit(...more: readonly string[]): Promise<RunHere> {
  return runHere(['audit', '--kubeconfig', api.kubeconfig, '--insecure-registry', registry.host, '--no-cache', '--workers', '1', ...more], { cwd: folder, env: { HOME: '/nonexistent' } });
}

const READABLE = policyText('capabilities: { deny: [net-listen] }', 'ClusterWasmPolicy', 'no-servers');

describe('wasmgate audit', () => {
  test('judges by a policy at hand: what is denied is told once for all replicas, and the exit code says so', async () => {
    writeFileSync(join(folder, 'policy.yaml'), READABLE);
    const owner = { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'uid-rs', controller: true }] };
    for (const name of ['web-1', 'web-2', 'web-3']) put(name, 'spawns', owner);
    put('fine', 'clean');
    const { code, stdout, stderr } = await audit('--policy', 'policy.yaml');
    expect(stderr).toContain('Looked at 4 objects; 2 results of further replicas say the same');
    expect(stdout.match(/^DENY /gm)).toHaveLength(1);
    expect(stdout).toContain('capability-net-listen');
    expect(stdout).toContain('4 artifacts: 3 denied, 1 with warnings');
    expect(code).toBe(1);
    expect(registry.requests.filter(({ path }) => path.includes('/spawns/manifests/v1'))).toHaveLength(1);
    expect(api.requests.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('as JSON lists every artifact with its object', async () => {
    put('fine', 'clean');
    put('other', 'clean', { namespace: 'bank' });
    const { code, stdout } = await audit('--policy', 'privileged', '--format', 'json');
    const report = JSON.parse(stdout) as { readonly schemaVersion: number; readonly results: readonly { readonly verdict: string; readonly carrier: { readonly kind: string; readonly namespace: string; readonly name: string } }[] };
    expect(report.results.map(({ verdict, carrier: { kind, namespace, name } }) => [verdict, kind, namespace, name])).toEqual([['allow', 'Pod', 'bank', 'other'], ['allow', 'Pod', 'shop', 'fine']]);
    expect(code).toBe(0);
    expect((JSON.parse((await audit('--policy', 'privileged', '--format', 'json', '--only-namespace', 'bank')).stdout) as { results: unknown[] }).results).toHaveLength(1);
  });

  test('judges by the policies of the cluster, and writes reports and Events where it is told to', async () => {
    api.put(CLUSTER_POLICIES, { apiVersion: 'wasmgate.dev/v1alpha1', kind: 'ClusterWasmPolicy', metadata: { name: 'no-servers' }, spec: { capabilities: { deny: ['net-listen'] } } });
    put('web', 'spawns');
    const { code, stderr } = await audit('--reports', 'openreports', '--events');
    expect([code, stderr]).toEqual([1, expect.stringContaining('1 report written')]);
    expect(api.objects(REPORTS)[0]).toMatchObject({ scope: { kind: 'Pod', name: 'web' }, results: expect.arrayContaining([expect.objectContaining({ result: 'fail', rule: 'capability-net-listen', policy: 'no-servers' })]) as unknown });
    expect(api.objects(EVENTS)[0]).toMatchObject({ reason: 'WasmPolicyBroken', regarding: { kind: 'Pod', name: 'web', namespace: 'shop' } });
    api.requests.length = 0;
    await audit('--reports', 'openreports');
    expect(api.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  test('says what it could not look at, with exit code 4', async () => {
    put('fine', 'clean');
    api.fail({ match: /^GET \/apis\/core\.spinkube\.dev\/v1alpha1\/spinapps/, with: 403, reason: 'Forbidden' });
    const { code, stderr } = await audit('--policy', 'privileged');
    expect(stderr).toContain('SpinApp was not looked at');
    expect(code).toBe(4);
  });

  test('without definitions of policies asks for one, and without an answer judges nothing', async () => {
    api.uninstall(CLUSTER_POLICIES);
    expect(await audit()).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Install the chart, or give --policy') as unknown });
    api.fail({ match: /^GET \/api\/v1\/namespaces/, times: 100, with: 403, reason: 'Forbidden' });
    expect(await audit('--policy', 'baseline')).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('Nothing was judged') as unknown });
    expect(await runHere(['audit', '--policy', 'baseline'], { cwd: folder })).toMatchObject({ code: 4, stderr: expect.stringContaining('no kubeconfig was given') as unknown });
  });
});
