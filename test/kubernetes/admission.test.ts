import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CUSTOM_ROWS } from '../../scanner/kubernetes/custom-rows.ts';
import type { ApiAnswer, ApiObject } from './api-client.ts';
import { PURE, SPAWN } from './artifacts.ts';
import { runTool } from './control-plane.ts';
import { CUSTOM_KINDS, define, pathOf } from './custom-resources.ts';
import { canRunKubernetes } from './namespace.ts';
import { customExamples, inlineExamples, pod, type PodParts, workloads } from './objects.ts';
import { eventually } from './process.ts';
import { startWorld, type World } from './world.ts';

const RULE = 'capability-process-spawn';
const PODS = '/api/v1/namespaces/shop/pods';
const EXAMPLES = customExamples(CUSTOM_KINDS);

describe.skipIf(!canRunKubernetes())('wasmgate in a cluster', () => {
  let world: World;
  let count = 0;

  beforeAll(async () => {
    world = await startWorld({
      controllerManager: true,
      values: { webhook: { configMaps: { enabled: true }, secrets: { enabled: true } }, access: { configMaps: true, secrets: true }, audit: { intervalSeconds: 0 } },
      before: async (plane) => {
        await define(plane, CUSTOM_KINDS);
        for (const [name, wasm] of [['old-spawn', SPAWN], ['old-pure', PURE]] as const) await plane.api.post('/api/v1/namespaces/shop/configmaps', { metadata: { name }, binaryData: { module: Buffer.from(wasm).toString('base64') } });
      },
    });
  });
  afterAll(() => world?.stop());

  const unique = (): string => `object-${count++}`;
  const create = (image: string, parts?: PodParts): Promise<ApiAnswer> => world.plane.api.post(PODS, pod(unique(), 'shop', image, parts));
  const apply = (object: ApiObject) => world.plane.kubectl(['apply', '-f', '-'], JSON.stringify(object));

  describe('a pod', () => {
    test('that breaks policy is refused with the artifact, its digest, the rule and the fix, as kubectl shows it', async () => {
      const { artifacts } = world;
      const { code, errors } = await apply(pod('bad', 'shop', artifacts.pinned('spawn')));
      expect(code).toBe(1);
      const shown = errors.replaceAll(artifacts.registry.host, 'REGISTRY').replaceAll(artifacts.digest('spawn'), 'DIGEST');
      expect(shown).toMatch(/^Error from server \(Forbidden\): error when creating "STDIN": admission webhook "pods-with-signal\.wasmgate\.dev" denied the request: Pod shop\/bad [^\n]*1 of 1 artifact\n/);
      expect(shown).toContain('REGISTRY/acme/spawn@DIGEST (/spec/containers/0/image)\n  digest ');
      expect(shown).toMatch(new RegExp(`\\n  ${RULE}: [^\\n]+\\n    fix: [^\\n]+\\n`));
      expect(shown).toContain('  policy baseline@v1');
    });

    test('that keeps to it is created without a word', async () => {
      expect(await apply(pod('good', 'shop', world.artifacts.pinned('pure')))).toEqual({ code: 0, output: 'pod/good created\n', errors: '' });
    });

    test('by a tag is created with a warning', async () => {
      const { code, errors } = await apply(pod(unique(), 'shop', world.artifacts.tagged('pure')));
      expect([code, errors]).toEqual([0, expect.stringMatching(/^Warning: .*oci-mutable-reference/)]);
    });

    test('without a signal is judged by what its image is', async () => {
      expect(await create(world.artifacts.pinned('web'), { runtimeClassName: null })).toMatchObject({ status: 201, warnings: [] });
      expect(await create(world.artifacts.pinned('pure'), { runtimeClassName: null })).toMatchObject({ status: 201 });
      const { status, body } = await create(world.artifacts.pinned('spawn'), { runtimeClassName: null });
      expect([status, body.message]).toEqual([403, expect.stringContaining(RULE)]);
      expect(body.message).toContain('admission webhook "pods.wasmgate.dev" denied the request');
    });

    test('under a Wasm runtime class without Wasm in its image is created with a warning', async () => {
      const { status, warnings } = await create(world.artifacts.pinned('web'));
      expect([status, warnings.length]).toEqual([201, 1]);
    });

    test.each<[string, (bad: string) => Readonly<Record<string, unknown>>]>([
      ['second container', (image) => ({ containers: [{ name: 'main', image: world.artifacts.pinned('pure') }, { name: 'second', image }] })],
      ['init container', (image) => ({ initContainers: [{ name: 'first', image }] })],
      ['sidecar', (image) => ({ initContainers: [{ name: 'side', image, restartPolicy: 'Always' }] })],
      ['image volume', (reference) => ({ volumes: [{ name: 'modules', image: { reference } }] })],
    ])('is refused for its %s', async (_name, spec) => {
      const { status, body } = await create(world.artifacts.pinned('pure'), { spec: spec(world.artifacts.pinned('spawn-image')) });
      expect([status, body.message]).toEqual([403, expect.stringContaining(RULE)]);
      expect(await create(world.artifacts.pinned('pure'), { spec: spec(world.artifacts.pinned('pure-image')) })).toMatchObject({ status: 201 });
    });

    test('gets no ephemeral container that breaks policy', async () => {
      const debug = (image: string) => world.plane.api.send('PATCH', `${PODS}/good/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: unique(), image, targetContainerName: 'main' }] } }, 'application/strategic-merge-patch+json');
      expect(await debug(world.artifacts.pinned('spawn'))).toMatchObject({ status: 403, body: { message: expect.stringContaining('/spec/ephemeralContainers/0/image') } });
      expect(await debug(world.artifacts.pinned('pure'))).toMatchObject({ status: 200 });
    });

    test('is judged again when its image changes, and left alone when its labels do', async () => {
      const name = unique();
      await world.plane.api.post(PODS, pod(name, 'shop', world.artifacts.pinned('pure')));
      const update = (body: object) => world.plane.api.send('PATCH', `${PODS}/${name}`, body, 'application/strategic-merge-patch+json');
      expect(await update({ metadata: { labels: { team: 'a' } } })).toMatchObject({ status: 200 });
      expect(await update({ spec: { containers: [{ name: 'main', image: world.artifacts.pinned('spawn') }] } })).toMatchObject({ status: 403, body: { message: expect.stringContaining(RULE) } });
    });

    test('is judged while it is being deleted', async () => {
      const name = unique();
      await world.plane.api.post(PODS, pod(name, 'shop', world.artifacts.pinned('pure'), { finalizers: ['tests.wasmgate.dev/kept'] }));
      await world.plane.api.delete(`${PODS}/${name}`);
      expect(await world.plane.api.get(`${PODS}/${name}`)).toMatchObject({ status: 200, body: { metadata: { deletionTimestamp: expect.any(String) } } });
      expect(await world.plane.api.send('PATCH', `${PODS}/${name}`, { spec: { containers: [{ name: 'main', image: world.artifacts.pinned('spawn') }] } }, 'application/strategic-merge-patch+json')).toMatchObject({ status: 403, body: { message: expect.stringContaining(RULE) } });
      expect(await world.plane.api.patch(`${PODS}/${name}`, { metadata: { finalizers: null } })).toMatchObject({ status: 200 });
    });

    test.each<[string, PodParts]>([
      ['the mark of a mirror pod', { annotations: { 'kubernetes.io/config.mirror': 'x' }, spec: { nodeName: 'node-1', automountServiceAccountToken: false } }],
      ['a level in its labels', { labels: { 'wasmgate.dev/enforce': 'privileged', 'app.kubernetes.io/managed-by': 'wasmgate' } }],
      ['an image under another platform', { spec: { nodeSelector: { 'kubernetes.io/arch': 'amd64' } } }],
    ])('is not let through for %s', async (_name, parts) => {
      const { status, body } = await create(world.artifacts.pinned('spawn'), parts);
      expect([status, body.message]).toEqual([403, expect.stringContaining(RULE)]);
    });

    test('is not let through for an owner that was', async () => {
      const owner = await world.plane.api.post('/apis/apps/v1/namespaces/shop/replicasets', workloads(unique(), 'shop', world.artifacts.pinned('pure'))[1]!);
      const object = pod(unique(), 'shop', world.artifacts.pinned('spawn'));
      const { name, uid } = owner.body.metadata!;
      const { status } = await world.plane.api.post(PODS, { ...object, metadata: { ...object.metadata, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid, controller: true }] } });
      expect(status).toBe(403);
    });

    test('is judged as a dry run as well', async () => {
      expect(await world.plane.api.post(`${PODS}?dryRun=All`, pod(unique(), 'shop', world.artifacts.pinned('spawn')))).toMatchObject({ status: 403 });
      expect(await world.plane.kubectl(['run', 'dry', '-n', 'shop', '--dry-run=server', `--image=${world.artifacts.pinned('pure')}`])).toMatchObject({ code: 0 });
    });

    test('is deleted without being judged', async () => {
      const name = unique();
      await world.plane.api.post(PODS, pod(name, 'shop', world.artifacts.pinned('pure')));
      const before = world.artifacts.registry.requests.length;
      expect(await world.plane.api.delete(`${PODS}/${name}`)).toMatchObject({ status: 200 });
      expect(world.artifacts.registry.requests.length).toBe(before);
    });
  });

  describe('what makes pods', () => {
    test('is created with a warning of what its pods will meet', async () => {
      for (const object of workloads(unique(), 'shop', world.artifacts.pinned('spawn'))) {
        const { code, errors } = await apply(object);
        expect([object.kind, code, errors]).toEqual([object.kind, 0, expect.stringMatching(/^Warning: Pods of .* will be denied: 1 of 1 artifact.*\n(.*\n)*Warning: .*capability-process-spawn/)]);
      }
      for (const object of workloads(unique(), 'shop', world.artifacts.pinned('pure'))) expect([object.kind, (await apply(object)).errors]).toEqual([object.kind, '']);
    });

    test('tells in its condition why there are no pods', async () => {
      const name = unique();
      await apply(workloads(name, 'shop', world.artifacts.pinned('spawn'))[0]!);
      const told = await eventually('the condition', async () => {
        const { body } = await world.plane.api.get(`/apis/apps/v1/namespaces/shop/deployments/${name}`);
        return ((body['status'] as { conditions?: { type: string; message: string }[] }).conditions ?? []).find(({ type }) => type === 'ReplicaFailure')?.message ?? null;
      });
      expect(told).toContain(RULE);
      expect(told).toContain(world.artifacts.pinned('spawn'));
    });
  });

  describe('bytes in the cluster itself', () => {
    test.each<['ConfigMap' | 'Secret', string]>([['ConfigMap', 'binaryData'], ['Secret', 'data']])('in a %s are judged when they are written', async (kind, field) => {
      const object = (wasm: Uint8Array) => ({ apiVersion: 'v1', kind, metadata: { name: unique(), namespace: 'shop' }, [field]: { 'app.wasm': Buffer.from(wasm).toString('base64') } });
      const { code, errors } = await apply(object(SPAWN));
      expect([code, errors]).toEqual([1, expect.stringContaining(RULE)]);
      expect(await apply(object(PURE))).toMatchObject({ code: 0 });
      expect(await apply({ apiVersion: 'v1', kind, metadata: { name: unique(), namespace: 'shop' }, ...(kind === 'Secret' ? { stringData: { a: 'b' } } : { data: { a: 'b' } }) })).toMatchObject({ code: 0, errors: '' });
    });

    test('that a Wasm pod mounts are judged with it, though they were there before', async () => {
      const mounting = (name: string) => ({ volumes: [{ name: 'modules', configMap: { name } }], containers: [{ name: 'main', image: world.artifacts.pinned('pure'), volumeMounts: [{ name: 'modules', mountPath: '/modules' }] }] });
      expect(await create(world.artifacts.pinned('pure'), { spec: mounting('old-spawn') })).toMatchObject({ status: 403, body: { message: expect.stringContaining(RULE) } });
      expect(await create(world.artifacts.pinned('pure'), { spec: mounting('old-pure') })).toMatchObject({ status: 201 });
    });
  });

  describe.each(EXAMPLES.map((example) => ({ ...example, name: `${example.kind.group} ${example.kind.kind}` })))('$name', ({ kind, object }) => {
    test('is answered by what it refers to', async () => {
      const { onDeny } = CUSTOM_ROWS.find((row) => row.group === kind.group && row.kind === kind.kind)!;
      const path = pathOf(kind, 'shop');
      const bad = await world.plane.api.post(path, object(unique(), 'shop', world.artifacts.pinned('spawn')));
      const good = await world.plane.api.post(path, object(unique(), 'shop', world.artifacts.pinned('pure')));
      expect([good.status, good.warnings.filter((text) => text.includes(RULE))]).toEqual([201, []]);
      if (onDeny === 'deny') expect([bad.status, bad.body.message]).toEqual([403, expect.stringContaining(RULE)]);
      else expect([bad.status, bad.warnings.join('\n')]).toEqual([201, expect.stringContaining(RULE)]);
    });
  });

  test('modules in Envoy configuration are judged', async () => {
    for (const object of inlineExamples(unique(), 'shop', SPAWN)) {
      const { code, errors } = await apply(object);
      expect([object.kind, code, errors]).toEqual([object.kind, 1, expect.stringContaining(RULE)]);
    }
    for (const object of inlineExamples(unique(), 'shop', PURE)) expect([object.kind, (await apply(object)).code]).toEqual([object.kind, 0]);
  });

  test('the audit log keeps decision, policy, digests and findings, of what was let through and of what was refused', async () => {
    const [good, bad] = [unique(), unique()];
    await world.plane.api.post(PODS, pod(good, 'shop', world.artifacts.pinned('pure')));
    await world.plane.api.post(PODS, pod(bad, 'shop', world.artifacts.pinned('spawn')));
    const kept = (name: string) => {
      const event = world.plane.auditEvents().find(({ verb, objectRef }) => verb === 'create' && objectRef?.resource === 'pods' && objectRef.name === name);
      return Object.fromEntries(Object.entries(event?.annotations ?? {}).filter(([key]) => key.startsWith('pods-with-signal.wasmgate.dev/')).map(([key, text]) => [key.split('/')[1], text]));
    };
    expect(kept(good)).toEqual({ decision: 'allow', policy: 'baseline@v1', digests: world.artifacts.digest('pure') });
    expect(kept(bad)).toEqual({ decision: 'deny', policy: 'baseline@v1', digests: world.artifacts.digest('spawn'), findings: expect.stringContaining(`enforce: ${RULE}`) });
  });

  test('a user without rights over policies cannot talk his way out', async () => {
    await world.plane.kubectl(['create', 'serviceaccount', 'developer', '-n', 'shop']);
    await world.plane.kubectl(['create', 'rolebinding', 'developer', '-n', 'shop', '--clusterrole=edit', '--serviceaccount=shop:developer']);
    const { kubeconfig } = await world.plane.serviceAccount('shop', 'developer');
    const place = { folder: world.plane.folder, kubeconfig };
    const tries = [
      pod('bad', 'shop', world.artifacts.pinned('spawn')),
      { apiVersion: 'wasmgate.dev/v1alpha1', kind: 'ClusterWasmPolicy', metadata: { name: 'mine' }, spec: { level: 'privileged' } },
      { apiVersion: 'wasmgate.dev/v1alpha1', kind: 'WasmWaiver', metadata: { name: 'mine', namespace: 'wasmgate' }, spec: { rule: RULE, digest: world.artifacts.digest('spawn'), reason: 'mine', owner: 'me', expires: '2099-12-31' } },
    ];
    for (const object of tries) expect((await runTool('kubectl', ['apply', '-f', '-'], { ...place, input: JSON.stringify(object) })).code).toBe(1);
  });
});
