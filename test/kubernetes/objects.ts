import { CUSTOM_ROWS } from '../../scanner/kubernetes/custom-rows.ts';
import type { ReferenceRow } from '../../scanner/kubernetes/table-row.ts';
import type { ApiObject } from './api-client.ts';
import type { CustomKind } from './custom-resources.ts';

export interface PodParts {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  /** null: none. Default: wasmtime, which makes it a Wasm pod. */
  readonly runtimeClassName?: string | null;
  /** Fields of the spec beside those, or in their place. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A pod with one container. */
export function pod(name: string, namespace: string, image: string, { runtimeClassName = 'wasmtime', spec = {}, ...metadata }: PodParts = {}): ApiObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, ...metadata }, spec: { ...(runtimeClassName === null ? {} : { runtimeClassName }), containers: [{ name: 'main', image }], ...spec } };
}

/** A pod template for what makes pods. */
function template(name: string, image: string, restartPolicy = 'Always'): object {
  return { metadata: { labels: { app: name } }, spec: { runtimeClassName: 'wasmtime', restartPolicy, containers: [{ name: 'main', image }] } };
}

/** One object of each kind of the cluster itself that makes pods. */
export function workloads(name: string, namespace: string, image: string): readonly ApiObject[] {
  const selector = { matchLabels: { app: name } };
  const metadata = { name, namespace };
  const job = { template: template(name, image, 'Never') };
  return [
    ...['Deployment', 'ReplicaSet'].map((kind) => ({ apiVersion: 'apps/v1', kind, metadata, spec: { replicas: 1, selector, template: template(name, image) } })),
    { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: { replicas: 1, serviceName: name, selector, template: template(name, image) } },
    { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec: { selector, template: template(name, image) } },
    { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: job },
    { apiVersion: 'batch/v1', kind: 'CronJob', metadata, spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: job } } },
    { apiVersion: 'v1', kind: 'ReplicationController', metadata, spec: { replicas: 1, selector: { app: name }, template: template(name, image) } },
    { apiVersion: 'v1', kind: 'PodTemplate', metadata, template: template(name, image) },
  ];
}

/** RuntimeClasses that pods of the tests name; the API server refuses pods of classes that are not there. */
export const RUNTIME_CLASSES: readonly ApiObject[] = ['wasmtime', 'runc'].map((name) => ({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name }, handler: name }));

/** How a kind refers to a module: an object with the reference at its place. */
export interface CustomExample { readonly kind: CustomKind; readonly path: string; readonly object: (name: string, namespace: string, reference: string) => ApiObject }

/** Fields that decide whether the field with the reference counts. */
const BESIDE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'core.oam.dev Application': { spec: { components: [{ name: 'one', type: 'component' }] } },
  'dapr.io Component': { spec: { type: 'bindings.wasm', version: 'v1', metadata: [{ name: 'url' }] } },
  'dapr.io Configuration': { spec: { httpPipeline: { handlers: [{ type: 'middleware.http.wasm' }] } } },
};

/** An example of every kind of the carrier table that refers to a module or a pod by an image or URL; what only texts or paths hold is left out. */
export function customExamples(kinds: readonly CustomKind[]): readonly CustomExample[] {
  return kinds.flatMap((kind) => {
    const row = CUSTOM_ROWS.find(({ group, kind: name }) => group === kind.group && name === kind.kind)!;
    const field = row.references.find(isFetched);
    if (field) return [example(kind, field.path, (reference) => (field.reads === 'url' ? `oci://${reference}` : reference))];
    const pods = row.pods?.[0];
    return pods ? [podExample(kind, pods)] : [];
  });
}

/** Objects of kinds that hold Envoy configuration, with the bytes of a module in it. */
export function inlineExamples(name: string, namespace: string, wasm: Uint8Array): readonly ApiObject[] {
  const metadata = { name, namespace };
  const filter = {
    name: 'envoy.filters.http.wasm',
    typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm', config: { vm_config: { runtime: 'envoy.wasm.runtime.v8', code: { local: { inline_bytes: Buffer.from(wasm).toString('base64') } } } } },
  };
  return [
    { apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter', metadata, spec: { configPatches: [{ applyTo: 'HTTP_FILTER', patch: { operation: 'INSERT_BEFORE', value: filter } }] } },
    { apiVersion: 'gateway.envoyproxy.io/v1alpha1', kind: 'EnvoyPatchPolicy', metadata, spec: { type: 'JSONPatch', jsonPatches: [{ type: 'type.googleapis.com/envoy.config.listener.v3.Listener', name: 'one', operation: { op: 'add', path: '/filters/0', value: filter } }] } },
    { apiVersion: 'consul.hashicorp.com/v1alpha1', kind: 'ServiceDefaults', metadata, spec: { envoyExtensions: [{ name: 'builtin/property-override', arguments: filter }] } },
  ];
}

function isFetched({ reads, role = 'module', path }: ReferenceRow): boolean {
  return role === 'module' && (reads === 'image' || reads === 'url') && !/secretKeyRef|envRef/.test(path);
}

function example(kind: CustomKind, path: string, written: (reference: string) => string): CustomExample {
  const beside = BESIDE[`${kind.group} ${kind.kind}`] ?? {};
  return { kind, path, object: (name, namespace, reference) => named(kind, name, namespace, merged(beside, at(path, written(reference)))) };
}

function podExample(kind: CustomKind, { path, is }: { readonly path: string; readonly is: 'pod' | 'template' }): CustomExample {
  return {
    kind, path,
    object: (name, namespace, reference) => {
      const whole = template(name, reference) as { spec: object };
      return named(kind, name, namespace, at(path, is === 'pod' ? whole.spec : whole));
    },
  };
}

function named({ group, versions, kind, scope }: CustomKind, name: string, namespace: string, fields: Readonly<Record<string, unknown>>): ApiObject {
  return { apiVersion: `${group}/${versions[0]}`, kind, metadata: { name, ...(scope === 'Namespaced' ? { namespace } : {}) }, ...fields };
}

/** `a.b[].c` as an object with the value at that place; `*` is a map with one key. */
function at(path: string, value: unknown): Record<string, unknown> {
  const made = path.split('.').reduceRight<unknown>((inner, step) => {
    if (step === '*') return { one: inner };
    return step.endsWith('[]') ? { [step.slice(0, -2)]: [inner] } : { [step]: inner };
  }, value);
  return made as Record<string, unknown>;
}

function merged(one: unknown, other: unknown): Record<string, unknown> {
  if (Array.isArray(one) && Array.isArray(other)) return other.map((item, index) => (index < one.length ? merged(one[index], item) : item)) as unknown as Record<string, unknown>;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return (other ?? one) as Record<string, unknown>;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(keys.map((key) => [key, key in one && key in other ? merged((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]) : ((other as Record<string, unknown>)[key] ?? (one as Record<string, unknown>)[key])]));
}
