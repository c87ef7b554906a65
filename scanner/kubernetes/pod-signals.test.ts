import { describe, expect, test } from 'vitest';
import type { Carrier } from '../carrier.ts';
import { sha256Hex } from '../sha256.ts';
import { carriersIn, type FoundCarriers } from './carriers.ts';
import type { CarrierTools } from './carriers-set.ts';
import { runtimeNamed } from './pod-runtimes.ts';
import { readManifests } from './read.ts';

interface Parts {
  readonly annotations?: object;
  readonly labels?: object;
  readonly spec?: object;
  readonly container?: object;
  readonly more?: readonly object[];
  readonly tools?: Partial<CarrierTools>;
}

function find({ annotations, labels, spec, container, more = [], tools }: Parts): FoundCarriers {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n', annotations, labels }, spec: { containers: [{ image: 'x', ...container }], ...spec } };
  return carriersIn(readManifests(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [pod, ...more] }), 'k.json').objects, { hash: sha256Hex, ...tools });
}
const first = (parts: Parts): Carrier => find(parts).carriers[0]!;
const signals = (parts: Parts): readonly string[] => first(parts).signals;
const runtimeClass = (handler: string): object => ({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'free' }, handler });

describe('names of runtimes', () => {
  test.each([
    ['wasm', null], ['wasmtime', 'runwasi-wasmtime'], ['wasmtime-spin-v2', 'spin'], ['wasmtime-spin', 'spin'], ['spin', 'spin'], ['spin-v2', 'spin'], ['rust-spinkube', 'spin'], ['wasmtime-slight-v1', 'slight'], ['slight-v1-2-3', 'slight'], ['wasmtime-wws', 'wws'],
    ['wasmtime-lunatic', null], ['wasmedgev1', 'runwasi-wasmedge'], ['crun-wasmedge', 'crun-wasmedge'], ['wasmer', 'runwasi-wasmer'], ['wamr', 'runwasi-wamr'], ['kuasar-wasm', 'kuasar-wasmtime'], ['WASMTIME', 'runwasi-wasmtime'], ['youki-wasm', 'youki'],
  ])('%s is Wasm, on %s', (name, profile) => {
    expect(runtimeNamed(name)).toEqual({ profile });
  });

  test.each(['crun', 'youki', 'openfunction-crun', 'runc', 'kuasar-vmm', 'kata', 'gvisor', 'spinnaker', 'spinning', 'lightweight', ''])('%j says nothing of Wasm', (name) => {
    expect(runtimeNamed(name)).toBeNull();
  });
});

describe('signals of a pod', () => {
  test('the runtime class by name, by the handler of the set, and by what the cluster knows', () => {
    expect(first({ spec: { runtimeClassName: 'wasmtime-spin-v2' } })).toMatchObject({ signals: ['runtimeClassName: wasmtime-spin-v2'], host: { profile: 'spin', sure: false }, certain: true });
    expect(first({ spec: { runtimeClassName: 'free' }, more: [runtimeClass('wasmedge')] })).toMatchObject({ signals: ['handler of runtime class free: wasmedge', 'runtimeClassName: free'], host: { profile: 'runwasi-wasmedge' } });
    expect(signals({ spec: { runtimeClassName: 'free' }, more: [runtimeClass('runc')] })).toEqual([]);
    expect(first({ spec: { runtimeClassName: 'odd' }, tools: { profileOfRuntimeClass: () => ({ wasm: true, profile: 'wws' }) } })).toMatchObject({ signals: ['runtimeClassName: odd'], host: { profile: 'wws' } });
    expect(signals({ spec: { runtimeClassName: 'wasm' }, tools: { profileOfRuntimeClass: () => ({ wasm: false, profile: null }) } })).toEqual([]);
  });

  test.each<[string, string, string | null]>([
    ['run.oci.handler', 'wasm', null], ['run.oci.handler', 'wasm-smart', null], ['run.oci.handler', 'wasmtime', 'crun-wasmtime'], ['run.oci.handler', 'wasmedge', 'crun-wasmedge'], ['run.oci.handler', 'wasmer', 'crun-wasmer'], ['run.oci.handler', 'wamr', 'crun-wamr'], ['run.oci.handler', 'spin', 'spin'],
    ['module.wasm.image/variant', 'compat', null], ['module.wasm.image/variant', 'compat-smart', null], ['alpha.wasi.krustlet.dev/allowed-domains', '[]', null], ['alpha.wagi.krustlet.dev/modules', 'x', null],
  ])('annotation %s: %s', (key, value, profile) => {
    expect(first({ annotations: { [key]: value } })).toMatchObject({ signals: [`annotation ${key}: ${value}`], host: profile === null ? null : { profile } });
  });

  test.each(['krun', 'mono', 'runc', ''])('annotation run.oci.handler: %j runs no Wasm', (value) => {
    expect(signals({ annotations: { 'run.oci.handler': value } })).toEqual([]);
  });

  test.each<[object, string]>([
    [{ nodeSelector: { 'kubernetes.io/arch': 'wasm32-wasi' } }, 'nodeSelector kubernetes.io/arch: wasm32-wasi'],
    [{ nodeSelector: { 'kwasm.sh/kwasm-provisioned': 'x' } }, 'nodeSelector kwasm.sh/kwasm-provisioned: x'],
    [{ tolerations: [{ key: 'kubernetes.io/arch', operator: 'Equal', value: 'wasm32-wagi' }] }, 'toleration kubernetes.io/arch: wasm32-wagi'],
    [{ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values: ['wasm32-wasi'] }] }] } } } }, 'nodeAffinity kubernetes.io/arch: wasm32-wasi'],
    [{ volumes: [{ name: 'v', hostPath: { path: '/opt/nri/plugins' } }] }, 'hostPath: /opt/nri/plugins'],
  ])('%j', (spec, text) => {
    expect(signals({ spec })).toEqual([text]);
  });

  test('nodes without Wasm asked for are none', () => {
    expect(signals({ spec: { nodeSelector: { 'kubernetes.io/arch': 'arm64' }, tolerations: [{ operator: 'Exists' }], affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'NotIn', values: ['wasm32-wasi'] }] }] } } } } })).toEqual([]);
  });

  test('jobs that install a runtime', () => {
    expect(signals({ labels: { 'spinkube.dev/shimName': 'spin' } })).toEqual(['label spinkube.dev/shimName']);
  });
});

describe('signals of a container', () => {
  test.each<[object, readonly string[]]>([
    [{ env: [{ name: 'SPIN_HTTP_LISTEN_ADDR', value: 'x' }] }, ['env SPIN_HTTP_LISTEN_ADDR']], [{ env: [{ name: 'WASMTIME_HTTP_BACKLOG' }] }, ['env WASMTIME_HTTP_BACKLOG']], [{ env: [{ name: 'io.kuasar.wasm.nn_preload' }] }, ['env io.kuasar.wasm.nn_preload']],
    [{ command: ['/app.wasm'] }, ['command: /app.wasm']], [{ command: ['/hello.wasm#run'] }, ['command: /hello.wasm#run']], [{ args: ['/m.wat'] }, ['args: /m.wat']], [{ command: ['/usr/bin/wasmtime', 'serve'] }, ['command: wasmtime']],
    [{ command: ['sh', '-c', 'exec wasmedge --dir . /srv/x.wasm'] }, ['command: /srv/x.wasm', 'command: wasmedge']], [{ volumeMounts: [{ name: 'r', mountPath: '/runtime-config.toml' }] }, ['mount /runtime-config.toml']],
    [{ command: ['/'] }, []], [{ command: ['spinner'], args: ['--spin', 'spin'] }, []], [{ args: ['*.wasm'] }, []], [{ env: [{ name: 'SPINNER' }] }, []],
  ])('%j', (container, expected) => {
    expect(signals({ container })).toEqual(expected);
  });

  test('the names of variables in a ConfigMap of the set', () => {
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'e', namespace: 'n' }, data: { PLUGIN_PATH: '/x' } };
    expect(signals({ container: { envFrom: [{ prefix: 'WASMEDGE_', configMapRef: { name: 'e' } }] }, more: [map] })).toEqual(['env WASMEDGE_PLUGIN_PATH']);
  });

  test('command / counts beside another signal', () => {
    expect(signals({ container: { command: ['/'] }, annotations: { 'run.oci.handler': 'spin' } })).toEqual(['annotation run.oci.handler: spin', 'command: /']);
  });

  test('those of one container say nothing of another', () => {
    expect(find({ spec: { containers: [{ image: 'a', command: ['/a.wasm'] }, { image: 'b' }] } }).carriers.map(({ certain }) => certain)).toEqual([true, false]);
  });
});

describe('annotations of sidecars', () => {
  test('volumes of Istio, in both spellings, and no JSON', () => {
    const volumes = (text: string): FoundCarriers => find({ annotations: { 'sidecar.istio.io/userVolume': text } });
    const expected = [{ pointer: '/items/0/metadata/annotations/sidecar.istio.io~1userVolume', scheme: 'configmap', reference: 'n/filters', certain: false, host: { profile: 'proxy-wasm' } }];
    expect(volumes('[{"name":"f","configMap":{"name":"filters"}},{"name":"e","emptyDir":{}}]').carriers.slice(1)).toMatchObject(expected);
    expect(volumes('{"f":{"configMap":{"name":"filters"}}}').carriers.slice(1)).toMatchObject(expected);
    expect(volumes('[{').faults).toMatchObject([{ message: 'Annotation sidecar.istio.io/userVolume is no JSON list of volumes' }]);
  });

  test('volumes of Dapr', () => {
    const volumes = [{ name: 'm', hostPath: { path: '/m' } }, { name: 'other', hostPath: { path: '/o' } }];
    expect(find({ annotations: { 'dapr.io/enabled': 'true', 'dapr.io/volume-mounts': 'x:/x, m:/m' }, spec: { volumes } }).carriers.slice(1)).toMatchObject([{ scheme: 'volume', reference: '/m', signals: ['annotation dapr.io/volume-mounts'] }]);
  });

  test.each(['dapr.io/sidecar-image', 'sidecar.istio.io/proxyImage'])('%s chooses code', (key) => {
    expect(find({ annotations: { [key]: 'evil.test/x:1' } }).carriers[1]).toMatchObject({ role: 'host', scheme: 'oci', reference: 'evil.test/x:1', certain: false, settings: [{ id: 'remote-code' }] });
  });
});

describe('settings', () => {
  const ids = (parts: Parts): string[] => first({ ...parts, annotations: { 'run.oci.handler': 'wasmedge' } }).settings.map(({ id, place }) => `${id} ${place!.pointer.replace('/items/0/spec/', '')}`);
  const limits = { resources: { limits: { memory: '10Mi' } } };

  test('variables, folders of the node, missing limits, native neighbours', () => {
    expect(ids({ container: limits })).toEqual([]);
    expect(ids({})).toEqual(['missing-limits containers/0']);
    expect(ids({ spec: limits })).toEqual([]);
    expect(ids({ container: { ...limits, env: [{ name: 'WASMEDGE_PLUGIN_PATH' }, { name: 'WASMEDGE_X' }, { name: 'HOME' }] } })).toEqual(['native-plug-in containers/0/env/0/name', 'host-environment containers/0/env/1/name']);
    const volumes = [{ name: 'h', hostPath: { path: '/srv' } }, { name: 'i', hostPath: { path: '/not' } }];
    expect(ids({ container: { ...limits, volumeMounts: [{ name: 'h', mountPath: '/h' }] }, spec: { volumes } })).toEqual(['host-path volumes/0/hostPath/path']);
    expect(ids({ spec: { containers: [{ image: 'a', ...limits }, { image: 'b', command: ['nginx'] }] } })).toEqual(['mixed-pod containers/0']);
  });

  test('an ordinary pod has none', () => {
    expect(first({ container: { env: [{ name: 'HOME' }] } }).settings).toEqual([]);
  });
});

describe('arguments of runners', () => {
  const named = (container: object): unknown[] => find({ container }).carriers.map(({ role, scheme, reference, certain, pointer }) => [role, scheme, reference, certain, pointer.replace('/items/0/spec/containers/0/', '')]);

  test.each<[object, readonly unknown[]]>([
    [{ args: ['up', '--listen', '0.0.0.0:80', '-f', 'ghcr.io/a/b:1', '--runtime-config-file', '/runtime-config.toml'] }, ['module', 'oci', 'ghcr.io/a/b:1', true, 'args/4']],
    [{ command: ['spin'], args: ['up', '--from=ghcr.io/a/b:1'] }, ['module', 'oci', 'ghcr.io/a/b:1', true, 'args/1']], [{ command: ['sh', '-c', 'spin up -f ghcr.io/a/b:1'] }, ['module', 'oci', 'ghcr.io/a/b:1', true, 'command/2']],
    [{ args: ['up', '-f', '/app/spin.toml'] }, ['module', 'file', '/app/spin.toml', false, 'args/2']], [{ command: ['wasmtime', 'run', '/x.wasm'] }, ['module', 'file', '/x.wasm', false, 'command/2']],
    [{ command: ['kwctl', 'run', 'registry://ghcr.io/k/p:1', '-r', 'r.json'] }, ['module', 'oci', 'registry://ghcr.io/k/p:1', true, 'command/2']], [{ command: ['wash', 'start', 'component', 'ghcr.io/w/c:1'] }, ['module', 'oci', 'ghcr.io/w/c:1', true, 'command/3']],
    [{ command: ['wash', 'start', 'provider', 'ghcr.io/w/p:1'] }, ['native', 'oci', 'ghcr.io/w/p:1', true, 'command/3']], [{ command: ['curl', '-o', 'm.bin', 'https://x.test/m.wasm'] }, ['module', 'http', 'https://x.test/m.wasm', false, 'command/3']],
    [{ args: [`--host-plugin=id=x,image=ghcr.io/w/p:1,digest=sha256:${'b'.repeat(64)}`] }, ['native', 'oci', 'ghcr.io/w/p:1', true, 'args/0']],
  ])('%j', (container, expected) => {
    expect(named(container)).toEqual([['runner', 'oci', 'x', false, 'image'], expected]);
  });

  test.each([{ args: ['-f', 'ghcr.io/a/b:1'] }, { command: ['kwctl', 'policies'] }, { args: ['serve', 'https://x.test/m.html'] }, { command: ['/app.wasm'] }])('%j names no module', (container) => {
    expect(named(container)).toHaveLength(1);
  });
});
