import { describe, expect, test } from 'vitest';
import { allBad, answerTo, BAD, badWhere, DEADLINE, judging, podOf, requestOf, ROOT_DIGEST, SO_SO, updateOf, world } from '../../test/support/admission.ts';
import { createMetrics } from '../metrics.ts';
import type { AdmissionRequest, WireObject } from '../review.ts';

const TWO = { containers: [{ name: 'main', image: 'r.example/app:1' }, { name: 'other', image: 'r.example/other:1' }] };
const deployment = (image = 'r.example/app:1', more: WireObject = {}): WireObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop', uid: 'd-1', ...(more['metadata'] as object) }, spec: { replicas: 1, template: { metadata: {}, spec: { containers: [{ name: 'main', image }] } }, ...(more['spec'] as object) } });
const plugin = (spec: WireObject, metadata: WireObject = {}): WireObject => ({ apiVersion: 'extensions.istio.io/v1alpha1', kind: 'WasmPlugin', metadata: { name: 'auth', namespace: 'shop', uid: 'w-1', ...metadata }, spec: { url: 'oci://r.example/p:1', ...spec } });

describe('operations', () => {
  test.each([['DELETE', null], ['CONNECT', { apiVersion: 'v1', kind: 'PodExecOptions' }]] as const)('%s is allowed without looking at anything', async (operation, object) => {
    const subject = world({ find: allBad });
    expect(await answerTo(subject, requestOf(podOf(), { operation, object }))).toEqual({ uid: 'u-1', allowed: true, auditAnnotations: { decision: 'allow' } });
    expect([subject.examined, subject.questions]).toEqual([[], []]);
  });

  test('an operation that nobody knows is judged when it brings an object', async () => {
    expect((await answerTo(world({ find: allBad }), requestOf(podOf(), { operation: 'PATCH' as 'UPDATE' }))).allowed).toBe(false);
  });

  test('an object that should be there and is not is denied', async () => {
    expect(await answerTo(world(), requestOf(podOf(), { object: null }))).toMatchObject({ allowed: false, status: { code: 403, reason: 'Forbidden' } });
  });

  test('dry run is judged like any other', async () => {
    const [dry, real] = await Promise.all([true, false].map((dryRun) => answerTo(world({ find: allBad }), requestOf(podOf(), { dryRun }))));
    expect(dry!.allowed).toBe(false);
    expect(dry).toEqual(real);
  });

  test('an object that is being deleted is judged', async () => {
    const dying = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x.example/hold'] };
    const request = updateOf(podOf(undefined, dying), podOf({ containers: [{ name: 'main', image: 'r.example/evil:1' }] }, dying));
    expect((await answerTo(world({ find: badWhere(({ reference }) => reference.includes('evil')) }), request)).allowed).toBe(false);
    expect((await answerTo(world({ find: allBad }), requestOf(podOf(undefined, dying)))).allowed).toBe(false);
  });
});

describe('subresources', () => {
  const of = (subResource: string, more: Partial<AdmissionRequest>): AdmissionRequest => requestOf(podOf(), { subResource, requestSubResource: subResource, ...more });

  test.each(['attach', 'status', 'resize', 'ephemeralcontainers', 'tomorrow', 'scale', 'binding'])('a pod under %s is judged', async (subResource) => {
    expect((await answerTo(world({ find: allBad }), of(subResource, {}))).allowed).toBe(false);
  });

  test.each([['scale', 'autoscaling/v1', 'Scale'], ['binding', 'v1', 'Binding'], ['eviction', 'policy/v1', 'Eviction']])('%s is let through only with its own kind of object', async (subResource, apiVersion, kind) => {
    const object = { apiVersion, kind, metadata: { name: 'web', namespace: 'shop' }, spec: TWO };
    const request = requestOf(object, { subResource, resource: { group: '', version: 'v1', resource: 'pods' } });
    expect((await answerTo(world({ find: allBad }), request)).allowed).toBe(true);
    // The same object under another subresource is read as the parent, which is a pod.
    expect((await answerTo(world({ find: allBad }), { ...request, subResource: 'other' })).allowed).toBe(false);
    expect((await answerTo(world({ find: allBad }), { ...request, object: { ...object, apiVersion: 'v1', kind: 'Pod' } })).allowed).toBe(false);
    expect((await answerTo(world({ find: allBad }), { ...request, kind: { group: '', version: 'v1', kind: 'Pod' } })).allowed).toBe(false);
  });

  test('ephemeral containers are judged although they were there before', async () => {
    const pod = podOf({ containers: [{ name: 'main', image: 'r.example/app:1' }], ephemeralContainers: [{ name: 'debug', image: 'r.example/debug:1' }] });
    const subject = world({ find: badWhere(({ reference }) => reference.includes('debug')) });
    expect((await answerTo(subject, updateOf(pod, pod, { subResource: 'ephemeralcontainers' }))).allowed).toBe(false);
    expect(subject.examined.map(({ reference }) => reference)).toEqual(['r.example/debug:1']);
    expect((await answerTo(subject, updateOf(pod, pod))).allowed).toBe(true);
  });
});

describe('updates of pods', () => {
  test('judge only what has changed', async () => {
    const subject = world({ find: badWhere(({ reference }) => reference === 'r.example/app:1') });
    const after = podOf({ containers: [TWO.containers[0], { name: 'other', image: 'r.example/other:2' }] });
    expect((await answerTo(subject, updateOf(podOf(TWO), after))).allowed).toBe(true);
    expect(subject.examined.map(({ reference }) => reference)).toEqual(['r.example/other:2']);
    expect((await answerTo(world({ find: allBad }), updateOf(podOf(TWO), podOf(TWO, { labels: { a: 'b' } })))).allowed).toBe(true);
  });

  const MAIN = { name: 'main', image: 'r.example/app:1' };
  const wasm = { runtimeClassName: 'wasmtime' };
  test.each<readonly [name: string, before: WireObject, after: WireObject, metadata: WireObject]>([
    ['the image', { containers: [MAIN] }, { containers: [{ ...MAIN, image: 'r.example/app:2' }] }, {}],
    ['the command', { ...wasm, containers: [MAIN] }, { ...wasm, containers: [{ ...MAIN, command: ['/'] }] }, {}],
    ['arguments', { ...wasm, containers: [MAIN] }, { ...wasm, containers: [{ ...MAIN, args: ['x'] }] }, {}],
    ['the runtime class', { containers: [MAIN] }, { ...wasm, containers: [MAIN] }, {}],
    ['a toleration of Wasm nodes', { containers: [MAIN] }, { containers: [MAIN], tolerations: [{ key: 'kubernetes.io/arch', value: 'wasm32-wasi' }] }, {}],
    ['memory limits', { ...wasm, containers: [{ ...MAIN, resources: { limits: { memory: '1Mi' } } }] }, { ...wasm, containers: [MAIN] }, {}],
    ['variables of the host', { ...wasm, containers: [MAIN] }, { ...wasm, containers: [{ ...MAIN, env: [{ name: 'WASMEDGE_PLUGIN_PATH', value: '/x' }] }] }, {}],
    ['pull secrets', { containers: [MAIN] }, { containers: [MAIN], imagePullSecrets: [{ name: 's' }] }, {}],
    ['an annotation of the runtime', { containers: [MAIN] }, { containers: [MAIN] }, { annotations: { 'run.oci.handler': 'wasm' } }],
    ['a second container with what was a volume', { containers: [], volumes: [{ name: 'v', image: { reference: 'r.example/app:1' } }] }, { containers: [MAIN] }, {}],
  ])('%s counts as a change', async (_name, before, after, metadata) => {
    expect((await answerTo(world({ find: allBad }), updateOf(podOf(before), podOf(after, metadata)))).allowed).toBe(false);
    expect((await answerTo(world({ find: allBad }), updateOf(podOf(after, metadata), podOf(after, metadata)))).allowed).toBe(true);
  });

  test('an old object that is another one grants nothing', async () => {
    for (const other of [{ uid: 'p-2' }, { name: 'else' }, { namespace: 'else' }]) {
      expect((await answerTo(world({ find: allBad }), updateOf(podOf(TWO, other), podOf(TWO)))).allowed).toBe(false);
    }
    expect((await answerTo(world({ find: allBad }), updateOf({ ...podOf(TWO), kind: 'Other' }, podOf(TWO)))).allowed).toBe(false);
    expect((await answerTo(world({ find: allBad }), requestOf(podOf(TWO), { operation: 'UPDATE', oldObject: null }))).allowed).toBe(false);
    expect((await answerTo(world({ find: allBad }), requestOf(podOf(TWO), { operation: 'CREATE', oldObject: podOf(TWO) }))).allowed).toBe(false);
  });
});

test('an update of what was never read whole is judged again, unless nothing has changed', async () => {
  const pod = (last: string, metadata: WireObject = {}): WireObject => podOf({ containers: Array.from({ length: 1_100 }, (_, index) => ({ name: `c${index}`, image: index === 1_099 ? last : `r.example/app:${index}` })) }, metadata);
  const subject = world();
  expect((await answerTo(subject, updateOf(pod('a:1'), pod('a:2')))).allowed).toBe(false);
  expect((await answerTo(subject, updateOf(pod('a:1'), pod('a:1', { annotations: { 'sidecar.istio.io/proxyImage': 'evil:1' } })))).allowed).toBe(false);
  expect((await answerTo(subject, updateOf(pod('a:1'), pod('a:1', { resourceVersion: '2' })))).allowed).toBe(true);
});

describe('updates of other kinds', () => {
  test('judge everything when anything of the body has changed', async () => {
    const subject = world({ find: allBad });
    expect((await answerTo(subject, updateOf(plugin({ phase: 'AUTHN' }), plugin({ phase: 'AUTHZ' })))).allowed).toBe(false);
    expect((await answerTo(subject, updateOf(plugin({}), plugin({ selector: { a: ['b', { c: 1 }] } })))).allowed).toBe(false);
    expect((await answerTo(subject, updateOf(plugin({ a: { b: 1 } }), plugin({ a: { b: 1, c: 1 } })))).allowed).toBe(false);
    expect((await answerTo(subject, updateOf(plugin({ a: [1] }), plugin({ a: { 0: 1 } })))).allowed).toBe(false);
    expect((await answerTo(subject, updateOf(plugin({ a: [1] }), plugin({ a: [1, 2] })))).allowed).toBe(false);
  });

  test('judge nothing when metadata and status alone have', async () => {
    const subject = world({ find: allBad });
    const after = { ...plugin({ a: { b: [1, 2] } }, { annotations: { note: 'x' }, resourceVersion: '2' }), status: { ready: true } };
    expect((await answerTo(subject, updateOf(plugin({ a: { b: [1, 2] } }), after))).allowed).toBe(true);
    expect(subject.examined).toEqual([]);
  });

  test('see an annotation that counts', async () => {
    const subject = world({ find: badWhere(({ reference }) => reference.includes('evil')) });
    const request = updateOf(plugin({}), plugin({}, { annotations: { 'overrides.yoke.cd/flight': 'https://f.example/evil.wasm' } }));
    expect((await answerTo(subject, request)).allowed).toBe(false);
    const template = (annotations: WireObject): WireObject => ({ ...deployment(), spec: { template: { metadata: { annotations }, spec: TWO } } });
    expect((await answerTo(world({ find: allBad }), updateOf(template({}), template({ 'run.oci.handler': 'wasm' })))).warnings).not.toBeUndefined();
  });
});

describe('mirror pods', () => {
  const annotations = { 'kubernetes.io/config.mirror': 'hash' };
  const node = { userInfo: { username: 'system:node:a', groups: ['system:nodes', 'system:authenticated'] } };

  test('of a node with the annotation are let through and said so', async () => {
    const subject = world({ find: allBad });
    expect(await answerTo(subject, requestOf(podOf(TWO, { annotations }), node))).toEqual({
      uid: 'u-1', allowed: true, auditAnnotations: { decision: 'allow', exempt: 'mirror-pod' },
      warnings: ['Pod shop/web mirrors a static pod, which runs whatever is answered, so it was not judged'],
    });
    expect(subject.examined).toEqual([]);
  });

  test('need both, and nothing else may be unclear', async () => {
    const judged = async (request: AdmissionRequest): Promise<boolean> => !(await answerTo(world({ find: allBad }), request)).allowed;
    expect(await judged(requestOf(podOf(TWO, { annotations })))).toBe(true);
    expect(await judged(requestOf(podOf(TWO), node))).toBe(true);
    expect(await judged(requestOf(podOf(TWO, { annotations: { 'kubernetes.io/config.mirror': 5 } }), node))).toBe(true);
    expect(await judged(requestOf(podOf(TWO, { annotations, namespace: 'other' }), { ...node, namespace: 'shop' }))).toBe(true);
    expect(await judged(updateOf(podOf(), podOf(TWO, { annotations }), node))).toBe(true);
    expect(await judged(requestOf(podOf(TWO, { annotations }), { ...node, subResource: 'ephemeralcontainers' }))).toBe(true);
    expect(await judged(requestOf({ ...plugin({}, { annotations }) }, node))).toBe(true);
  });
});

describe('nothing that a user writes grants a pass', () => {
  test.each<readonly [string, WireObject]>([
    ['owner references', { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'known', uid: 'r-1', controller: true }] }],
    ['forged verdicts', { annotations: { 'wasmgate.dev/decision': 'allow', 'wasmgate.dev/verified': '{"r.example/app:1":"pass"}' } }],
    ['labels of namespaces', { labels: { 'wasmgate.dev/enforce': 'privileged', 'wasmgate.dev/exempt': 'true' } }],
    ['deletion', { deletionTimestamp: '2026-01-01T00:00:00Z' }],
    ['managed fields', { managedFields: [{ manager: 'wasmgate' }] }],
  ])('%s', async (_name, metadata) => {
    const { parts: _parts, ...subject } = world({ find: allBad });
    expect((await answerTo(subject as ReturnType<typeof world>, requestOf(podOf(TWO, metadata)))).allowed).toBe(false);
    expect(subject.questions.every(({ namespace }) => Object.keys(namespace!.labels!).length === 0)).toBe(true);
  });

  test('a replica set of a deployment is judged like any other', async () => {
    const set = { ...deployment(), kind: 'ReplicaSet', metadata: { name: 'web-1', namespace: 'shop', ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'd-1', controller: true }] } };
    expect((await answerTo(world({ find: allBad }), requestOf(set))).warnings![0]).toContain('will be denied');
  });
});

describe('where request and object disagree', () => {
  const strictIn = (name: string) => ({ policies: ({ namespace }: { readonly namespace: { readonly name: string } | null }) => ({ enforce: [namespace?.name === name ? judging('level: restricted', 'strict') : judging('rules: { capability-net-connect: "off" }\nmode: audit', 'mild')] }) });

  test('about the namespace, both are asked and the stricter counts', async () => {
    for (const [asked, own] of [['strict', 'mild'], ['mild', 'strict']]) {
      const subject = world({ find: allBad, ...strictIn('strict') });
      const { allowed, status } = await answerTo(subject, requestOf(podOf(TWO, { namespace: own }), { namespace: asked! }));
      expect(allowed).toBe(false);
      expect(status!.message).toContain(`The request is about namespace ${asked}, and its object says ${own}`);
    }
    expect((await answerTo(world({ find: allBad, ...strictIn('strict') }), requestOf(podOf(TWO, { namespace: 'mild' })))).allowed).toBe(true);
  });

  test('about the kind, the object is read as both', async () => {
    const subject = world({ find: allBad });
    const asPlugin = requestOf(plugin({}), { object: podOf(TWO) });
    expect((await answerTo(subject, asPlugin)).allowed).toBe(false);
    expect((await answerTo(subject, requestOf(podOf(), { object: { ...plugin({}) } }))).allowed).toBe(false);
    expect((await answerTo(subject, requestOf(podOf(), { object: { ...podOf(TWO), kind: 'Node' } }))).allowed).toBe(false);
    expect((await answerTo(subject, requestOf(podOf(), { object: { metadata: {}, spec: TWO } }))).allowed).toBe(false);
    expect((await answerTo(subject, requestOf({ ...podOf(TWO), apiVersion: 'x.example/v1', kind: 'Fake' }, { resource: { group: '', version: 'v1', resource: 'pods' } }))).allowed).toBe(false);
    // A deployment that calls itself a pod is denied as one.
    expect((await answerTo(subject, requestOf(deployment(), { object: { ...deployment(), kind: 'Pod', apiVersion: 'v1', spec: TWO } }))).allowed).toBe(false);
  });

  test('policies of every kind in question are asked', async () => {
    const subject = world();
    await answerTo(subject, requestOf(podOf(TWO), { kind: { group: 'apps', version: 'v1', kind: 'Deployment' } }));
    expect(new Set(subject.questions.map(({ kind }) => kind))).toEqual(new Set(['Pod', 'Deployment']));
  });

  test('a name says nothing for or against, and is noted', async () => {
    const { allowed, auditAnnotations } = await answerTo(world(), requestOf(podOf(TWO), { name: 'else' }));
    expect([allowed, auditAnnotations!['error']]).toEqual([true, 'The request is about the name else, and its object says web']);
  });
});

describe('modes', () => {
  const restricted = judging('level: restricted', 'restricted');
  const baseline = judging('level: baseline', 'baseline');

  test('the label warn warns, the label audit lists, and neither denies', async () => {
    const mild = judging('rules: { capability-net-connect: "off" }', 'mild');
    const subject = world({ find: () => [{ findings: [...BAD.findings!] }], policies: () => ({ enforce: [judging('mode: audit', 'shown')], warn: [restricted], audit: [mild] }) });
    const { allowed, warnings, auditAnnotations } = await answerTo(subject, requestOf(podOf()));
    expect([allowed, warnings]).toEqual([true, ['restricted: r.example/app:1: capability-net-connect: The module may open connections']]);
    expect(auditAnnotations).toMatchObject({ decision: 'warn', policy: 'shown', digests: ROOT_DIGEST });
    expect(auditAnnotations!['findings']).toContain('warn: capability-net-connect (oci://r.example/app:1)');
    const listed = await answerTo(world({ find: allBad, policies: () => ({ enforce: [judging('mode: audit', 'shown')], audit: [restricted] }) }), requestOf(podOf()));
    expect([listed.allowed, listed.warnings]).toEqual([true, undefined]);
    expect(listed.auditAnnotations!['findings']).toContain('audit: capability-net-connect');
  });

  test('what is warned of already is not said again for the label, and faults are said', async () => {
    const { warnings } = await answerTo(world({ find: () => [SO_SO], policies: () => ({ warn: [restricted], faults: ['Policy x is broken'] }) }), requestOf(podOf()));
    expect(warnings).toEqual(['Policy x is broken', 'r.example/app:1: debug-info-embedded: Debug information is left in']);
  });

  test('no warnings beside a denial', async () => {
    const { allowed, warnings, auditAnnotations } = await answerTo(world({ find: () => [BAD, SO_SO], policies: () => ({ warn: [restricted] }) }), requestOf(podOf()));
    expect([allowed, warnings, auditAnnotations!['decision']]).toEqual([false, undefined, 'deny']);
  });

  test('a policy in mode warn warns, warnings of findings warn', async () => {
    const warned = await answerTo(world({ find: allBad, policies: () => ({ enforce: [judging('mode: warn')] }) }), requestOf(podOf()));
    expect([warned.allowed, warned.warnings, warned.auditAnnotations!['decision']]).toEqual([true, ['r.example/app:1: capability-net-connect: The module may open connections'], 'warn']);
    expect((await answerTo(world({ find: () => [SO_SO] }), requestOf(podOf()))).warnings).toEqual(['r.example/app:1: debug-info-embedded: Debug information is left in']);
  });

  test('equal lists are judged once, and each reference is asked for once', async () => {
    let judgements = 0;
    const policies = [baseline];
    const subject = world({ policies: () => ({ enforce: policies, warn: [baseline], audit: [baseline] }) });
    const parts = { ...subject.parts.examiner, examine: async (...args: Parameters<typeof subject.parts.examiner.examine>) => (await subject.parts.examiner.examine(...args)).map((one) => ({ ...one, judge: (...asked: Parameters<typeof one.judge>) => (judgements++, one.judge(...asked)) })) };
    const counting = world({ policies: () => ({ enforce: policies, warn: [baseline], audit: [baseline] }), parts: { examiner: parts } });
    await answerTo(counting, requestOf(podOf({ containers: [1, 2, 3].map((number) => ({ name: `c${number}`, image: 'r.example/app:1' })) })));
    expect([judgements, counting.questions.length]).toEqual([3, 1]);
    await answerTo(world({ policies: () => ({ enforce: policies, audit: policies }), parts: { examiner: parts } }), requestOf(podOf()));
    expect(judgements).toBe(4);
  });

  test('policies that only what is found falls under are asked too', async () => {
    const subject = world({ find: () => [{ reference: 'r.example/inner', ...BAD }], policies: ({ reference }) => ({ enforce: [reference === 'r.example/inner' ? restricted : judging('mode: audit')] }) });
    expect((await answerTo(subject, requestOf(podOf()))).allowed).toBe(false);
    expect(subject.requests.at(-1)!.policies).toContain(restricted);
  });
});

describe('what could not be judged', () => {
  test.each([['deadline', 'Not analysed before the deadline'], ['queue-full', 'too many scans are waiting']])('%s is said, and onError decides', async (code, words) => {
    const failure = { kind: 'unreadable' as const, code, message: 'r.example/app:1' };
    const denied = await answerTo(world({ find: () => [{ failure }] }), requestOf(podOf()));
    expect(denied).toMatchObject({ allowed: false, status: { code: 403, details: { causes: [{ reason: code, field: '/spec/containers/0/image' }] } }, auditAnnotations: { decision: 'error' } });
    expect(denied.status!.message).toContain(words);
    expect(denied.status!.message).toContain('fix: Try again in a moment');
    const allowed = await answerTo(world({ find: () => [{ failure }], policies: () => ({ enforce: [judging('onError: allow')] }) }), requestOf(podOf()));
    expect([allowed.allowed, allowed.auditAnnotations!['error']]).toEqual([true, `${code}: oci://r.example/app:1`]);
    expect(allowed.warnings![0]).toContain(code);
  });

  test('labels that could not be looked up are passed on as unknown', async () => {
    const subject = world({ find: allBad, labels: () => null, policies: ({ namespace }) => ({ enforce: [judging(namespace!.labels === null ? 'level: restricted' : 'mode: audit')], faults: ['The labels of namespace shop could not be looked up'] }) });
    const { allowed, status, auditAnnotations } = await answerTo(subject, requestOf(podOf()));
    expect(allowed).toBe(false);
    expect(status!.message).toContain('could not be looked up');
    expect(auditAnnotations!['error']).toContain('could not be looked up');
  });

  test('an examiner that finds nothing has not said that all is well', async () => {
    expect((await answerTo(world({ find: () => [] }), requestOf(podOf()))).allowed).toBe(false);
  });

  test('policies that have not been read deny what carries anything', async () => {
    const subject = world({ ready: false });
    expect(await answerTo(subject, requestOf(podOf()))).toMatchObject({ allowed: false, status: { details: { causes: [{ reason: 'policies-not-ready' }] } } });
    expect((await answerTo(subject, requestOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop' }, data: { a: 'b' } }))).allowed).toBe(true);
  });

  test('objects nested too deep, and with too much in them, are not analysed', async () => {
    let deep: unknown = 'r.example/app:1';
    for (let depth = 0; depth < 300; depth++) deep = { deep };
    expect((await answerTo(world(), requestOf(podOf({ ...TWO, deep })))).status!.message).toContain('nested deeper');
    expect((await answerTo(world(), requestOf({ apiVersion: 'x.example/v1', kind: 'Thing', metadata: { name: 'a' }, deep }))).allowed).toBe(false);
    expect((await answerTo(world(), requestOf({ ...deployment(), deep }))).warnings!.join()).toContain('nested deeper');
    const many = podOf({ containers: Array.from({ length: 1_100 }, (_, index) => ({ name: `c${index}`, image: `r.example/app:${index}` })) });
    const subject = world();
    expect((await answerTo(subject, requestOf(many))).status!.message).toContain('more than 1000 images');
    expect(subject.examined).toHaveLength(1_000);
  });

  test('few carriers of one object are examined at the same time', async () => {
    let [running, most] = [0, 0];
    const find = async (): Promise<readonly object[]> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => { setTimeout(resolve, 1); });
      running--;
      return [{}];
    };
    await answerTo(world({ find }), requestOf(podOf({ containers: Array.from({ length: 50 }, (_, index) => ({ image: `a:${index}` })) })));
    expect(most).toBe(8);
  });
});

describe('exceptions', () => {
  const boom = (): never => { throw new Error('boom at /etc/secret'); };
  test.each<readonly [string, Parameters<typeof world>[0]]>([
    ['the examiner', { find: boom }],
    ['the policies', { policies: boom }],
    ['the namespaces', { labels: boom }],
    ['the runtime classes', { cluster: { runtimeClass: boom } }],
    ['the pull secrets', { cluster: { pullSecrets: boom }, settings: { readPullSecrets: true } }],
    ['the hash', { parts: { hash: boom } }],
    ['the clock', { parts: { now: boom } }],
  ])('in %s deny, are counted and logged, and say nothing of what is inside', async (name, options) => {
    const subject = world(options);
    const object = name === 'the hash' ? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop' }, binaryData: { 'm.wasm': 'AGFzbQEAAAA=' } } : podOf({ ...TWO, runtimeClassName: 'x' });
    const { allowed, status, auditAnnotations } = await answerTo(subject, requestOf(object));
    expect([allowed, status!.code, status!.reason, auditAnnotations]).toEqual([false, 403, 'Forbidden', { decision: 'error', error: 'exception' }]);
    expect(status!.message).toContain('uid u-1');
    expect(status!.message).not.toContain('boom');
    expect([subject.counts.get('errors exception'), subject.logged.length]).toEqual([1, 1]);
  });

  test('in metrics and logs change no answer', async () => {
    const broken = { inc: boom };
    const parts = { metrics: { evaluations: broken, errors: broken }, log: { info: boom, warn: boom, error: boom } };
    expect((await answerTo(world({ parts }), requestOf(podOf()))).allowed).toBe(true);
    expect((await answerTo(world({ parts, find: boom }), requestOf(podOf()))).allowed).toBe(false);
  });

  test('a request that is none is denied', async () => {
    const { admission } = world();
    expect(await admission.validate(null as unknown as AdmissionRequest, DEADLINE)).toMatchObject({ uid: '', allowed: false });
    expect(await admission.mutate({ uid: 'u-2', object: {} } as unknown as AdmissionRequest, DEADLINE)).toMatchObject({ uid: 'u-2', allowed: false });
  });
});

describe('what is handed to the examiner', () => {
  test('the deadline, and pull secrets of the namespace of the request alone', async () => {
    const asked: unknown[] = [];
    const cluster = { pullSecrets: async (...names: unknown[]) => (asked.push(names), ['{"auths":{}}']) };
    const subject = world({ cluster, settings: { readPullSecrets: true } });
    const spec = { ...TWO, serviceAccountName: 'robot', imagePullSecrets: [{ name: 'mine' }, { name: '../../other/secrets/theirs' }] };
    await answerTo(subject, requestOf(podOf(spec, { namespace: 'other' }), { namespace: 'shop' }));
    expect(asked).toEqual([['shop', ['mine'], 'robot']]);
    expect(subject.requests.map(({ pullSecrets, deadline }) => [pullSecrets, deadline])).toEqual([[['{"auths":{}}'], DEADLINE], [['{"auths":{}}'], DEADLINE]]);
    await answerTo(world({ cluster }), requestOf(podOf(spec)));
    expect(asked).toHaveLength(1);
    await answerTo(subject, requestOf(deployment()));
    expect(asked.at(-1)).toEqual(['shop', [], 'default']);
  });

  const spec = { runtimeClassName: 'wasmtime', containers: [{ name: 'main', image: 'r.example/app:1', volumeMounts: [{ name: 'm', mountPath: '/m' }] }], volumes: [{ name: 'm', configMap: { name: 'modules' } }] };

  test('bytes of ConfigMaps that a Wasm pod mounts, where they may be read', async () => {
    const read: unknown[] = [];
    const cluster = { store: async (...asked: unknown[]) => (read.push(asked), { binaryData: { 'm.wasm': 'AGFzbQEAAAA=' }, metadata: { name: 'lie', namespace: 'lie' } }) };
    const subject = world({ cluster, settings: { readStores: true }, find: badWhere(({ bytes }) => bytes?.length === 8) });
    expect((await answerTo(subject, requestOf(podOf(spec)))).allowed).toBe(false);
    expect(read).toEqual([['ConfigMap', 'shop', 'modules']]);
    expect(subject.examined.map(({ kind, scheme, reference }) => `${kind} ${scheme} ${reference}`).sort()).toEqual(['Pod configmap shop/modules/m.wasm', 'Pod oci r.example/app:1']);
    const closed = world({ cluster });
    await answerTo(closed, requestOf(podOf(spec)));
    expect(closed.examined.map(({ scheme, reference, bytes }) => `${scheme} ${reference} ${String(bytes)}`).sort()).toEqual(['configmap shop/modules undefined', 'oci r.example/app:1 undefined']);
  });

  test('on an update only those of what has changed, and never by a name that is a path', async () => {
    const read: unknown[] = [];
    const cluster = { store: async (...asked: unknown[]) => (read.push(asked), null) };
    const subject = world({ cluster, settings: { readStores: true } });
    await answerTo(subject, updateOf(podOf(spec), podOf({ ...spec, containers: [{ ...spec.containers[0], image: 'r.example/app:2' }] })));
    expect([read, subject.examined.map(({ reference }) => reference)]).toEqual([[], ['r.example/app:2']]);
    await answerTo(subject, requestOf(podOf({ ...spec, volumes: [{ name: 'm', configMap: { name: '../../kube-system/secrets/x' } }] })));
    expect(read).toEqual([]);
    expect(subject.examined.map(({ scheme }) => scheme)).toContain('configmap');
  });

  test('of a new mount, beside carriers that have not changed', async () => {
    const cluster = { store: async () => ({ binaryData: { 'm.wasm': 'AGFzbQEAAAA=' } }) };
    const subject = world({ cluster, settings: { readStores: true } });
    const before = { ...spec, volumes: [{ name: 'm', emptyDir: {} }] };
    await answerTo(subject, updateOf(podOf(before), podOf(spec)));
    expect(subject.examined.map(({ reference }) => reference)).toEqual(['shop/modules/m.wasm']);
  });

  test('what the cluster knows of runtime classes', async () => {
    const subject = world({ cluster: { runtimeClass: (name) => (name === 'quiet' ? { wasm: true, profile: 'spin' } : null) } });
    await answerTo(subject, requestOf(podOf({ ...TWO, runtimeClassName: 'quiet' })));
    expect(subject.examined[0]).toMatchObject({ certain: true, signals: ['runtimeClassName: quiet'], host: { profile: 'spin' } });
  });
});

describe('metrics', () => {
  test('count judgements of each list and errors, under names that have a bound', async () => {
    const failure = { kind: 'outside', code: 'http-503', message: 'x' } as const;
    const subject = world({ find: ({ reference }) => (reference === 'x:1' ? [{ failure }] : [BAD]), policies: () => ({ warn: [judging('level: restricted', 'w')], faults: ['Odd'] }) });
    await answerTo(subject, requestOf(podOf({ containers: [{ image: 'x:1' }, { image: 'y:1' }] }), { name: 'else' }));
    expect(Object.fromEntries(subject.counts)).toEqual({
      'evaluations baseline v1 enforce error': 1, 'evaluations restricted v1 warn error': 1, 'evaluations baseline v1 enforce deny': 1, 'evaluations restricted v1 warn deny': 1,
      'errors not-analysed': 1, 'errors strictest': 1, 'errors disagreement': 1,
    });
  });

  test('take the instruments of the process', async () => {
    const metrics = createMetrics();
    await answerTo(world({ find: allBad, parts: { metrics } }), requestOf(podOf()));
    expect(await metrics.registry.metrics()).toContain('wasmgate_policy_evaluations_total{level="baseline",version="v1",mode="enforce",decision="deny"} 1');
  });
});
