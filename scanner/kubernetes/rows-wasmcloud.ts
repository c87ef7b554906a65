import { application, hostConfig, wasmModule, workload } from './grants-wasmcloud.ts';
import { child, expand, rootNode } from './grants-node.ts';
import type { ManifestObject } from './object.ts';
import { type CustomRow, image, row, url } from './rows-row.ts';
import { nativeProgram, referenceAlone } from './settings-shim.ts';

const host = 'wasmcloud';
const required = true;
const template = { references: [image('spec.template.spec.components[].image', { required }), image('spec.template.spec.service.image', { required })], host, concerns: workload } as const;
const hosts = { references: [image('spec.image', { role: 'host' })], concerns: hostConfig } as const;

/** wasmCloud 1 and 2, Cosmonic, kasmcloud. */
export const WASMCLOUD_ROWS: readonly CustomRow[] = [
  row('runtime.wasmcloud.dev/v1alpha1 Workload workloads', { references: [image('spec.components[].image', { required }), image('spec.service.image', { required })], host, concerns: workload }),
  row('runtime.wasmcloud.dev/v1alpha1 WorkloadReplicaSet workloadreplicasets', template),
  row('runtime.wasmcloud.dev/v1alpha1 WorkloadDeployment workloaddeployments', template),
  row('runtime.wasmcloud.dev/v1alpha1 Artifact artifacts', { references: [image('spec.image', { required })], host, concerns: referenceAlone }),
  row('runtime.wasmcloud.dev/v1alpha1 Component components', { references: [image('spec.image', { required })], host, concerns: referenceAlone }),
  row('runtime.wasmcloud.dev/v1alpha1 Provider providers', { references: [image('spec.image', { role: 'native' })], concerns: nativeProgram }),
  // Registration of a running host; it names nothing that could be fetched.
  row('runtime.wasmcloud.dev/v1alpha1 Host hosts', { host }),
  row('core.oam.dev/v1beta1 Application applications', {
    references: [
      url('spec.components[].properties.image', { when: (object, parent) => hasType(object, parent, 'component', 'actor') }),
      url('spec.components[].properties.image', { role: 'native', when: (object, parent) => hasType(object, parent, 'capability') }),
    ],
    host,
    concerns: application,
  }),
  row('k8s.wasmcloud.dev/v1alpha1 WasmCloudHostConfig wasmcloudhostconfigs', { ...hosts, pods: [{ path: 'spec.schedulingOptions.podTemplateAdditions', is: 'template' }] }),
  row('control.cosmonic.io/v1alpha1 HTTPTrigger httptriggers', template),
  row('k8s.cosmonic.io/v1alpha1 HostGroup hostgroups', hosts),
  row('k8s.cosmonic.io/v1alpha1 Cluster clusters', hosts),
  row('kasmcloud.io/v1alpha1 Actor actors', { references: [image('spec.image', { required })], host, concerns: referenceAlone }),
  row('kasmcloud.io/v1alpha1 Provider providers', { references: [image('spec.image', { role: 'native' })], concerns: nativeProgram }),
  row('wasm.serving.knative.dev/v1alpha1 WasmModule wasmmodules', { references: [image('spec.image', { required })], host: 'wasmtime', concerns: wasmModule }),
];

const TYPES = new WeakMap<object, Map<unknown, Set<unknown>>>();

/** Whether a component with these properties has one of the types: the type stands beside `properties`, which is what holds the image. */
function hasType(object: ManifestObject, properties: Readonly<Record<string, unknown>>, ...wanted: readonly string[]): boolean {
  const known = TYPES.get(object.value) ?? typesOf(object);
  TYPES.set(object.value, known);
  return wanted.some((type) => known.get(properties)?.has(type));
}

function typesOf(object: ManifestObject): Map<unknown, Set<unknown>> {
  const types = new Map<unknown, Set<unknown>>();
  for (const component of expand(rootNode(object.value), 'spec.components[]')) {
    const properties = child(component, 'properties').value;
    types.set(properties, (types.get(properties) ?? new Set()).add(child(component, 'type').value));
  }
  return types;
}
