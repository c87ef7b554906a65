import { afterEach, describe, expect, test, vi } from 'vitest';
import { allBad, BAD, type Find, judging, podOf, SO_SO, world, type World, type WorldOptions } from '../../test/support/admission.ts';
import { createMemoryKube, type MemoryKube } from '../../test/support/memory-kube.ts';
import { findingOf } from '../../test/support/policy.ts';
import type { Carrier } from '../../scanner/carrier.ts';
import { KubeError, type KubeObject, type KubeResource } from '../kube/api.ts';
import type { Examiner } from '../judging.ts';
import type { KubeEvent } from '../kube/events.ts';
import { createMetrics } from '../metrics.ts';
import type { PolicySource } from '../policy-source.ts';
import type { AuditedResult } from './judge-cluster.ts';
import { AUDITED_KINDS } from './kinds.ts';
import { type AuditSummary, type AuditSurroundings, repeatAudit, runAudit } from './run-audit.ts';

const PODS: KubeResource = { group: '', version: 'v1', resource: 'pods' };
const SPIN_APPS: KubeResource = { group: 'core.spinkube.dev', version: 'v1alpha1', resource: 'spinapps' };
const POLICIES: KubeResource = { group: 'policies.kubewarden.io', version: 'v1', resource: 'clusteradmissionpolicies' };
const REPORTS: KubeResource = { group: 'openreports.io', version: 'v1alpha1', resource: 'reports' };
const CLUSTER_REPORTS: KubeResource = { ...REPORTS, resource: 'clusterreports' };
const OLD_REPORTS: KubeResource = { group: 'wgpolicyk8s.io', version: 'v1alpha2', resource: 'policyreports' };

interface Cluster extends World {
  readonly kube: MemoryKube;
  readonly told: KubeEvent[];
  readonly surroundings: AuditSurroundings;
  readonly results: AuditedResult[];
  run(more?: Partial<AuditSurroundings>): Promise<AuditSummary>;
}

const ending: AbortController[] = [];
afterEach(() => {
  for (const controller of ending.splice(0)) controller.abort();
});

function cluster(options: WorldOptions = {}): Cluster {
  const made = world(options);
  const kube = createMemoryKube(500);
  const told: KubeEvent[] = [];
  const results: AuditedResult[] = [];
  const surroundings: AuditSurroundings = {
    client: kube, parts: made.parts, namespaces: made.parts.namespaces, reports: 'openreports', events: { tell: (event) => void told.push(event) },
    metrics: createMetrics(), log: made.parts.log, retries: [0, 0],
  };
  const run = (more: Partial<AuditSurroundings> = {}): Promise<AuditSummary> => runAudit({ ...surroundings, ...more }, { signal: new AbortController().signal, onResult: (result) => void results.push(result) });
  return { ...made, kube, told, surroundings, results, run };
}

function pod(name: string, image = `r.example/app@sha256:${'a'.repeat(64)}`, metadata: object = {}): KubeObject {
  return podOf({ runtimeClassName: 'wasmtime', containers: [{ name: 'main', image }] }, { name, namespace: 'shop', uid: `uid-${name}`, ...metadata }) as unknown as KubeObject;
}

function reports({ kube }: Cluster, resource = REPORTS): readonly KubeObject[] {
  return kube.store.list(resource, { namespace: null, labelSelector: '', fieldSelector: '' });
}

function writes({ kube }: Cluster): number {
  return kube.calls.filter(({ verb }) => verb === 'apply' || verb === 'delete').length;
}

const OUTSIDE: Find = { failure: { kind: 'outside', code: 'unreachable', message: 'r.example does not answer' } };

describe('a run', () => {
  test('pages through 2,500 pods of 20 images and examines each image once', async () => {
    const made = cluster({ find: allBad });
    for (let index = 0; index < 2_500; index++) made.kube.store.put(PODS, pod(`pod-${index}`, `r.example/app@sha256:${String(index % 20).padStart(64, '0')}`));
    const summary = await made.run();
    expect(made.kube.calls.filter(({ verb, resource }) => verb === 'list' && resource.resource === 'pods')).toHaveLength(5);
    expect(summary).toMatchObject({ objects: 2_500, unresolved: 0, broken: 0, notLookedAt: [], whole: true });
    expect(made.examined).toHaveLength(20);
    expect(reports(made)).toHaveLength(2_500);
    expect(summary.reports).toEqual({ written: 2_500, removed: 0 });
    const before = writes(made);
    expect((await made.run()).reports).toEqual({ written: 0, removed: 0 });
    expect(writes(made)).toBe(before);
  });

  test('resolves a tag once, and says in each entry which object brings it', async () => {
    const made = cluster({ find: (carrier) => [{ findings: [findingOf({ location: { path: `Pod/${carrier.name} main`, offset: 0, length: 0, source: { file: carrier.file, document: 0, pointer: carrier.pointer, line: 1, column: 1 } } })] }] });
    for (const name of ['one', 'two']) made.kube.store.put(PODS, pod(name, 'r.example/app:v1'));
    await made.run();
    expect(made.examined).toHaveLength(1);
    expect(made.results.map(({ object, judged }) => [object.metadata.name, judged.judged[0]!.carrier!.name, judged.judged[0]!.enforce.findings[0]!.location.path, judged.judged[0]!.enforce.findings[0]!.location.source!.file])).toEqual([
      ['one', 'one', 'Pod/one main', 'Pod/shop/one'], ['two', 'two', 'Pod/two main', 'Pod/shop/two'],
    ]);
  });

  test('examines the same image again for whoever brings other pull secrets, grants or policies', async () => {
    const secrets = new Map([['one', ['a']], ['two', ['b']]]);
    const made = cluster({
      settings: { readPullSecrets: true }, cluster: { pullSecrets: async (_, [name]) => secrets.get(name ?? '') ?? [] },
      policies: ({ namespace }) => (namespace?.name === 'other' ? { enforce: [judging('level: restricted', 'strict')] } : {}),
    });
    const put = (name: string, spec: object, metadata: object = {}) => made.kube.store.put(PODS, podOf({ runtimeClassName: 'wasmtime', containers: [{ name: 'main', image: 'r.example/app:v1' }], ...spec }, { name, namespace: 'shop', uid: name, ...metadata }) as unknown as KubeObject);
    put('plain', {});
    put('same', {});
    put('one', { imagePullSecrets: [{ name: 'one' }] });
    put('two', { imagePullSecrets: [{ name: 'two' }] });
    put('granted', { hostNetwork: true, volumes: [{ name: 'all', hostPath: { path: '/' } }], containers: [{ name: 'main', image: 'r.example/app:v1', volumeMounts: [{ name: 'all', mountPath: '/all' }] }] });
    put('elsewhere', {}, { namespace: 'other' });
    await made.run();
    expect(made.examined.filter(({ scheme }) => scheme === 'oci').map(({ name }) => name).sort()).toEqual(['elsewhere', 'granted', 'one', 'plain', 'two']);
  });

  test('knows pull secrets by what they say, not by their names', async () => {
    const made = cluster({ settings: { readPullSecrets: true }, cluster: { pullSecrets: async (namespace) => [`secret of ${namespace}`] } });
    const put = (name: string, namespace: string) => made.kube.store.put(PODS, podOf({ runtimeClassName: 'wasmtime', imagePullSecrets: [{ name: 'pull' }], containers: [{ name: 'main', image: 'r.example/app:v1' }] }, { name, namespace, uid: name }) as unknown as KubeObject);
    put('one', 'shop');
    put('two', 'shop');
    put('three', 'bank');
    await made.run();
    expect(made.requests.map(({ pullSecrets }) => pullSecrets)).toEqual([['secret of bank'], ['secret of shop']]);
  });

  test('tells the containers of one pod apart', async () => {
    const made = cluster({ find: (carrier) => [{ findings: [findingOf({ location: { path: 'x', offset: 0, length: 0, source: { file: carrier.file, document: 0, pointer: carrier.pointer, line: 1, column: 1 } } })] }] });
    made.kube.store.put(PODS, podOf({ runtimeClassName: 'wasmtime', containers: [{ name: 'a', image: 'r.example/app:v1' }, { name: 'b', image: 'r.example/app:v1' }] }, { uid: 'two' }) as unknown as KubeObject);
    await made.run();
    expect(made.results[0]!.judged.judged.map(({ enforce }) => enforce.findings[0]!.location.source!.pointer)).toEqual(['/spec/containers/0/image', '/spec/containers/1/image']);
  });

  test('looks at custom resources, under whatever version they are served, and at no workloads', async () => {
    expect(AUDITED_KINDS.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['Pod', 'SpinApp', 'WasmPlugin', 'ClusterAdmissionPolicy']));
    for (const kind of ['Deployment', 'CronJob', 'ConfigMap', 'Secret', 'Service']) expect(AUDITED_KINDS.map((one) => one.kind)).not.toContain(kind);
    const made = cluster({ find: allBad });
    made.kube.store.put(SPIN_APPS, { kind: 'SpinApp', metadata: { name: 'hello', namespace: 'shop', uid: 'uid-spin' }, spec: { image: 'r.example/spin:1' } });
    made.kube.store.put(POLICIES, { kind: 'ClusterAdmissionPolicy', metadata: { name: 'guard', uid: 'uid-guard' }, spec: { module: 'r.example/policy:1' } });
    await made.run();
    expect(made.examined.map(({ kind }) => kind).sort()).toEqual(['ClusterAdmissionPolicy', 'SpinApp']);
    expect(reports(made)[0]).toMatchObject({ metadata: { name: 'uid-spin', namespace: 'shop' }, scope: { kind: 'SpinApp', name: 'hello' } });
    expect(reports(made, CLUSTER_REPORTS)[0]).toMatchObject({ kind: 'ClusterReport', metadata: { name: 'uid-guard', ownerReferences: [{ kind: 'ClusterAdmissionPolicy', name: 'guard', uid: 'uid-guard' }] } });
  });

  test('says which kinds may not be listed, and keeps their reports', async () => {
    const made = cluster({ find: allBad });
    made.kube.store.put(SPIN_APPS, { kind: 'SpinApp', metadata: { name: 'hello', namespace: 'shop', uid: 'uid-spin' }, spec: { image: 'r.example/spin:1' } });
    await made.run();
    made.kube.before = ({ verb, resource }) => {
      if (verb === 'list' && resource.group === 'core.spinkube.dev') throw new KubeError('spinapps is forbidden', { status: 403, reason: 'Forbidden' });
      if (verb === 'list' && resource.group === 'dapr.io') throw new KubeError('not found', { status: 404, reason: 'NotFound' });
    };
    const summary = await made.run();
    expect(new Set(summary.notLookedAt.map(({ kind }) => kind))).toEqual(new Set(['SpinApp', 'SpinAppExecutor']));
    expect(summary.notLookedAt[0]!.error.status).toBe(403);
    expect(summary.whole).toBe(true);
    expect(reports(made)).toHaveLength(1);
  });

  test('tries unresolved images again, and counts those that stay so', async () => {
    let answers = false;
    const made = cluster({ find: (carrier) => (carrier.reference.includes('gone') || !answers ? [OUTSIDE] : [{}]) });
    for (const [index, name] of ['one', 'two', 'gone-1', 'gone-2'].entries()) made.kube.store.put(PODS, pod(`pod-${index}`, `r.example/${name.slice(0, 4)}:v1`));
    const { examiner } = made.parts;
    let calls = 0;
    const recovering: Examiner = {
      ready: true, close: async () => {},
      examine: (carrier, request) => {
        answers = ++calls > 3;
        return examiner.examine(carrier, request);
      },
    };
    const summary = await made.run({ parts: { ...made.parts, examiner: recovering } });
    expect(summary).toMatchObject({ objects: 4, unresolved: 1 });
    expect(made.results).toHaveLength(4);
    expect(made.examined.filter(({ reference }: Carrier) => reference.includes('gone'))).toHaveLength(3);
    expect((await made.surroundings.metrics.unresolved.get()).values[0]!.value).toBe(1);
    expect(made.told).toEqual([]);
    const said = reports(made).map(({ summary: counts }) => counts as { readonly error: number; readonly pass: number });
    expect(said.filter(({ error }) => error === 1)).toHaveLength(2);
    expect(said.filter(({ pass }) => pass === 1)).toHaveLength(2);
  });

  test('says nothing of images without Wasm', async () => {
    const made = cluster();
    made.kube.store.put(PODS, podOf({ containers: [{ name: 'main', image: 'r.example/nginx:1' }] }, { uid: 'uid-nginx' }) as unknown as KubeObject);
    const examiner = { ...made.parts.examiner, examine: async () => [{ reference: 'r.example/nginx:1', rootDigest: null, judge: () => ({ ...made.parts, verdict: 'allow', kind: 'unknown', findings: [], failure: null, artifact: { name: 'x', digest: null, size: null }, policies: [], reasons: [], problems: [], blocked: false }) as never }] };
    const summary = await made.run({ parts: { ...made.parts, examiner } });
    expect(summary.results).toEqual({ fail: 0, error: 0, warn: 0, skip: 0, pass: 0 });
    expect(reports(made)).toEqual([]);
  });

  test('goes on where judging one object shows a bug, and never counts it as judged', async () => {
    const made = cluster({ find: (carrier) => { if (carrier.name === 'bad') throw new Error('a bug'); return [{}]; } });
    made.kube.store.put(PODS, pod('bad', 'r.example/one:1'));
    made.kube.store.put(PODS, pod('good', 'r.example/two:1'));
    const summary = await made.run();
    expect(summary).toMatchObject({ objects: 2, broken: 1, results: { pass: 1 } });
    expect(reports(made).map(({ metadata }) => metadata.name)).toEqual(['uid-good']);
  });

  test('stops when it is told to, and then removes nothing', async () => {
    const made = cluster({ find: allBad });
    made.kube.store.put(PODS, pod('old'));
    await made.run();
    made.kube.store.remove(PODS, { namespace: 'shop', name: 'old' });
    const stop = new AbortController();
    made.kube.before = ({ verb, resource }) => void (verb === 'list' && resource.resource === 'pods' && stop.abort());
    expect((await runAudit(made.surroundings, { signal: stop.signal })).whole).toBe(false);
    expect(reports(made)).toHaveLength(1);
  });

  test('of some namespaces leaves reports of others alone', async () => {
    const made = cluster({ find: allBad });
    made.kube.store.put(PODS, pod('one'));
    made.kube.store.put(PODS, pod('two', undefined, { namespace: 'bank' }));
    await made.run();
    const summary = await made.run({ only: ['bank'] });
    expect(summary.objects).toBe(1);
    expect(reports(made)).toHaveLength(2);
  });
});

describe('reports', () => {
  test('say what was found, by the words of their API', async () => {
    const waived = { ...findingOf({ rule: 'debug-info-embedded', severity: 'warning' }), waived: { reason: 'needed', owner: 'team-a', expires: '2027-01-31' } };
    const made = cluster({ find: (carrier) => [carrier.reference.includes('bad') ? { findings: [...BAD.findings!, ...SO_SO.findings!, waived] } : {}] });
    made.kube.store.put(PODS, podOf({ runtimeClassName: 'wasmtime', containers: [{ name: 'a', image: 'r.example/bad:1' }, { name: 'b', image: 'r.example/good:1' }] }, { uid: 'uid-web' }) as unknown as KubeObject);
    await made.run();
    const [report] = reports(made);
    expect(report).toMatchObject({
      apiVersion: 'openreports.io/v1alpha1', kind: 'Report', source: 'wasmgate',
      metadata: { name: 'uid-web', namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'wasmgate' }, ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'uid-web' }] },
      scope: { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'shop', uid: 'uid-web' },
      summary: { fail: 1, warn: 1, skip: 1, pass: 1, error: 0 },
    });
    const results = report!['results'] as readonly { readonly result: string; readonly rule?: string; readonly message: string; readonly properties: Record<string, string>; readonly timestamp: unknown }[];
    expect(results.map(({ result, rule }) => [result, rule])).toEqual([['fail', 'capability-net-connect'], ['warn', 'debug-info-embedded'], ['skip', 'debug-info-embedded'], ['pass', undefined]]);
    expect(results[0]).toMatchObject({ policy: 'test', severity: 'high', category: 'WebAssembly', scored: true, timestamp: { nanos: 0 }, properties: { digest: `sha256:${'f'.repeat(64)}`, image: `sha256:${'d'.repeat(64)}`, verdict: 'deny', field: '/spec/containers/0/image' } });
    expect(results[2]!.message).toContain('Waived until 2027-01-31 by team-a: needed');
  });

  test('are written anew when the content changes, and only then', async () => {
    let find: Find = BAD;
    const made = cluster({ find: () => [find] });
    made.kube.store.put(PODS, pod('one'));
    await made.run();
    find = {};
    expect((await made.run()).reports).toEqual({ written: 1, removed: 0 });
    expect(reports(made)[0]).toMatchObject({ summary: { fail: 0, pass: 1 } });
    expect((await made.run()).reports).toEqual({ written: 0, removed: 0 });
  });

  test('go when their object is gone, and others stay', async () => {
    const made = cluster({ find: allBad });
    made.kube.store.put(PODS, pod('one'));
    made.kube.store.put(PODS, pod('two'));
    made.kube.store.put(REPORTS, { kind: 'Report', metadata: { name: 'uid-foreign', namespace: 'shop', labels: { 'app.kubernetes.io/managed-by': 'other' } }, scope: { apiVersion: 'v1', kind: 'Pod' } });
    await made.run();
    made.kube.store.remove(PODS, { namespace: 'shop', name: 'one' });
    expect((await made.run()).reports).toEqual({ written: 0, removed: 1 });
    expect(reports(made).map(({ metadata }) => metadata.name).sort()).toEqual(['uid-foreign', 'uid-two']);
  });

  test('of a pod that is deleted in the midst of a run are taken away by the next one', async () => {
    const made = cluster({ find: (carrier) => { made.kube.store.remove(PODS, { namespace: 'shop', name: carrier.name }); return [BAD]; } });
    made.kube.store.put(PODS, pod('one'));
    expect(await made.run()).toMatchObject({ whole: true, objects: 1 });
    await made.run();
    expect(reports(made)).toEqual([]);
  });

  test('in another namespace hide none, whatever they say', async () => {
    const made = cluster({ find: allBad });
    made.kube.store.put(PODS, pod('one'));
    await made.run();
    const [real] = reports(made);
    made.kube.store.remove(REPORTS, { namespace: 'shop', name: 'uid-one' });
    made.kube.store.put(REPORTS, { ...real!, metadata: { ...real!.metadata, namespace: 'evil' } });
    expect((await made.run()).reports).toEqual({ written: 1, removed: 1 });
  });

  test.each([404, 403])('that cannot be read (%i) are left, which is said once', async (status) => {
    const made = cluster({ find: allBad });
    made.kube.store.put(PODS, pod('one'));
    made.kube.before = ({ resource }) => {
      if (resource.group === 'openreports.io') throw new KubeError('no', { status, reason: '' });
    };
    expect(await made.run()).toMatchObject({ objects: 1, reports: null, results: { fail: 1 } });
    expect(made.logged.filter((line) => line.startsWith('Reports are not written'))).toHaveLength(1);
  });

  test('of the older API have its kind and no field that it does not know', async () => {
    const made = cluster({ find: allBad });
    made.kube.store.put(PODS, pod('one'));
    await made.run({ reports: 'policyreports' });
    const [report] = reports(made, OLD_REPORTS);
    expect(report).toMatchObject({ apiVersion: 'wgpolicyk8s.io/v1alpha2', kind: 'PolicyReport', results: [{ source: 'wasmgate', result: 'fail' }] });
    expect(Object.keys(report!).sort()).toEqual(['apiVersion', 'kind', 'metadata', 'results', 'scope', 'summary']);
  });

  test('that one write fails keep no other from being written', async () => {
    const made = cluster({ find: allBad });
    for (const name of ['one', 'two']) made.kube.store.put(PODS, pod(name));
    made.kube.before = ({ verb, name }) => {
      if (verb === 'apply' && name === 'uid-one') throw new KubeError('too busy', { status: 500, reason: '' });
    };
    expect((await made.run()).reports).toEqual({ written: 1, removed: 0 });
  });
});

describe('Events', () => {
  test('are told of the workload, once, and of nothing that passes', async () => {
    const made = cluster({ find: (carrier) => [carrier.reference.includes('bad') ? BAD : {}] });
    const owner = { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'uid-rs', controller: true }] };
    for (const name of ['one', 'two', 'three']) made.kube.store.put(PODS, pod(name, 'r.example/bad:1', owner));
    made.kube.store.put(PODS, pod('lone', 'r.example/bad:1'));
    made.kube.store.put(PODS, pod('static', 'r.example/bad:1', { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'uid-node', controller: true }] }));
    made.kube.store.put(PODS, pod('fine', 'r.example/good:1'));
    await made.run();
    expect(made.told.map(({ type, reason, regarding }) => [type, reason, regarding.kind, regarding.metadata.name, regarding.metadata.namespace].join(' ')).sort()).toEqual([
      'Warning WasmPolicyBroken Pod lone shop', 'Warning WasmPolicyBroken Pod static shop', 'Warning WasmPolicyBroken ReplicaSet web-1 shop',
    ]);
    expect(made.told[0]!.note).toContain('breaks policy: capability-net-connect');
  });
});

describe('again and again', () => {
  function repeated(made: Cluster, interval: number) {
    const listeners: (() => void)[] = [];
    const policies: PolicySource = { ...made.parts.policies, onChange: (listener) => void listeners.push(listener) };
    const work = repeatAudit({ ...made.surroundings, parts: { ...made.parts, policies } }, { interval, settle: 5 });
    const controller = new AbortController();
    ending.push(controller);
    const done = work(controller.signal);
    return { change: () => listeners.forEach((listener) => listener()), stop: () => (controller.abort(), done) };
  }
  const runs = ({ logged }: Cluster) => logged.filter((line) => line === 'Everything that runs was judged').length;

  test('runs after each interval, and ends with the signal', async () => {
    const made = cluster();
    const { stop } = repeated(made, 10);
    await vi.waitUntil(() => runs(made) >= 3);
    await stop();
  });

  test('runs again after a change of the policies, once for a group of changes', async () => {
    const made = cluster({ find: allBad });
    made.kube.store.put(PODS, pod('one'));
    const { change, stop } = repeated(made, 1_000_000);
    await vi.waitUntil(() => runs(made) === 1);
    for (let index = 0; index < 5; index++) change();
    await vi.waitUntil(() => runs(made) === 2);
    expect(made.examined).toHaveLength(2);
    await stop();
    expect(runs(made)).toBe(2);
  });

  test('waits for the policies, and begins again where the API server does not answer', async () => {
    const made = cluster({ ready: true });
    let ready = false;
    const policies: PolicySource = { ...made.parts.policies, get ready() { return ready; } };
    const controller = new AbortController();
    ending.push(controller);
    const done = repeatAudit({ ...made.surroundings, parts: { ...made.parts, policies } }, { interval: 1, settle: 1 })(controller.signal);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    expect(runs(made)).toBe(0);
    ready = true;
    await vi.waitUntil(() => runs(made) >= 1);
    made.kube.before = () => {
      throw new KubeError('no answer', { status: 0, reason: '' });
    };
    await vi.waitUntil(() => made.logged.includes('Judging what runs failed and begins again'));
    controller.abort();
    await done;
  });
});
