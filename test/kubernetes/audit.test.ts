import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiObject } from './api-client.ts';
import { applyChart, containerOf, objectOf, podSpecOf, renderChart, type Rendered } from './chart.ts';
import { CUSTOM_KINDS, define, pathOf, REPORT_KINDS } from './custom-resources.ts';
import { canRunKubernetes } from './namespace.ts';
import { customExamples, pod } from './objects.ts';
import { eventually, startProcess } from './process.ts';
import { callOf, callsOf, grantedTo } from './rights.ts';
import { startWorld, type World } from './world.ts';

const RULE = 'capability-process-spawn';
const REPORTS = '/apis/openreports.io/v1alpha1/namespaces/shop/reports';

interface ReportResult { readonly policy: string; readonly rule?: string; readonly result: string; readonly severity?: string }

describe.skipIf(!canRunKubernetes())('what was there before wasmgate', () => {
  let world: World;
  const plugin = customExamples(CUSTOM_KINDS).find(({ kind }) => kind.kind === 'WasmPlugin' && kind.group === 'extensions.istio.io')!;

  const everywhere = customExamples(CUSTOM_KINDS).find(({ kind }) => kind.kind === 'ClusterAdmissionPolicy')!;

  beforeAll(async () => {
    world = await startWorld({
      values: { audit: { intervalSeconds: 5, reports: 'openreports' }, replicas: 2 },
      before: async (plane, artifacts) => {
        await define(plane, [...CUSTOM_KINDS, ...REPORT_KINDS]);
        for (const name of ['pure', 'spawn'] as const) await plane.api.post('/api/v1/namespaces/shop/pods', pod(name, 'shop', artifacts.pinned(name)));
        await plane.api.post('/api/v1/namespaces/shop/pods', pod('web', 'shop', artifacts.pinned('web'), { runtimeClassName: null }));
        await plane.api.post(pathOf(plugin.kind, 'shop'), plugin.object('plugin', 'shop', artifacts.pinned('spawn')));
        await plane.api.post(pathOf(everywhere.kind, ''), everywhere.object('everywhere', '', artifacts.pinned('spawn')));
      },
    });
  });
  afterAll(() => world?.stop());

  const reports = async (): Promise<ReadonlyMap<string, ApiObject>> => new Map(((await world.plane.api.get(REPORTS)).body.items ?? []).map((report) => [(report['scope'] as { name?: string } | undefined)?.name ?? '', report]));
  const resultsOf = (report: ApiObject | undefined): readonly ReportResult[] => (report?.['results'] ?? []) as ReportResult[];

  test('is reported by the leader, and nothing of it is touched', async () => {
    const found = await eventually('reports', async () => {
      const now = await reports();
      return now.has('spawn') && now.has('plugin') ? now : null;
    }, { patience: 60_000, pause: 500 });
    for (const name of ['spawn', 'plugin']) expect(resultsOf(found.get(name)).map(({ result, rule, policy }) => `${result} ${rule ?? policy}`).join('\n')).toContain(RULE);
    expect(resultsOf(found.get('pure')).filter(({ result }) => result === 'fail')).toEqual([]);
    expect(found.has('web')).toBe(false);
    const { body } = await world.plane.api.get('/api/v1/namespaces/shop/pods');
    expect(body.items?.map(({ metadata }) => metadata?.name).toSorted()).toEqual(['pure', 'spawn', 'web']);
    expect(found.get('spawn')?.metadata?.['ownerReferences']).toMatchObject([{ kind: 'Pod', name: 'spawn' }]);
  });

  test('is judged again when a policy changes', async () => {
    await world.plane.api.post('/apis/wasmgate.dev/v1alpha1/clusterwasmpolicies', { apiVersion: 'wasmgate.dev/v1alpha1', kind: 'ClusterWasmPolicy', metadata: { name: 'one' }, spec: { capabilities: { allow: ['process-spawn'] } } });
    await eventually('nothing fails any more', async () => [...(await reports()).values()].every((report) => resultsOf(report).every(({ result }) => result !== 'fail')) || null, { patience: 60_000, pause: 500 });
    await world.plane.api.delete('/apis/wasmgate.dev/v1alpha1/clusterwasmpolicies/one');
    await eventually('it fails again', async () => resultsOf((await reports()).get('spawn')).some(({ result }) => result === 'fail') || null, { patience: 60_000, pause: 500 });
  });

  test('has no report any more when it is gone', async () => {
    await world.plane.api.delete(pathOf(plugin.kind, 'shop') + '/plugin');
    await eventually('the report is gone', async () => !(await reports()).has('plugin') || null, { patience: 60_000, pause: 500 });
  });

  test('is told by the CronJob of the chart with its own rights, all of which it uses', async () => {
    const { plane, main } = world;
    const values = { audit: { intervalSeconds: 0, reports: 'policyreports', cronJob: { enabled: true } }, registry: { insecureHosts: [world.artifacts.registry.host] } };
    const rendered: Rendered = await renderChart(plane, { namespace: 'wasmgate', values });
    await applyChart(plane, rendered);
    const spec = podSpecOf(objectOf(rendered, 'CronJob'));
    const account = spec.serviceAccountName!;
    const { kubeconfig } = await plane.serviceAccount('wasmgate', account);
    const folder = join(plane.folder, 'cron');
    mkdirSync(folder);
    const { args, env } = await containerOf(plane, spec, { name: 'cron', namespace: 'wasmgate', folder, replace: { kubeconfig } });
    const run = async () => {
      const started = startProcess(process.execPath, [main, ...args], { cwd: folder, env, log: join(folder, 'log') });
      return [await started.ended, started.log()];
    };
    const written = async () => JSON.stringify((await plane.api.get('/apis/wgpolicyk8s.io/v1alpha2/policyreports')).body.items) + JSON.stringify((await plane.api.get('/apis/wgpolicyk8s.io/v1alpha2/clusterpolicyreports')).body.items);
    // 1: something that runs is denied.
    expect(await run()).toEqual([1, expect.stringContaining(RULE)]);
    expect((await written()).split(RULE).length).toBeGreaterThan(2);
    await plane.api.delete('/api/v1/namespaces/shop/pods/spawn');
    await plane.api.delete(`${pathOf(everywhere.kind, '')}/everywhere`);
    expect(await run()).toEqual([0, expect.any(String)]);
    expect(await written()).not.toContain(RULE);
    const username = `system:serviceaccount:wasmgate:${account}`;
    const calls = plane.auditEvents().filter(({ user }) => user.username === username);
    expect(calls.filter(({ responseStatus }) => responseStatus?.code === 403).map(callOf)).toEqual([]);
    const used = callsOf(calls);
    // A namespace that is made during the run is asked for by its name.
    expect(grantedTo(rendered, username).filter((call) => !used.has(call) && call !== 'get namespaces')).toEqual([]);
  });
});
