import { describe, expect, test } from 'vitest';
import { objectIn, rowFinds } from '../../test/support/kubernetes-rows.ts';
import { carriersOf } from './carriers.ts';
import { grant, placed } from './grants-node.ts';

function around(text: string, index = 0): { grants: readonly string[]; settings: readonly string[] } {
  const { grants, settings } = rowFinds(text)[index]!;
  return { grants, settings };
}

test('a SpinApp gives stores, databases, models, variables and folders', () => {
  expect(around(`apiVersion: core.spinkube.dev/v1alpha1
kind: SpinApp
metadata: { name: app }
spec:
  image: r.example/app:1
  runtimeConfig:
    keyValueStores: [{ name: default, type: redis }]
    sqliteDatabases: [{ name: orders }]
    llmCompute: { type: remote_http }
    loadFromSecret: runtime
  variables:
    - { name: level, value: debug }
    - name: token
      valueFrom: { secretKeyRef: { name: vault, key: token } }
  volumeMounts: [{ name: v, mountPath: /data }]
  volumes:
    - { name: v, hostPath: { path: /var/lib/data } }
`)).toEqual({
    grants: ['key-value keyValueStores: default @7', 'sql sqliteDatabases: orders @8', 'ai llmCompute: remote_http @9', 'secrets loadFromSecret: runtime @10', 'environment variables: level token @12', 'secrets secretKeyRef: vault/token @12', 'files volumeMounts: /data @15'],
    settings: ['host-path (high) hostPath: /var/lib/data @17', 'missing-limits (medium) no resources.limits.memory @5'],
  });
});

test('a SpinApp with a bound on memory is not remarkable', () => {
  expect(around('apiVersion: core.spinkube.dev/v1alpha1\nkind: SpinApp\nmetadata: { name: a }\nspec: { image: a:1, resources: { limits: { memory: 64Mi } } }')).toEqual({ grants: [], settings: [] });
});

describe('a workload of wasmCloud', () => {
  const text = `apiVersion: runtime.wasmcloud.dev/v1alpha1
kind: WorkloadDeployment
metadata: { name: app }
spec:
  template:
    spec:
      hostInterfaces:
        - { namespace: wasi, package: keyvalue, version: 0.2.0-draft, interfaces: [store, atomics] }
        - { namespace: wasi, package: logging, secretFrom: [{ name: log-key }] }
      volumes:
        - { name: data, hostPath: { path: /srv } }
      components:
        - image: a:1
          localResources:
            allowedHosts: ['*']
            allowedIpNameLookups: [db.example]
            allowedHostLoopbackPorts: [8080]
            environment: { config: { LEVEL: x }, configFrom: [{ name: cm }], secretFrom: [{ name: sec }] }
            volumeMounts: [{ name: data, mountPath: /d }]
        - image: b:1
          maxInvocations: 5
`;

  test('gives each component what is written for it, and the interfaces of all', () => {
    expect(around(text)).toEqual({
      grants: [
        'hosts allowedHosts: * everything @15', 'hosts allowedIpNameLookups: db.example @16', 'hosts allowedHostLoopbackPorts: 8080 @17', 'environment environment: LEVEL @18', 'environment configFrom: cm @18', 'secrets secretFrom: sec @18',
        'files volumeMounts: /d @19', 'interfaces hostInterfaces: wasi:keyvalue/store@0.2.0-draft wasi:keyvalue/atomics@0.2.0-draft wasi:logging @8', 'secrets hostInterfaces.secretFrom: log-key @8',
      ],
      settings: ['broad-scope (high) allowedHosts: * @15', 'host-path (high) hostPath: /srv @11', 'missing-limits (low) neither maxInvocations nor maxConcurrency @13'],
    });
  });

  test('says that a component without hosts reaches nobody', () => {
    expect(around(text, 1)).toEqual({
      grants: ['hosts allowedHosts:  @20', 'interfaces hostInterfaces: wasi:keyvalue/store@0.2.0-draft wasi:keyvalue/atomics@0.2.0-draft wasi:logging @8', 'secrets hostInterfaces.secretFrom: log-key @8'],
      settings: [],
    });
  });
});

test('an application of wasmCloud 1 gives interfaces by links, and its providers are native', () => {
  const text = `apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: { name: app }
spec:
  components:
    - name: api
      type: component
      properties: { image: a:1, config: [{ name: c }], secrets: [{ name: s }] }
      traits:
        - { type: spreadscaler, properties: { instances: 1 } }
        - { type: link, properties: { target: { name: kv, secrets: [{ name: pw }] }, namespace: wasi, package: keyvalue, interfaces: [store] } }
    - name: kv
      type: capability
      properties: { image: k:1 }
`;
  expect(around(text)).toEqual({ grants: ['environment config: c @8', 'secrets secrets: s @8', 'interfaces links: wasi:keyvalue/store @10', 'secrets secrets: pw @11'], settings: [] });
  expect(around(text, 1).settings).toEqual(['native-plug-in (high) type: capability @13']);
});

test('a host of wasmCloud 1 that does not check registries', () => {
  expect(around('apiVersion: k8s.wasmcloud.dev/v1alpha1\nkind: WasmCloudHostConfig\nmetadata: { name: a }\nspec: { image: h:1, allowedInsecure: ["r.local:5000"] }').settings).toEqual(['insecure-transport (high) allowedInsecure: r.local:5000 @4']);
});

test('a WasmModule of Knative gives folders, variables and the network of its host', () => {
  expect(around('apiVersion: wasm.serving.knative.dev/v1alpha1\nkind: WasmModule\nmetadata: { name: a }\nspec:\n  image: a:1\n  env: [{ name: A, value: b }]\n  volumeMounts: [{ name: v, mountPath: /d }]\n  network:\n    inherit: true\n    tcp: { connect: ["db.example:5432"] }\n')).toEqual({
    grants: ['files volumeMounts: /d @7', 'environment env: A @6', 'hosts network.inherit: * everything @9', 'hosts connect: db.example:5432 @10'],
    settings: [],
  });
});

describe('Kubewarden', () => {
  const policy = (spec: string): string => `apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata: { name: p }\nspec:\n  module: registry://r.example/p:1\n${spec}`;

  test('a policy that reads objects of the cluster', () => {
    expect(around(policy('  contextAwareResources:\n    - { apiVersion: v1, kind: Namespace }\n    - { apiVersion: apps/v1, kind: Deployment }\n'))).toEqual({ grants: ['cluster-resources contextAwareResources: v1/Namespace apps/v1/Deployment @7'], settings: [] });
    expect(around(policy('  contextAwareResources:\n    - { apiVersion: v1, kind: Secret }\n')).settings).toEqual(['broad-scope (high) contextAwareResources: v1/Secret @7']);
  });

  test('a policy that lets objects pass when it fails, or always', () => {
    expect(around(policy('  failurePolicy: Ignore\n  mode: monitor\n')).settings).toEqual(['fail-open (high) failurePolicy: Ignore @6', 'fail-open (medium) mode: monitor @7']);
    expect(around(policy('  failurePolicy: Fail\n  mode: protect\n')).settings).toEqual([]);
  });

  test('each member of a group has its own resources', () => {
    const group = 'apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicyGroup\nmetadata: { name: p }\nspec:\n  policies:\n    a: { module: a:1, contextAwareResources: [{ apiVersion: v1, kind: Pod }] }\n    b: { module: b:1 }\n';
    expect(around(group).grants).toEqual(['cluster-resources contextAwareResources: v1/Pod @6']);
    expect(around(group, 1).grants).toEqual([]);
  });

  test('a server that trusts every registry and grants everything', () => {
    const server = (spec: string): string => `apiVersion: policies.kubewarden.io/v1\nkind: PolicyServer\nmetadata: { name: s }\nspec:\n  image: s:1\n${spec}`;
    expect(around(server('  insecureSources: [r.local]\n  namespacedPoliciesCapabilities: ["*"]\n'))).toEqual({ grants: ['capabilities namespacedPoliciesCapabilities: * everything @7'], settings: ['insecure-transport (high) insecureSources: r.local @6', 'broad-scope (high) namespacedPoliciesCapabilities: * @7'] });
    expect(around(server('')).settings).toEqual(['broad-scope (medium) no namespacedPoliciesCapabilities @5']);
    expect(around(server('  namespacedPoliciesCapabilities: [oci/v1/verify]\n'))).toEqual({ grants: ['capabilities namespacedPoliciesCapabilities: oci/v1/verify @6'], settings: [] });
  });
});

describe('Dapr', () => {
  const component = (type: string, url: string, more = ''): string => `apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata: { name: c }\nscopes: [app]\nspec:\n  type: ${type}\n  metadata:\n    - { name: url, value: "${url}" }\n${more}`;

  test('a scheme that it refuses, and plain HTTP', () => {
    expect(around(component('middleware.http.wasm', 'oci://r.example/a:1')).settings).toEqual(['unsupported-scheme (high) value: oci://r.example/a:1 @8']);
    expect(around(component('middleware.http.wasm', 'http://f.example/a.wasm')).settings).toEqual(['insecure-transport (high) value: http://f.example/a.wasm @8']);
  });

  test('a binding may call hosts unless its sandbox is strict', () => {
    expect(around(component('bindings.wasm', 'file:///a.wasm'))).toEqual({ grants: ['hosts strictSandbox: * everything @6'], settings: [] });
    expect(around(component('bindings.wasm', 'file:///a.wasm', '    - { name: strictSandbox, value: "true" }\n'))).toEqual({ grants: ['hosts strictSandbox:  @9'], settings: [] });
    expect(around(component('middleware.http.wasm', 'file:///a.wasm', '    - { name: strictSandbox, value: false }\n'))).toEqual({ grants: [], settings: ['broad-scope (low) strictSandbox: false @9'] });
  });
});

test('Fluent Bit opens its working folder without a list', () => {
  const filter = (paths: string): string => `apiVersion: fluentbit.fluent.io/v1alpha2\nkind: ClusterFilter\nmetadata: { name: f }\nspec:\n  filters:\n    - wasm:\n        wasmPath: /f.wasm\n${paths}`;
  expect(around(filter('')).grants).toEqual(['files accessible_paths: . @7']);
  expect(around(filter('        accessiblePaths: [/var/log, /]\n')).grants).toEqual(['files accessiblePaths: /var/log / everything @8']);
});

test('a module of Yoke is code that somebody else may choose', () => {
  const digest = 'c'.repeat(64);
  const airway = (url: string, more = ''): string => `apiVersion: yoke.cd/v1alpha1\nkind: Airway\nmetadata: { name: a }\nspec:\n  wasmUrls:\n    flight: ${url}\n${more}`;
  expect(around(airway('http://f.example/a.wasm', '  insecure: true\n  clusterAccess: true\n  skipAdmissionWebhook: true\n'))).toEqual({
    grants: ['cluster-resources clusterAccess: * everything @8'],
    settings: ['insecure-transport (high) flight: http://f.example/a.wasm @6', 'remote-code (medium) flight: http://f.example/a.wasm @6', 'insecure-transport (high) insecure: true @7', 'fail-open (high) skipAdmissionWebhook: true @9', 'broad-scope (high) clusterAccess: true @8', 'missing-limits (medium) no maxMemoryMib @5'],
  });
  expect(around(airway(`oci://r.example/a@sha256:${digest}`, '  maxMemoryMib: 32\n  clusterAccess: true\n  resourceAccessMatchers: [apps/Deployment]\n'))).toEqual({ grants: ['cluster-resources clusterAccess: apps/Deployment @8'], settings: [] });
});

test('a shim is native code', () => {
  expect(around('apiVersion: runtime.spinkube.dev/v1alpha1\nkind: Shim\nmetadata: { name: s }\nspec: { fetchStrategy: { anonHttp: { location: "http://f.example/s.tgz" } } }').settings).toEqual(['native-plug-in (high) native code http://f.example/s.tgz @4', 'insecure-transport (high) location: http://f.example/s.tgz @4']);
});

test('of more values than are kept, everything counts as given', () => {
  const object = objectIn('apiVersion: a/v1\nkind: B\nmetadata: { name: n }\n');
  const { grants } = placed(function* (root) {
    yield grant(root, 'hosts', Array.from({ length: 1001 }, (_, index) => `h${index}`));
  })({ ...object, base: '/items/2', positionOf: (pointer) => ({ line: pointer.length, column: 1 }) }, '/items/2/spec/url');
  expect(grants[0]).toMatchObject({ everything: true, place: { pointer: '/items/2', line: 8, file: 'f.yaml' } });
  expect(grants[0]!.values).toHaveLength(1000);
});

test('volumes of a wasmCloud workload are read once, however many components mount them', () => {
  let reads = 0;
  const volumes = Array.from({ length: 50 }, (_, index) => Object.defineProperty({ hostPath: { path: `/h${index}` } }, 'name', { enumerable: true, get: () => { reads++; return `v${index}`; } }));
  const components = volumes.map((_, index) => ({ image: 'a:1', localResources: { volumeMounts: [{ name: `v${index}` }] } }));
  const value = { apiVersion: 'runtime.wasmcloud.dev/v1alpha1', kind: 'Workload', metadata: { name: 'w' }, spec: { components, volumes } };
  const object = { file: 'k.yaml', document: 0, base: '', apiVersion: value.apiVersion, kind: value.kind, name: 'w', namespace: null, value, positionOf: () => ({ line: 1, column: 1 }) };
  const { carriers } = carriersOf(object, { hash: () => '' });
  expect(carriers.map(({ settings }) => settings.filter(({ id }) => id === 'host-path').map(({ text }) => text))).toEqual(volumes.map((_, index) => [`hostPath: /h${index}`]));
  expect(reads).toBe(volumes.length);
});
