import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { array, assert, constantFrom, oneof, property, string, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carriersOf } from '../../scanner/kubernetes/carriers.ts';
import { WASM_PROGRAMS } from '../../scanner/kubernetes/pod-runtimes.ts';
import { readManifests } from '../../scanner/kubernetes/read.ts';
import { sha256Hex } from '../../scanner/sha256.ts';
import { ROOT } from '../support/imports.ts';
import { evaluate } from './cel.ts';

const TEXT = readFileSync(join(ROOT, 'charts/wasmgate/files/signals.cel'), 'utf8');

interface Pod {
  readonly metadata: object;
  readonly spec: Readonly<Record<string, unknown>> & { readonly containers: readonly object[] };
}

function pod(spec: object, metadata: object = {}): Pod {
  return { metadata: { name: 'p', namespace: 'n', ...metadata }, spec: { containers: [{ name: 'c', image: 'x' }], ...spec } };
}

function container(parts: object): Pod {
  return pod({ containers: [{ name: 'c', image: 'x', ...parts }] });
}

/** What the API server would say of a pod. */
function seen(object: Pod, runtimeClasses = ''): boolean {
  return evaluate(TEXT.replace('RUNTIME_CLASSES', runtimeClasses), { object });
}

/** What the scanner says: anything that certainly brings Wasm, or has a sign of it. */
function hasSignal(object: Pod): boolean {
  const { objects } = readManifests(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...object }), 'pod.json');
  return carriersOf(objects[0]!, { hash: sha256Hex }).carriers.some(({ signals }) => signals.length > 0);
}

const affinity = (operator: string, key: string, values: readonly string[]): object => ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }] } } } });
const preferred = (operator: string, key: string): object => ({ affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: { matchExpressions: [{ key, operator }] } }] } } });

const WASM: readonly Pod[] = [
  ...['wasm', 'wasmtime', 'wasmtime-spin-v2', 'spin', 'spin-v2', 'rust-spinkube', 'slight-v1-2-3', 'wasmtime-wws', 'wasmedgev1', 'crun-wasmedge', 'wamr', 'wasi', 'wagi', 'lunatic', 'wasmcloud', 'my-wazero2'].map((runtimeClassName) => pod({ runtimeClassName })),
  ...['wasm', 'wasm-smart', 'wasmtime', 'wasmedge', 'wasmer', 'wamr', 'spin', ' WASM '].map((value) => pod({}, { annotations: { 'run.oci.handler': value } })),
  ...['module.wasm.image/variant', 'module.wasm.image/other', 'alpha.wasi.krustlet.dev/x', 'alpha.wagi.krustlet.dev/modules'].map((key) => pod({}, { annotations: { [key]: 'compat' } })),
  ...['kwasm.sh/job', 'spinkube.dev/shimName'].map((key) => pod({}, { labels: { [key]: 'x' } })),
  pod({ nodeSelector: { 'kubernetes.io/arch': 'wasm32-wasi' } }), pod({ nodeSelector: { 'kwasm.sh/kwasm-provisioned': 'x' } }), pod({ nodeSelector: { os: 'linux', 'x/WASM': '' } }),
  pod({ tolerations: [{ key: 'kubernetes.io/arch', operator: 'Equal', value: 'wasm32-wagi' }] }), pod({ tolerations: [{ operator: 'Exists' }, { key: 'wasm' }] }), pod({ tolerations: [{ key: 'beta.kubernetes.io/arch', value: 'Wasm' }] }),
  pod(affinity('In', 'kubernetes.io/arch', ['amd64', 'wasm32-wasi'])), pod(preferred('Exists', 'has-wasm')),
  ...['/opt/nri/plugins', '//etc/nri/conf.d', '/usr/local/lib64/wasmedge', '/root/.wasmedge', '/var/lib/containerd/io.containerd.content.v1.content'].map((path) => pod({ volumes: [{ name: 'v', hostPath: { path } }] })),
  ...['SPIN_X', 'WASMEDGE_PLUGIN_PATH', 'WASMTIME_HTTP_BACKLOG', 'KONG_WASM', 'io.kuasar.wasm.nn_preload'].map((name) => container({ env: [{ name }] })),
  container({ volumeMounts: [{ name: 'r', mountPath: '/runtime-config.toml' }] }),
  ...['/app.wasm', '/hello.wasm#run', 'x.wat', 'X.WASM', 'a.cwasm', 'lib.wasm.so', 'm.aot', 'file=/x.wasm', 'cat a.wasm | b', 'https://x.test/m.wasm?v=1'].flatMap((word) => [container({ command: [word] }), container({ args: ['x', word] })]),
  ...[...WASM_PROGRAMS.keys()].flatMap((name) => [container({ command: [name] }), container({ command: [`/usr/bin/${name}`, 'x'] }), container({ command: ['sh', '-c', `set -e; exec ${name} x`] }), container({ args: [`${name}.exe`] })]),
  container({ command: ['sh', '-c', 'bash spin up'] }), container({ command: ['env', '--', 'wasmer'] }),
  container({ args: ['up', '-f', 'registry.test/a:1'] }), container({ args: ['up', '--from=registry.test/a:1'] }), container({ command: ['sh', '-c', 'x watch --from registry.test/a:1'] }), container({ args: ['--host-plugin=id=x,image=registry.test/w:1'] }), container({ args: ['--wasm_filters_path=/filters'] }),
  container({ env: [{ name: 'MODULE', value: 'https://x.test/m.wasm' }] }),
  pod({ initContainers: [{ name: 'i', image: 'x', command: ['/a.wasm'] }] }), pod({ ephemeralContainers: [{ name: 'e', image: 'x', command: ['/a.wasm'] }] }),
  pod({}, { annotations: { 'sidecar.istio.io/userVolume': '[{"name":"f","configMap":{"name":"filters"}}]' } }),
  pod({ volumes: [{ name: 'm', hostPath: { path: '/m' } }] }, { annotations: { 'dapr.io/volume-mounts': 'm:/m' } }),
];

/** Ordinary pods, with what is nearest to a signal. */
const PLAIN: readonly Pod[] = [
  pod({}), pod({ runtimeClassName: 'gvisor' }), pod({ runtimeClassName: 'spinnaker' }), pod({ runtimeClassName: 'lightweight' }),
  pod({}, { annotations: { 'run.oci.handler': 'krun', 'sidecar.istio.io/inject': 'true', 'dapr.io/enabled': 'true' }, labels: { app: 'wasm' } }),
  pod({ nodeSelector: { 'kubernetes.io/arch': 'arm64' }, tolerations: [{ operator: 'Exists' }, { key: 'a', value: 'wasm' }] }), pod(affinity('NotIn', 'kubernetes.io/arch', ['wasm32-wasi'])), pod(preferred('DoesNotExist', 'has-wasm')),
  pod({ volumes: [{ name: 'v', hostPath: { path: '/var/run/docker.sock' } }, { name: 'c', configMap: { name: 'x' } }] }),
  container({ env: [{ name: 'SPINNER', value: 'x' }, { name: 'PATH', value: '/wasm' }, { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }], envFrom: [{ prefix: 'X_', configMapRef: { name: 'y' } }], volumeMounts: [{ name: 'v', mountPath: '/x' }] }),
  container({ command: ['sh', '-c', 'echo a slight spin, then sleep; test -d /wasmtime.d && nginx'] }), container({ command: ['/'] }), container({ command: ['spinner'], args: ['--spin', '--washer=wash'] }), container({ args: ['*.wasm', 'compose', 'up'] }),
  container({ command: ['docker', 'compose'], args: ['-f', 'x.yaml'] }),
];

/** The API server decides what fails closed by a condition, the webhook by its own reading: whatever is a signal here has to be one there. */
describe('the condition "has a signal"', () => {
  test.each(WASM.map((object) => [JSON.stringify({ ...object.metadata, ...object.spec }), object] as const))('%s', (_, object) => {
    expect(hasSignal(object)).toBe(true);
    expect(seen(object)).toBe(true);
  });

  test.each(PLAIN.map((object) => [JSON.stringify({ ...object.metadata, ...object.spec }), object] as const))('not %s', (_, object) => {
    expect(hasSignal(object)).toBe(false);
    expect(seen(object)).toBe(false);
  });

  test('counts image volumes, runtime classes that the values name, and arguments too long to look at', () => {
    expect(seen(pod({ volumes: [{ name: 'v', image: { reference: 'x' } }] }))).toBe(true);
    expect(seen(pod({ runtimeClassName: 'edge' }))).toBe(false);
    expect(seen(pod({ runtimeClassName: 'edge' }), '"edge", "other"')).toBe(true);
    expect(seen(container({ args: ['x'.repeat(16_001)] }))).toBe(true);
    expect(seen(container({ envFrom: [{ prefix: 'WASMEDGE_', configMapRef: { name: 'x' } }] }))).toBe(true);
  });

  test('misses nothing that the scanner sees, however command lines are written', () => {
    const word = oneof(constantFrom(...WASM_PROGRAMS.keys()), constantFrom('exec', '--', '-c', '-xc', 'sh', '/bin/bash', 'env', 'sudo', 'then', 'do', 'echo', '/', 'a.wasm', 'b.wat#f', 'c.wasm.so', 'd.aot?x', 'x.exe', 'up', '-f', '--from=a', 'spin.exe', './spin', 'a/b/wasmtime', 'no.wasmx'), string({ maxLength: 6, unit: 'grapheme-ascii' }));
    const glue = constantFrom(' ', ';', ' && ', '|', '"', "'", '`', '(', ')', '\n', '\t', '/', '=', '.', ':', '\u00a0', '\v');
    const argument = array(tuple(word, glue), { maxLength: 5 }).map((parts) => parts.map(([text, after], index) => (index === parts.length - 1 ? text : text + after)).join(''));
    assert(property(array(argument, { maxLength: 4 }), array(argument, { maxLength: 3 }), (command, args) => {
      const object = container({ command, args });
      return !hasSignal(object) || seen(object);
    }), { numRuns: 1_000 });
  });

  test('misses no runtime class or annotation value', () => {
    const part = constantFrom('wasm', 'wasmtime', 'wasi', 'spin', 'spinkube', 'slight', 'wws', 'lunatic', 'wazero', 'wamr', 'crun', 'youki', 'v1', '2', '-', '.', 'x');
    assert(property(array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')), (name) => {
      const objects = [pod({ runtimeClassName: name }), pod({}, { annotations: { 'run.oci.handler': name } })];
      return objects.every((object) => !hasSignal(object) || seen(object));
    }), { numRuns: 1_000 });
  });
});
