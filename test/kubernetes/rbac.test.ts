import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEvent } from './control-plane.ts';
import { CUSTOM_KINDS, define, pathOf, REPORT_KINDS } from './custom-resources.ts';
import { canRunKubernetes } from './namespace.ts';
import { customExamples, pod } from './objects.ts';
import { eventually } from './process.ts';
import { sendReview } from './review.ts';
import { callOf, callsOf, grantedTo, rulesOf } from './rights.ts';
import { startWorld, type World } from './world.ts';

/** Everything that reads or writes the cluster, turned on. */
const VALUES = {
  webhook: { configMaps: { enabled: true }, secrets: { enabled: true }, mutate: { enabled: true } },
  access: { pullSecrets: true, configMaps: true, secrets: true },
  audit: { intervalSeconds: 5, reports: 'openreports', events: true },
};

/** One that belongs to no namespace. */
const EVERYWHERE = customExamples(CUSTOM_KINDS).find(({ kind }) => kind.kind === 'ClusterAdmissionPolicy')!;

describe.skipIf(!canRunKubernetes())('rights of the service account', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ values: VALUES, before: async (plane, artifacts) => {
      await define(plane, [...CUSTOM_KINDS, ...REPORT_KINDS]);
      await plane.api.post(pathOf(EVERYWHERE.kind, ''), EVERYWHERE.object('everywhere', '', artifacts.pinned('spawn')));
    } });
    await useEverything(world);
  });
  afterAll(() => world?.stop());

  const mine = (): readonly AuditEvent[] => world.plane.auditEvents().filter(({ user }) => user.username === world.gate.username);

  test('are enough: nothing that the process asks for is forbidden', () => {
    const forbidden = mine().filter(({ responseStatus, annotations }) => responseStatus?.code === 403 || annotations?.['authorization.k8s.io/decision'] === 'forbid');
    expect([...new Set(forbidden.map(callOf))]).toEqual([]);
  });

  test('are no more than that: each of them is used', () => {
    const used = callsOf(mine());
    const granted = grantedTo(world.gate.rendered, world.gate.username);
    expect(granted.length).toBeGreaterThan(20);
    expect(granted.filter((name) => !used.has(name))).toEqual([]);
  });

  test('name no everything, and touch no Secret that was not asked for', () => {
    const rules = rulesOf(world.gate.rendered, world.gate.username);
    expect(rules.filter(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs].includes('*'))).toEqual([]);
    const secrets = rules.filter(({ resources }) => resources.includes('secrets'));
    expect(secrets.filter(({ verbs }) => verbs.some((verb) => verb === 'list' || verb === 'watch' || verb === 'delete'))).toEqual([]);
  });

  test('reach no pod, no workload and no node by writing', () => {
    const written = mine().filter(({ verb }) => !['get', 'list', 'watch'].includes(verb)).map(({ objectRef }) => `${objectRef?.resource}${objectRef?.apiGroup ? `.${objectRef.apiGroup}` : ''}`);
    expect([...new Set(written)].filter((resource) => /^(pods|deployments|nodes|serviceaccounts|roles|clusterroles|namespaces|configmaps)/.test(resource))).toEqual([]);
  });
});

/** Brings about every call that the process may make. */
async function useEverything({ plane, artifacts, gate }: World): Promise<void> {
  const policy = (kind: string, name: string, spec: object, namespace?: string) => ({ apiVersion: 'wasmgate.dev/v1alpha1', kind, metadata: { name, ...(namespace && { namespace }) }, spec });
  const objects = [
    policy('ClusterWasmPolicy', 'one', { level: 'baseline' }),
    policy('WasmPolicy', 'one', { level: 'baseline' }, 'shop'),
    policy('WasmWaiver', 'one', { rule: 'memory-unbounded', digest: artifacts.digest('pure'), reason: 'r', owner: 'o', expires: '2099-12-31' }, gate.namespace),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'shop' }, data: { a: 'b' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mounted', namespace: 'shop' }, stringData: { a: 'b' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pull', namespace: 'shop' }, type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{"auths":{}}' } },
  ];
  for (const object of objects) {
    const { code, errors } = await plane.kubectl(['apply', '-f', '-'], JSON.stringify(object));
    if (code !== 0) throw new Error(errors);
  }
  const pods = '/api/v1/namespaces/shop/pods';
  const volumes = [{ name: 'c', configMap: { name: 'settings' } }, { name: 's', secret: { secretName: 'mounted' } }];
  const mounts = { volumes, containers: [{ name: 'main', image: artifacts.pinned('pure'), volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/${name}` })) }] };
  await plane.api.post(pods, pod('mounts', 'shop', '', { spec: mounts }));
  await plane.api.post(pods, pod('pulls', 'shop', artifacts.pinned('pure'), { spec: { imagePullSecrets: [{ name: 'pull' }] } }));
  await plane.api.post(pods, pod('fresh', 'shop', artifacts.fresh('pure')));
  // Several times, so that an Event is made and then counted up.
  for (let time = 0; time < 3; time++) await plane.api.post(pods, pod('bad', 'shop', artifacts.pinned('spawn')));
  await plane.api.patch('/api/v1/namespaces/shop', { metadata: { labels: { 'wasmgate.dev/enforce': 'restricted' } } });
  // Should none come, the rights to write them are told as unused.
  for (const path of ['namespaces/shop/reports', 'clusterreports']) {
    await eventually(`${path} are written`, async () => {
      const { body } = await plane.api.get(`/apis/openreports.io/v1alpha1/${path}`);
      return (body.items?.length ?? 0) > 0 || null;
    }, { patience: 90_000, pause: 500 }).catch(() => null);
  }
  // What is gone has no report any more.
  await plane.api.delete(`${pods}/fresh`);
  await plane.api.delete(`${pathOf(EVERYWHERE.kind, '')}/everywhere`);
  // A namespace that nobody has heard of yet.
  await sendReview(gate.replicas[0]!, pod('early', 'not-heard-of', artifacts.pinned('pure')));
  // The leader dies, so that another one takes over the lease.
  await gate.drop(gate.replicas[0]!);
  await gate.startReplica();
  await gate.route();
  // An Event that comes again is counted up once in a minute. Should it never be, the right to do so is told as unused.
  await eventually('an Event is counted up', () => plane.auditEvents().some((event) => callOf(event) === 'patch events.events.k8s.io') || null, { patience: 120_000, pause: 2_000 }).catch(() => null);
}
