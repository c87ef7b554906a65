import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { carriersIn } from '../../scanner/kubernetes/carriers.ts';
import { readManifests } from '../../scanner/kubernetes/read.ts';
import { ROOT } from '../support/imports.ts';
import type { ApiObject } from './api-client.ts';
import { applyChart, renderChart, type Values } from './chart.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { CUSTOM_KINDS, type CustomKind, define, pathOf } from './custom-resources.ts';
import { canRunKubernetes } from './namespace.ts';
import { pod, RUNTIME_CLASSES } from './objects.ts';

const CI = join(ROOT, 'charts/wasmgate/ci');
/** Kinds of other programs that the chart makes objects of. */
const OTHERS: readonly CustomKind[] = [
  ...['ServiceMonitor', 'PrometheusRule'].map((kind) => ({ group: 'monitoring.coreos.com', versions: ['v1'], kind, resource: `${kind.toLowerCase()}s`, scope: 'Namespaced' as const })),
  ...['Certificate', 'Issuer'].map((kind) => ({ group: 'cert-manager.io', versions: ['v1'], kind, resource: `${kind.toLowerCase()}s`, scope: 'Namespaced' as const })),
];

describe.skipIf(!canRunKubernetes())('the chart on an API server', () => {
  let plane: ControlPlane;

  beforeAll(async () => {
    plane = await startControlPlane();
    for (const namespace of ['wasmgate', 'shop', 'security', 'team-a', 'team-b']) await plane.namespace(namespace);
    await define(plane, OTHERS);
    for (const runtimeClass of RUNTIME_CLASSES) await plane.api.post('/apis/node.k8s.io/v1/runtimeclasses', runtimeClass);
    await applyChart(plane, await renderChart(plane, { namespace: 'wasmgate', values: {} }));
  });
  afterAll(() => plane?.stop());

  test.each(readdirSync(CI))('is taken with the values of %s, nothing unknown in it and no warning', async (name) => {
    const values = parse(readFileSync(join(CI, name), 'utf8')) as Values;
    const { text } = await renderChart(plane, { namespace: 'wasmgate', values });
    const { code, errors } = await plane.kubectl(['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'], text);
    expect([code, errors]).toEqual([0, '']);
  });

  /** Nothing answers, so whatever the entry that fails closed matches is refused in its name. */
  const refusedAs = async (object: ApiObject): Promise<string | null> => {
    const { status, body } = await plane.api.post('/api/v1/namespaces/shop/pods?dryRun=All', object);
    return status === 201 ? null : (/failed calling webhook "([^"]+)"/.exec(body.message ?? '')?.[1] ?? body.message ?? '');
  };
  const container = (more: object) => ({ containers: [{ name: 'main', image: 'r.test/a:1', ...more }] });
  const plain = (spec: object, annotations?: Readonly<Record<string, string>>, labels?: Readonly<Record<string, string>>): ApiObject =>
    pod('one', 'shop', 'r.test/a:1', { runtimeClassName: null, spec: spec as Readonly<Record<string, unknown>>, ...(annotations && { annotations }), ...(labels && { labels }) });
  const required = (key: string, operator: string, values?: readonly string[]) => ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator, ...(values && { values }) }] }] } } } });

  test.each<[string, ApiObject]>([
    ['runtime class', pod('one', 'shop', 'r.test/a:1')],
    ...([
      ['run.oci.handler', 'wasm'], ['run.oci.handler', 'wasmedge'], ['run.oci.handler', 'wamr'], ['run.oci.handler', 'spin'], ['module.wasm.image/variant', 'compat'], ['alpha.wasi.krustlet.dev/allowed-domains', '[]'], ['alpha.wagi.krustlet.dev/modules', 'x'],
    ] as const).map(([key, value]): [string, ApiObject] => [`annotation ${key}: ${value}`, plain({}, { [key]: value })]),
    ['node selector', plain({ nodeSelector: { 'kubernetes.io/arch': 'wasm32-wasi' } })],
    ['key of a node selector', plain({ nodeSelector: { 'kwasm.sh/kwasm-provisioned': 'x' } })],
    ['toleration', plain({ tolerations: [{ key: 'kubernetes.io/arch', operator: 'Equal', value: 'wasm32-wagi', effect: 'NoSchedule' }] })],
    ['node affinity', plain(required('kubernetes.io/arch', 'In', ['wasm32-wasi']))],
    ['plug-ins of the node', plain({ volumes: [{ name: 'v', hostPath: { path: '/opt/nri/plugins' } }] })],
    ['label of an installer', plain({}, undefined, { 'spinkube.dev/shimName': 'spin' })],
    ['image volume', plain({ volumes: [{ name: 'v', image: { reference: 'r.test/a:1' } }] })],
    ['variable', plain(container({ env: [{ name: 'SPIN_HTTP_LISTEN_ADDR', value: 'x' }] }))],
    ['command that is a module', plain(container({ command: ['/app.wasm'] }))],
    ['command in capitals', plain(container({ command: ['/APP.WASM#run'] }))],
    ['runner', plain(container({ command: ['/usr/bin/wasmtime', 'serve'] }))],
    ['runner in a shell', plain(container({ command: ['sh', '-c', 'exec wasmedge --dir . /srv/x'] }))],
    ['module of a runner', plain(container({ command: ['spin'], args: ['up', '-f', 'r.test/x:1'] }))],
    ['init container', plain({ initContainers: [{ name: 'first', image: 'r.test/a:1', command: ['/a.wasm'] }] })],
    ['settings of a runtime', plain({ volumes: [{ name: 'r', emptyDir: {} }], ...container({ volumeMounts: [{ name: 'r', mountPath: '/runtime-config.toml' }] }) })],
  ])('a pod with a signal is refused while nobody answers: %s', async (_name, object) => {
    const { carriers } = carriersIn(readManifests(JSON.stringify(object), 'pod.json').objects, { hash: () => '' });
    expect(carriers.some(({ signals, pointer }) => signals.length > 0 || pointer.startsWith('/spec/volumes'))).toBe(true);
    expect(await refusedAs(object)).toBe('pods-with-signal.wasmgate.dev');
  });

  test.each<[string, ApiObject]>([
    ['plain', plain({})],
    ['other runtime class', pod('one', 'shop', 'r.test/a:1', { runtimeClassName: 'runc' })],
    ['annotation of another runtime', plain({}, { 'run.oci.handler': 'krun' })],
    ['node without Wasm asked for', plain(required('kubernetes.io/arch', 'NotIn', ['wasm32-wasi']))],
    ['name that is alike', plain(container({ command: ['spinner'], args: ['--spin'] }))],
  ])('a pod without one is created while nobody answers: %s', async (_name, object) => {
    expect(await refusedAs(object)).toBeNull();
  });

  test('its own namespace and kube-system are left alone, whatever is in them', async () => {
    for (const namespace of ['wasmgate', 'kube-system']) {
      await plane.namespace(namespace);
      const { status } = await plane.api.post(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod('one', namespace, 'r.test/a:1'));
      expect(status, namespace).toBe(201);
    }
  });

  test('a label of ours is not set, changed or removed while nobody answers, all others are', async () => {
    const patch = async (labels: Readonly<Record<string, string | null>>) => (await plane.api.patch('/api/v1/namespaces/shop?dryRun=All', { metadata: { labels } })).status;
    expect(await patch({ team: 'a' })).toBe(200);
    expect(await patch({ 'wasmgate.dev/enforce': 'privileged' })).toBe(500);
  });

  test('custom resources that bring Wasm are refused while nobody answers, workloads are created', async () => {
    await define(plane, CUSTOM_KINDS.filter(({ kind, group }) => kind === 'WasmPlugin' || (kind === 'Service' && group === 'serving.knative.dev')));
    const plugin = CUSTOM_KINDS.find(({ kind, group }) => kind === 'WasmPlugin' && group === 'extensions.istio.io')!;
    const { body } = await plane.api.post(`${pathOf(plugin, 'shop')}?dryRun=All`, { apiVersion: 'extensions.istio.io/v1alpha1', kind: 'WasmPlugin', metadata: { name: 'one' }, spec: { url: 'oci://r.test/a:1' } });
    expect(body.message).toContain('failed calling webhook "resources.wasmgate.dev"');
    const knative = CUSTOM_KINDS.find(({ kind, group }) => kind === 'Service' && group === 'serving.knative.dev')!;
    expect((await plane.api.post(`${pathOf(knative, 'shop')}?dryRun=All`, { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'one' }, spec: {} })).status).toBe(201);
  });

  test('the emergency exit works while nobody answers', async () => {
    expect(await plane.kubectl(['delete', 'validatingwebhookconfiguration', 'wasmgate'])).toMatchObject({ code: 0 });
    expect(await refusedAs(pod('one', 'shop', 'r.test/a:1'))).toBeNull();
  });
});
