import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Carrier } from '../carrier.ts';
import { sha256Hex } from '../sha256.ts';
import { LIMITS } from '../wasm/limits.ts';
import { isRecord } from '../is-record.ts';
import { carriersIn, type FoundCarriers } from './carriers.ts';
import { CONTAINER_LISTS } from './pods.ts';
import { readManifests } from './read.ts';
import { CARRIER_TABLE, rowsOf } from './table.ts';

const DIGEST = 'a'.repeat(64);
const tools = { hash: sha256Hex };
const find = (text: string): FoundCarriers => carriersIn(readManifests(text, 'k.yaml').objects, tools);
const findIn = (value: unknown): FoundCarriers => find(JSON.stringify(value));
const brief = ({ document, line, column, pointer, scheme, reference }: Carrier): string => `${document} ${line}:${column} ${pointer} ${scheme} ${reference}`;
const briefs = (text: string): string[] => find(text).carriers.map(brief);

/** The same pod in each kind that makes pods. */
const TEMPLATES = [
  ['v1', 'PodTemplate', ['template']], ['v1', 'ReplicationController', ['spec', 'template']], ['apps/v1', 'Deployment', ['spec', 'template']], ['apps/v1', 'ReplicaSet', ['spec', 'template']], ['apps/v1', 'StatefulSet', ['spec', 'template']],
  ['apps/v1', 'DaemonSet', ['spec', 'template']], ['extensions/v1beta1', 'Deployment', ['spec', 'template']], ['batch/v1', 'Job', ['spec', 'template']], ['batch/v1', 'CronJob', ['spec', 'jobTemplate', 'spec', 'template']], ['serving.knative.dev/v1', 'Service', ['spec', 'template']],
  ['argoproj.io/v1alpha1', 'Rollout', ['spec', 'template']], ['apps.kruise.io/v1alpha1', 'CloneSet', ['spec', 'template']],
] as const;
const nested = (path: readonly string[], value: unknown): unknown => path.reduceRight((inside, key) => ({ [key]: inside }), value);

describe('pods', () => {
  test('every list of containers, image volumes, ORAS volumes, with their places', () => {
    expect(briefs(`a: b
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: n}
spec:
  initContainers:
  - image: i:1
  containers:
  - name: c
    image: c:1
  ephemeralContainers: [{image: "e:1"}]
  volumes:
  - image: {reference: v:1}
  - csi:
      driver: csi-driver-oras
      volumeAttributes:
        oras.artifact.reference: o:1
`)).toEqual([
      '1 11:12 /spec/containers/0/image oci c:1', '1 8:12 /spec/initContainers/0/image oci i:1', '1 12:33 /spec/ephemeralContainers/0/image oci e:1',
      '1 14:24 /spec/volumes/0/image/reference oci v:1', '1 18:34 /spec/volumes/1/csi/volumeAttributes/oras.artifact.reference oci o:1',
    ]);
  });

  test.each(TEMPLATES)('%s %s: the template with its signals, warned of', (apiVersion, kind, path) => {
    const template = { metadata: { annotations: { 'module.wasm.image/variant': 'compat' } }, spec: { containers: [{ image: `x@sha256:${DIGEST}`, args: ['a'] }], imagePullSecrets: [{ name: 's' }] } };
    const { carriers, faults } = findIn({ apiVersion, kind, metadata: { name: 'n' }, ...(nested(path, template) as object) });
    expect(faults).toEqual([]);
    expect(carriers).toMatchObject([{
      apiVersion, kind, name: 'n', namespace: null, pointer: `/${path.join('/')}/spec/containers/0/image`, reference: `x@sha256:${DIGEST}`, pinned: true, certain: true, role: 'module', onDeny: 'warn', hash: null, hashOf: null,
      signals: ['annotation module.wasm.image/variant: compat'], process: { command: null, args: ['a'] }, pullSecrets: ['s'],
    }]);
  });

  test('a pod is denied itself; images without any signal are not certain', () => {
    expect(findIn({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ image: 'x' }] } }).carriers).toMatchObject([{ onDeny: 'deny', certain: false, signals: [], host: null, settings: [], pinned: false }]);
  });

  test('owner references, labels and annotations leave nothing out', () => {
    const metadata = { ownerReferences: [{ kind: 'ReplicaSet', name: 'r', controller: true }], annotations: { 'wasmgate.dev/verdict': 'allow' }, deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect(findIn({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ image: 'x' }] } }).carriers).toHaveLength(1);
  });

  test('volumes whose bytes nobody sees count where Wasm reaches them', () => {
    const spec = {
      runtimeClassName: 'wasmtime',
      containers: [{ image: 'x', volumeMounts: ['h', 'p', 'n', 'c', 'e', 'd', 'm', 's', 'j'].map((name) => ({ name, mountPath: `/${name}` })) }],
      volumes: [
        { name: 'h', hostPath: { path: '/srv' } }, { name: 'p', persistentVolumeClaim: { claimName: 'claim' } }, { name: 'n', nfs: { server: 's', path: '/export' } }, { name: 'c', csi: { driver: 'd.example' } }, { name: 'e', emptyDir: {} },
        { name: 'd', downwardAPI: { items: [] } }, { name: 'm', configMap: { name: 'map' } }, { name: 's', secret: { secretName: 'sec' } }, { name: 'j', projected: { sources: [{ configMap: { name: 'one' } }, { secret: { name: 'two' } }, { serviceAccountToken: {} }] } },
        { name: 'unmounted', hostPath: { path: '/other' } },
      ],
    };
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'n' }, spec };
    const { carriers } = findIn(object);
    expect(carriers.slice(1).map(({ scheme, reference, certain, pointer }) => [scheme, reference, certain, pointer.slice('/spec/volumes/'.length)])).toEqual([
      ['volume', '/srv', false, '0/hostPath/path'], ['volume', 'claim', false, '1/persistentVolumeClaim/claimName'], ['volume', '/export', false, '2/nfs/path'], ['volume', 'd.example', false, '3/csi/driver'],
      ['configmap', 'n/map', false, '6/configMap/name'], ['secret', 'n/sec', false, '7/secret/secretName'], ['configmap', 'n/one', false, '8/projected/sources/0/configMap/name'], ['secret', 'n/two', false, '8/projected/sources/1/secret/name'],
    ]);
    expect(findIn({ ...object, spec: { ...spec, runtimeClassName: 'runc' } }).carriers).toHaveLength(1);
  });

  test('a ConfigMap of the set is read where a pod mounts it, by the keys that it lists', () => {
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: 'n' }, binaryData: { 'a.wasm': 'AGFzbQEAAAA=', 'b.wasm': 'AGFzbQEAAAA=' }, data: { note: 'x' } };
    const pod = (source: object): unknown => ({ apiVersion: 'v1', kind: 'List', items: [map, { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'n' }, spec: { containers: [], volumes: [{ name: 'v', configMap: { name: 'm', ...source } }] } }] });
    const mounted = (source: object): unknown[] => findIn(pod(source)).carriers.filter(({ scheme }) => scheme === 'configmap').map(({ reference, certain, bytes }) => [reference, certain, bytes?.length]);
    expect(mounted({})).toEqual([['n/m/a.wasm', true, 8], ['n/m/b.wasm', true, 8]]);
    expect(mounted({ items: [{ key: 'b.wasm', path: 'x' }] })).toEqual([['n/m/b.wasm', true, 8]]);
  });
});

describe('the volume that the API server adds to every pod', () => {
  const access = (map: object): number => findIn({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'n' }, spec: { runtimeClassName: 'wasmtime', containers: [{ image: 'x', volumeMounts: [{ name: 'kube-api-access', mountPath: '/a' }] }], volumes: [{ name: 'kube-api-access', projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: map }] } }] } }).carriers.filter(({ scheme }) => scheme === 'configmap').length;

  test('holds nothing that could be Wasm, as the server writes it', () => {
    expect(access({ name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] })).toBe(0);
  });

  test.each([
    ['another ConfigMap', { name: 'mine', items: [{ key: 'ca.crt', path: 'ca.crt' }] }],
    ['all of it', { name: 'kube-root-ca.crt' }],
    ['under the name of a module', { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'app.wasm' }] }],
    ['another key', { name: 'kube-root-ca.crt', items: [{ key: 'app.wasm', path: 'ca.crt' }] }],
    ['more', { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }, { key: 'b', path: 'b' }] }],
  ])('counts as unseen where it is %s', (_, map) => {
    expect(access(map)).toBe(1);
  });
});

describe('ConfigMaps and Secrets', () => {
  test('modules in every form, each with the bytes its reader gets', () => {
    const text = `apiVersion: v1
kind: ConfigMap
metadata: {name: m}
binaryData:
  raw: AGFzbQEAAAA=
  packed.wasm.gz: H4sIAAAAAAAA
  picture.png: iVBORw==
data:
  text: "\\0asm\\x01\\0\\0\\0"
  coded: AGFzbQEAAAA=
  wat: "(; c ;) (module)"
  other: "(modular)"
---
apiVersion: v1
kind: Secret
metadata: {name: s}
data: {raw: AGFzbQEAAAA=}
stringData: {wat: "(component)"}
`;
    const { carriers, faults } = find(text);
    expect(faults).toEqual([]);
    expect(carriers.map(({ pointer, line, certain, scheme, pinned, bytes, reference }) => [pointer, line, certain, scheme, pinned, bytes?.length, reference === `sha256:${sha256Hex(bytes!)}`])).toEqual([
      ['/data/text', 9, true, 'inline', true, 8, true], ['/data/coded', 10, true, 'inline', true, 8, true], ['/data/wat', 11, true, 'inline', true, 16, true],
      ['/binaryData/raw', 5, true, 'inline', true, 8, true], ['/binaryData/packed.wasm.gz', 6, false, 'inline', true, 9, true],
      ['/data/raw', 17, true, 'inline', true, 8, true], ['/stringData/wat', 18, true, 'inline', true, 11, true],
    ]);
  });

  test('bad base64 is told, and hides nothing', () => {
    const { carriers, faults } = findIn({ apiVersion: 'v1', kind: 'Secret', data: { bad: 'AGFzb!', good: 'AGFzbQEAAAA=' }, stringData: { x: 'AGFzb?' } });
    expect(faults.map(({ message }) => message)).toEqual(['The value at /data/bad is no base64', 'The value at /stringData/x is no base64']);
    expect(carriers.map(({ pointer }) => pointer)).toEqual(['/data/good']);
  });

  test('configuration in texts is searched, encoded or not, and found on its line', () => {
    const envoy = 'static_resources:\n  vm_config:\n    code:\n      local:\n        filename: /x.wasm\n';
    expect(briefs(`apiVersion: v1\nkind: ConfigMap\ndata:\n  envoy.yaml: |\n${envoy.replace(/^/gm, '    ')}`)).toEqual(['0 9:23 /data/envoy.yaml file /x.wasm']);
    expect(findIn({ apiVersion: 'v1', kind: 'Secret', data: { 'envoy.yaml': btoa(envoy) } }).carriers.map(brief)).toEqual(['0 1:57 /data/envoy.yaml file /x.wasm']);
  });
});

/** Objects in which one field of the table alone is set. */
function objectFor(path: string, leaf: unknown): Record<string, unknown> {
  const parts = path.replaceAll('[]', '.[]').split('.').filter((part) => part !== '');
  return parts.reduceRight<unknown>((inside, part) => (part === '[]' ? [inside] : { [part === '*' ? 'some' : part]: inside }), leaf) as Record<string, unknown>;
}

describe('the table', () => {
  const fields = CARRIER_TABLE.flatMap((row) => row.references.filter(({ when }) => when === undefined).map((reference) => [`${row.group}/${row.versions[0]}`, row.kind, reference.path, row, reference] as const));

  test.each(fields)('%s %s %s alone gives one carrier, in any version', (apiVersion, kind, path, row, reference) => {
    for (const version of [apiVersion, `${row.group}/v99`]) {
      const { carriers, faults } = findIn({ apiVersion: version, kind, ...objectFor(path, 'https://example.test/a.wasm') });
      expect(faults).toEqual([]);
      expect(carriers).toMatchObject([{ pointer: `/${path.replaceAll('[]', '.0').replaceAll('*', 'some').replaceAll('.', '/')}`, reference: 'https://example.test/a.wasm', role: reference.role ?? 'module', onDeny: row.onDeny }]);
    }
  });

  const pods = CARRIER_TABLE.flatMap((row) => (row.pods ?? []).map((pod) => [`${row.group === '' ? '' : `${row.group}/`}${row.versions[0]}`, row.kind, pod.is === 'template' ? `${pod.path}.spec` : pod.path, row] as const));
  const positions = [
    ...CONTAINER_LISTS.map((list) => [`${list}[].image`, (image: string) => image] as const),
    ['volumes[].image.reference', (image: string) => image], ['volumes[].csi.volumeAttributes', (image: string) => ({ 'oras.artifact.reference': image })],
  ] as const;

  test.each(pods)('%s %s %s: each position of a pod alone gives one carrier', (apiVersion, kind, path, row) => {
    for (const [position, leaf] of positions) {
      const { carriers } = findIn({ apiVersion, kind, ...objectFor(`${path}.${position}`, leaf('registry.test/x:1')) });
      expect({ position, carriers }).toMatchObject({ position, carriers: [{ reference: 'registry.test/x:1', scheme: 'oci', certain: false, onDeny: row.onDeny }] });
    }
  });

  test('holds each group and kind once, and finds it', () => {
    const keys = CARRIER_TABLE.map(({ group, kind }) => `${group}/${kind}`);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    expect(rowsOf('apps/v9', 'Deployment')).toHaveLength(1);
    expect(rowsOf('v1', 'Deployment')).toEqual([]);
  });
});

describe('hashes', () => {
  const plugin = (spec: object): Carrier => findIn({ apiVersion: 'extensions.istio.io/v1alpha1', kind: 'WasmPlugin', spec: { url: 'oci://r.test/x:1', ...spec } }).carriers[0]!;

  test('a hash beside the reference pins it, in whatever spelling; what is none does not', () => {
    for (const sha256 of [DIGEST, DIGEST.toUpperCase(), `sha256:${DIGEST}`]) expect(plugin({ sha256 })).toMatchObject({ pinned: true, hash: `sha256:${DIGEST}` });
    expect(plugin({ sha256: '${HASH}' })).toMatchObject({ pinned: false, hash: '${HASH}' });
    expect(plugin({ sha256: '' })).toMatchObject({ pinned: false, hash: null, hashOf: null });
    expect(plugin({ url: `oci://r.test/x@sha256:${DIGEST}` })).toMatchObject({ pinned: true, hash: null });
    expect(plugin({ url: `https://r.test/x@sha256:${DIGEST}` })).toMatchObject({ pinned: false, scheme: 'http' });
  });
});

describe('fields that name nothing', () => {
  const spec = (apiVersion: string, kind: string, value: unknown): unknown[] => findIn({ apiVersion, kind, metadata: { name: 'x' }, spec: value }).carriers.map(({ pointer, reference, scheme, certain }) => [pointer, reference, scheme, certain]);

  test.each([
    ['core.spinkube.dev/v1alpha1', 'SpinApp', { image: '' }, '/spec/image'],
    ['core.spinkube.dev/v1alpha1', 'SpinApp', { image: null }, '/spec/image'],
    ['core.spinkube.dev/v1alpha1', 'SpinApp', { replicas: 1 }, '/spec/image'],
    ['extensions.istio.io/v1alpha1', 'WasmPlugin', { url: {} }, '/spec/url'],
    ['extensions.istio.io/v1alpha1', 'WasmPlugin', { phase: 'AUTHN' }, '/spec/url'],
    ['policies.kubewarden.io/v1', 'AdmissionPolicyGroup', { policies: { a: { settings: {} } } }, '/spec/policies/a/module'],
    ['runtime.wasmcloud.dev/v1alpha1', 'Workload', { components: [{ name: 'a' }] }, '/spec/components/0/image'],
    ['gateway.envoyproxy.io/v1alpha1', 'EnvoyExtensionPolicy', { wasm: [{ code: { type: 'Image', image: {} } }] }, '/spec/wasm/0/code/image/url'],
  ])('%s %s %j is a module that nobody can see', (apiVersion, kind, value, pointer) => {
    expect(spec(apiVersion, kind, value)).toEqual([[pointer, '', 'oci', true]]);
  });

  test('what is not there at all, or only perhaps Wasm, is none', () => {
    expect(spec('runtime.wasmcloud.dev/v1alpha1', 'Workload', { components: [] })).toEqual([]);
    expect(spec('runtime.wasmcloud.dev/v1alpha1', 'Provider', { image: '' })).toEqual([]);
    expect(spec('extension.tsb.tetrate.io/v2', 'WasmExtension', { url: 'oci://r.test/x' })).toEqual([['/spec/url', 'oci://r.test/x', 'oci', true]]);
    expect(spec('v1', 'Pod', { containers: [{ name: 'a', image: '' }, { name: 'b' }] })).toEqual([]);
  });

  test('a container of a pod that says Wasm', () => {
    expect(spec('v1', 'Pod', { runtimeClassName: 'wasmtime', containers: [{ name: 'a', image: '' }, { name: 'b' }, { name: 'c', image: 'r.test/c:1' }] })).toEqual([['/spec/containers/0/image', '', 'oci', true], ['/spec/containers/1/image', '', 'oci', true], ['/spec/containers/2/image', 'r.test/c:1', 'oci', true]]);
    // The function names its image elsewhere.
    expect(spec('core.openfunction.io/v1beta2', 'Function', { image: 'r.test/f:1', workloadRuntime: 'wasmedge', serving: { template: { runtimeClassName: 'wasmedge', containers: [{ name: 'function' }] } } })).toEqual([['/spec/image', 'r.test/f:1', 'oci', true]]);
  });
});

describe('hostile objects', () => {
  test('numbers, lists and nothing where texts and maps belong', () => {
    const odd = fc.constantFrom<unknown>(null, 5, true, '', 'x', [], {}, [[]], [null], { __proto__: null }, JSON.parse('{"__proto__":{"image":"x"}}'));
    const shape = fc.record({ metadata: fc.oneof(odd, fc.record({ annotations: odd, labels: odd })), data: odd, binaryData: odd, spec: fc.oneof(odd, fc.record({ containers: fc.oneof(odd, fc.array(fc.oneof(odd, fc.record({ image: odd, command: odd, args: odd, env: odd, volumeMounts: odd }, { requiredKeys: [] })))), volumes: odd, runtimeClassName: odd, tolerations: odd, affinity: odd, nodeSelector: odd, template: odd }, { requiredKeys: [] })) }, { requiredKeys: [] });
    fc.assert(fc.property(shape, fc.constantFrom(...CARRIER_TABLE), (value, { group, versions, kind }) => {
      for (const carrier of findIn({ apiVersion: group === '' ? 'v1' : `${group}/${versions[0]}`, kind, ...(isRecord(value) ? value : {}) }).carriers) {
        // Only a module that must be there may be named by nothing.
        if (carrier.reference === '') expect([carrier.role, carrier.certain]).toEqual(['module', true]);
      }
    }), { numRuns: 2_000 });
  });

  test('inherited names are no fields', () => {
    expect(findIn(JSON.parse('{"apiVersion":"v1","kind":"Pod","spec":{"__proto__":{"containers":[{"image":"x"}]}}}')).carriers).toEqual([]);
    expect(rowsOf('v1', 'constructor')).toEqual([]);
  });

  /** An object as it is read, whose values can count how often they are looked at. */
  const objectOf = (value: Readonly<Record<string, unknown>>) => ({ file: 'k.json', document: 0, base: '', apiVersion: String(value['apiVersion']), kind: String(value['kind']), name: 'x', namespace: null, value, positionOf: () => ({ line: 1, column: 1 }) });
  const counted = <T extends object>(target: T): { readonly value: T; readonly reads: () => number } => {
    let reads = 0;
    return { value: new Proxy(target, { get: (all, key, receiver): unknown => { reads++; return Reflect.get(all, key, receiver); }, ownKeys: (all) => { reads++; return Reflect.ownKeys(all); } }), reads: () => reads };
  };

  test('what all references of an object share is read once', () => {
    const readsWith = (count: number): number[] => {
      const secrets = counted(Array.from({ length: 200 }, (_, index) => ({ name: `s${index}` })));
      const workload = objectOf({ apiVersion: 'runtime.wasmcloud.dev/v1alpha1', kind: 'Workload', spec: { imagePullSecrets: secrets.value, components: Array.from({ length: count }, () => ({ image: 'a' })) } });
      const sandbox = counted({ name: 'strictSandbox', value: 'true' });
      const metadata = [...Array.from({ length: count }, () => ({ name: 'url', value: 'file://a' })), sandbox.value];
      const component = objectOf({ apiVersion: 'dapr.io/v1alpha1', kind: 'Component', spec: { type: 'bindings.wasm', metadata } });
      const variables = counted({ SPIN_A: '1' });
      const store = objectOf({ apiVersion: 'v1', kind: 'ConfigMap', data: variables.value });
      const pods = Array.from({ length: count }, () => objectOf({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ image: 'a', envFrom: [{ configMapRef: { name: 'x' } }] }] } }));
      const { carriers } = carriersIn([workload, component, store, ...pods], tools);
      expect(carriers.map(({ pullSecrets }) => pullSecrets.length)).toContain(100);
      expect(carriers.filter(({ signals }) => signals.includes('env SPIN_A'))).toHaveLength(count);
      return [secrets.reads(), sandbox.reads(), variables.reads()];
    };
    expect(readsWith(40)).toEqual(readsWith(2));
  });

  test('many harmless variables of the host hide none that may be secret', () => {
    const keys = [...Array.from({ length: 300 }, () => 'POD_NAME'), 'DATABASE_PASSWORD'];
    const [carrier] = findIn({ apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter', spec: { vm_config: { environment_variables: { host_env_keys: keys }, code: { local: { filename: '/a.wasm' } } } } }).carriers;
    const told = carrier!.settings.filter(({ id }) => id === 'host-environment');
    expect([told.length, told[0]!.text, told[0]!.confidence]).toEqual([100, 'host variable DATABASE_PASSWORD', 'high']);
  });

  test('carriers of a file are bounded, and that is told', () => {
    const containers = Array.from({ length: LIMITS.carriers + 10 }, () => ({ image: 'x' }));
    const { carriers, faults } = findIn({ apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'Pod', spec: { containers } }, { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ image: 'y' }] } }] });
    expect(carriers).toHaveLength(LIMITS.carriers);
    expect(faults).toHaveLength(1);
  });
});
