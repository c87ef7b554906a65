import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ApiAnswer } from './api-client.ts';
import { PURE, SPAWN } from './artifacts.ts';
import { canRunKubernetes } from './namespace.ts';
import { pod } from './objects.ts';
import { eventually } from './process.ts';
import { startWorld, type World } from './world.ts';

const RULE = 'capability-process-spawn';
const CLUSTER = '/apis/wasmgate.dev/v1alpha1/clusterwasmpolicies';
const moduleDigest = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const WAIVER = { rule: RULE, reason: 'Known', owner: 'team-a' };

describe.skipIf(!canRunKubernetes())('policies of a cluster', () => {
  let world: World;
  let namespace: string;
  let count = 0;

  beforeAll(async () => {
    world = await startWorld({ values: { audit: { intervalSeconds: 0 } } });
  });
  afterAll(() => world?.stop());
  beforeEach(async () => {
    namespace = `team-${count++}`;
    await world.plane.namespace(namespace);
  });

  const judge = (name: 'pure' | 'spawn', where = namespace): Promise<ApiAnswer> => world.plane.api.post(`/api/v1/namespaces/${where}/pods?dryRun=All`, pod('one', where, world.artifacts.pinned(name)));
  const label = (labels: Readonly<Record<string, string | null>>) => world.plane.api.patch(`/api/v1/namespaces/${namespace}`, { metadata: { labels } });
  const write = async (kind: 'ClusterWasmPolicy' | 'WasmPolicy' | 'WasmWaiver', spec: object, { where = namespace, name = namespace } = {}): Promise<string> => {
    const path = kind === 'ClusterWasmPolicy' ? CLUSTER : `/apis/wasmgate.dev/v1alpha1/namespaces/${where}/${kind === 'WasmPolicy' ? 'wasmpolicies' : 'wasmwaivers'}`;
    const { status, body } = await world.plane.api.post(path, { apiVersion: 'wasmgate.dev/v1alpha1', kind, metadata: { name }, spec });
    if (status !== 201) throw new Error(body.message);
    return `${path}/${name}`;
  };
  /** For this namespace alone, so that tests do not meet. */
  const here = (spec: object) => ({ match: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }, ...spec });
  const becomes = (expected: number, name: 'pure' | 'spawn' = 'spawn', where = namespace) => eventually(`${name} in ${where} is answered with ${expected}`, async () => {
    const answer = await judge(name, where);
    return answer.status === expected ? answer : null;
  }, { patience: 15_000 });
  /** What holds for a while will not change. */
  const stays = async (expected: number, name: 'pure' | 'spawn' = 'spawn') => {
    for (let time = 0; time < 10; time++) {
      expect((await judge(name)).status).toBe(expected);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  };
  const condition = (path: string, type = 'Ready') => eventually(`${path} has a condition ${type}`, async () => {
    const { body } = await world.plane.api.get(path);
    return ((body['status'] as { conditions?: { type: string; status: string; reason: string; observedGeneration?: number }[] } | undefined)?.conditions ?? []).find((one) => one.type === type && one.observedGeneration === body.metadata?.['generation']) ?? null;
  });

  test('that say nothing let a pod in that breaks none, without a word', async () => {
    expect(await judge('pure')).toMatchObject({ status: 201, warnings: [] });
  });

  describe('labels of a namespace', () => {
    test('tighten what is enforced', async () => {
      expect((await judge('pure')).status).toBe(201);
      expect((await label({ 'wasmgate.dev/enforce': 'restricted' })).status).toBe(200);
      const { body } = await becomes(403, 'pure');
      expect(body.message).toContain('signature-missing');
      expect((await label({ 'wasmgate.dev/enforce': null })).status).toBe(200);
      await becomes(201, 'pure');
    });

    test('loosen nothing that the cluster demands', async () => {
      expect((await label({ 'wasmgate.dev/enforce': 'privileged' })).status).toBe(200);
      await stays(403);
    });

    test('loosen where every matching policy of the cluster allows it', async () => {
      const path = await write('ClusterWasmPolicy', here({ level: 'baseline', allowNamespaceOverride: true }));
      await label({ 'wasmgate.dev/enforce': 'privileged' });
      await becomes(201);
      await write('ClusterWasmPolicy', here({ level: 'baseline' }), { name: `${namespace}-strict` });
      await becomes(403);
      await world.plane.api.delete(`${path}-strict`);
      await world.plane.api.delete(path);
    });

    test('warn, and list in the audit log, without refusing', async () => {
      await label({ 'wasmgate.dev/warn': 'restricted', 'wasmgate.dev/audit': 'restricted' });
      let said: readonly string[] = [];
      await eventually('a warning', async () => {
        const { status, warnings } = await judge('pure');
        said = warnings;
        return status === 201 && warnings.some((text) => text.startsWith('restricted@v1: ')) ? true : null;
      }, { patience: 10_000, why: () => said.join('; ') });
      const kept = world.plane.auditEvents().filter(({ objectRef }) => objectRef?.namespace === namespace && objectRef.resource === 'pods').at(-1)?.annotations?.['pods-with-signal.wasmgate.dev/findings'];
      expect(kept).toMatch(/audit: [^;]*signature-missing/);
      // However long the name of the artifact is, the rule is told.
      expect(said.join('\n')).toContain('signature-missing');
    });

    test.each([[{ 'wasmgate.dev/enforce': 'strict' }], [{ 'wasmgate.dev/enforce': 'baseline', 'wasmgate.dev/enforce-version': 'v99' }], [{ 'wasmgate.dev/warn': '' }]])('that cannot be read are refused: %j', async (labels) => {
      const { code, errors } = await world.plane.kubectl(['label', 'namespace', namespace, '--overwrite', ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]);
      expect([code, errors]).toEqual([1, expect.stringContaining('admission webhook "namespaces.wasmgate.dev" denied the request')]);
    });

    test('that are tightened tell which pods they would refuse', async () => {
      for (const name of ['a', 'b']) await world.plane.api.post(`/api/v1/namespaces/${namespace}/pods`, pod(name, namespace, world.artifacts.pinned('pure')));
      const { warnings } = await label({ 'wasmgate.dev/enforce': 'restricted' });
      expect(warnings).toContain(`2 of 2 pods in namespace ${namespace} would be denied by the new labels`);
    });

    test('count where they were there before anybody could refuse them', async () => {
      const configuration = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/wasmgate';
      const { body } = await world.plane.api.get(configuration);
      const { metadata, ...rest } = body;
      await world.plane.api.delete(configuration);
      await eventually('the label is set', async () => (await label({ 'wasmgate.dev/enforce': 'nonsense' })).status === 200 || null);
      await world.plane.api.post('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', { ...rest, metadata: { name: metadata!.name, labels: metadata!.labels } });
      const answer = await becomes(403, 'pure');
      expect(answer.body.message).toMatch(/Label wasmgate\.dev\/enforce=nonsense names no level, so .*restricted@v1/);
    });
  });

  describe('policies', () => {
    test('of the cluster take the place of the default, and say that they are in force', async () => {
      const path = await write('ClusterWasmPolicy', here({ capabilities: { allow: ['process-spawn'] } }));
      await becomes(201);
      expect(await condition(path)).toMatchObject({ status: 'True', reason: 'InForce' });
      await world.plane.api.delete(path);
      await becomes(403);
    });

    test('of a namespace tighten', async () => {
      await write('WasmPolicy', { level: 'restricted' });
      await becomes(403, 'pure');
    });

    test('of a namespace loosen nothing', async () => {
      const path = await write('WasmPolicy', { level: 'privileged', capabilities: { allow: ['process-spawn'] }, mode: 'warn', waivers: [{ ...WAIVER, digest: moduleDigest(SPAWN), expires: '2099-12-31' }] });
      await condition(path);
      await stays(403);
    });

    test('of one namespace say nothing about another', async () => {
      const path = await write('WasmPolicy', { level: 'restricted' });
      await condition(path);
      expect((await judge('pure', 'shop')).status).toBe(201);
    });

    test('that only warn let through with a warning', async () => {
      await write('ClusterWasmPolicy', here({ mode: 'warn' }));
      const { warnings } = await becomes(201);
      expect(warnings.join('\n')).toContain(RULE);
    });

    test('that break stay in force as they last were, and say so', async () => {
      const path = await write('ClusterWasmPolicy', here({ capabilities: { allow: ['process-spawn'] } }));
      await becomes(201);
      // By the leader as well, who writes the status.
      expect(await condition(path)).toMatchObject({ status: 'True' });
      expect((await world.plane.api.patch(path, { spec: { expressions: [{ name: 'broken', cel: 'this is (no' }] } })).status).toBe(200);
      expect(await condition(path)).toMatchObject({ status: 'False', reason: 'OlderVersionInForce' });
      await stays(201);
      // Nothing is taken over from the version that cannot be used, neither what loosens nor what tightens.
      await world.plane.api.patch(path, { spec: { capabilities: { allow: [] } } });
      await stays(201);
      await world.plane.api.patch(path, { spec: { expressions: null } });
      await becomes(403);
    });

    test('that never worked are stood in for by the strictest level', async () => {
      const path = await write('ClusterWasmPolicy', here({ level: 'privileged', expressions: [{ name: 'broken', cel: 'this is (no' }] }));
      expect(await condition(path)).toMatchObject({ status: 'False', reason: 'StrictestLevelInForce' });
      await becomes(403, 'pure');
    });

    test.each([[{ level: 'strict' }], [{ mode: 'deny' }], [{ unknown: true }], [{ capabilities: { allow: ['stdio'], only: ['stdio'] } }]])('that say nonsense are refused by the API server: %j', async (spec) => {
      const { code, errors } = await world.plane.kubectl(['apply', '--validate=strict', '-f', '-'], JSON.stringify({ apiVersion: 'wasmgate.dev/v1alpha1', kind: 'ClusterWasmPolicy', metadata: { name: 'nonsense' }, spec }));
      expect([code, errors]).not.toEqual([0, '']);
    });
  });

  describe('waivers', () => {
    test('count in the one namespace, and say so', async () => {
      const path = await write('WasmWaiver', { ...WAIVER, digest: moduleDigest(SPAWN), expires: '2099-12-31' }, { where: 'wasmgate', name: 'known' });
      await becomes(201);
      const shown = await eventually('its state', async () => (await world.plane.kubectl(['get', 'wasmwaivers', '-n', 'wasmgate'])).output.match(/^known .*Active.*$/m)?.[0] ?? null);
      expect(shown).toContain('2099-12-31');
      await world.plane.api.delete(path);
      await becomes(403);
    });

    test('of other namespaces, other digests and other days do not', async () => {
      await write('WasmWaiver', { ...WAIVER, digest: moduleDigest(SPAWN), expires: '2099-12-31' });
      const expired = await write('WasmWaiver', { ...WAIVER, digest: moduleDigest(SPAWN), expires: '2020-12-31' }, { where: 'wasmgate', name: 'expired' });
      const other = await write('WasmWaiver', { ...WAIVER, digest: moduleDigest(PURE), expires: '2099-12-31' }, { where: 'wasmgate', name: 'other' });
      await eventually('its state', async () => (await world.plane.kubectl(['get', 'wasmwaivers', '-n', 'wasmgate'])).output.match(/^expired .*Expired.*$/m)?.[0] ?? null);
      await stays(403);
      for (const path of [expired, other]) await world.plane.api.delete(path);
    });
  });
});
