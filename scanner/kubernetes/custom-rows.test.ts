import { describe, expect, test } from 'vitest';
import { objectIn, rowFinds } from '../../test/support/kubernetes-rows.ts';
import { CUSTOM_ROWS } from './custom-rows.ts';

const HEX = 'ab'.repeat(32);

/** The finds without what a test is not about. */
function short(text: string): string[] {
  return rowFinds(text).map(({ pointer, reference, scheme, role, host, onDeny }) => `${pointer} ${scheme} ${reference} ${role} ${host ?? '-'} ${onDeny}`);
}

function object(apiVersion: string, kind: string, rest: string): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: one, namespace: shop }\n${rest}`;
}

describe('the table of custom resources', () => {
  test('has one row for each group and kind, whole and with a plural', () => {
    const names = CUSTOM_ROWS.map(({ group, kind }) => `${group}/${kind}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    for (const { group, kind, resource, versions } of CUSTOM_ROWS) {
      expect(group, kind).toMatch(/^[a-z0-9.-]+\.[a-z]+$/);
      expect(resource).toMatch(/^[a-z]+$/);
      for (const version of versions) expect(version).toMatch(/^v\d/);
    }
  });

  test.each([
    ['core.spinkube.dev/v1alpha1', 'SpinApp', 'spec: { image: "r.example/hello:1", executor: x }', ['/spec/image oci r.example/hello:1 module spin deny']],
    ['core.spinoperator.dev/v1alpha1', 'SpinApp', 'spec: { image: "r.example/hello:1" }', ['/spec/image oci r.example/hello:1 module spin deny']],
    ['core.spinkube.dev/v1alpha1', 'SpinAppExecutor', 'spec: { deploymentConfig: { spinImage: "r.example/spin:3" } }', ['/spec/deploymentConfig/spinImage oci r.example/spin:3 runner spin deny']],
    ['runtime.spinkube.dev/v1alpha1', 'Shim', 'spec: { fetchStrategy: { anonHttp: { location: "https://f.example/shim.tgz" } } }', ['/spec/fetchStrategy/anonHttp/location http https://f.example/shim.tgz native - deny']],
    ['runtime.kwasm.sh/v1alpha1', 'Shim', 'spec: { fetchStrategy: { platforms: [{ location: "https://f.example/a.tgz" }] } }', ['/spec/fetchStrategy/platforms/0/location http https://f.example/a.tgz native - deny']],
    ['runtime.wasmcloud.dev/v1alpha1', 'Workload', 'spec: { components: [{ image: a:1 }, { image: b:1 }], service: { image: c:1 } }', ['/spec/components/0/image oci a:1 module wasmcloud deny', '/spec/components/1/image oci b:1 module wasmcloud deny', '/spec/service/image oci c:1 module wasmcloud deny']],
    ['runtime.wasmcloud.dev/v1alpha1', 'WorkloadReplicaSet', 'spec: { template: { spec: { components: [{ image: a:1 }] } } }', ['/spec/template/spec/components/0/image oci a:1 module wasmcloud deny']],
    ['runtime.wasmcloud.dev/v1alpha1', 'WorkloadDeployment', 'spec: { template: { spec: { service: { image: a:1 } } } }', ['/spec/template/spec/service/image oci a:1 module wasmcloud deny']],
    ['runtime.wasmcloud.dev/v1alpha1', 'Artifact', 'spec: { image: a:1 }', ['/spec/image oci a:1 module wasmcloud deny']],
    ['runtime.wasmcloud.dev/v1alpha1', 'Component', 'spec: { image: a:1 }', ['/spec/image oci a:1 module wasmcloud deny']],
    ['runtime.wasmcloud.dev/v1alpha1', 'Host', 'hostId: N1', []],
    ['k8s.wasmcloud.dev/v1alpha1', 'WasmCloudHostConfig', 'spec: { image: h:1 }', ['/spec/image oci h:1 host - deny']],
    ['control.cosmonic.io/v1alpha1', 'HTTPTrigger', 'spec: { template: { spec: { components: [{ image: a:1 }] } } }', ['/spec/template/spec/components/0/image oci a:1 module wasmcloud deny']],
    ['k8s.cosmonic.io/v1alpha1', 'HostGroup', 'spec: { image: h:1 }', ['/spec/image oci h:1 host - deny']],
    ['k8s.cosmonic.io/v1alpha1', 'Cluster', 'spec: { image: h:1 }', ['/spec/image oci h:1 host - deny']],
    ['kasmcloud.io/v1alpha1', 'Actor', 'spec: { image: a:1 }', ['/spec/image oci a:1 module wasmcloud deny']],
    ['kasmcloud.io/v1alpha1', 'Provider', 'spec: { image: p:1 }', ['/spec/image oci p:1 native - deny']],
    ['wasm.serving.knative.dev/v1alpha1', 'WasmModule', 'spec: { image: a:1 }', ['/spec/image oci a:1 module wasmtime deny']],
    ['extensions.istio.io/v1alpha1', 'WasmPlugin', 'spec: { url: "r.example/p:1" }', ['/spec/url oci r.example/p:1 module proxy-wasm deny']],
    ['extensions.istio.io/v1alpha1', 'TrafficExtension', 'spec: { wasm: { url: "https://f.example/p.wasm" } }', ['/spec/wasm/url http https://f.example/p.wasm module proxy-wasm deny']],
    ['extensions.higress.io/v1alpha1', 'WasmPlugin', 'spec: { url: "file:///p.wasm" }', ['/spec/url file file:///p.wasm module proxy-wasm deny']],
    ['extension.tsb.tetrate.io/v2', 'WasmExtension', 'spec: { url: "oci://r.example/p:1" }', ['/spec/url oci oci://r.example/p:1 module proxy-wasm deny']],
    ['gateway.envoyproxy.io/v1alpha1', 'EnvoyExtensionPolicy', 'spec: { wasm: [{ code: { http: { url: "https://f.example/a" } } }, { code: { image: { url: "r.example/b:1" } } }] }', ['/spec/wasm/0/code/http/url http https://f.example/a module proxy-wasm deny', '/spec/wasm/1/code/image/url oci r.example/b:1 module proxy-wasm deny']],
    ['gateway.envoyproxy.io/v1alpha1', 'EnvoyProxy', 'spec: { dynamicModules: [{ source: { local: { path: /lib.so } } }, { source: { remote: { url: "https://f.example/l.so" } } }] }', ['/spec/dynamicModules/0/source/local/path file /lib.so native proxy-wasm deny', '/spec/dynamicModules/1/source/remote/url http https://f.example/l.so native proxy-wasm deny']],
    ['policies.kubewarden.io/v1', 'ClusterAdmissionPolicy', 'spec: { module: "registry://r.example/p:1" }', ['/spec/module oci registry://r.example/p:1 module kubewarden deny']],
    ['policies.kubewarden.io/v1alpha2', 'AdmissionPolicy', 'spec: { module: "r.example/p:1" }', ['/spec/module oci r.example/p:1 module kubewarden deny']],
    ['policies.kubewarden.io/v1', 'ClusterAdmissionPolicyGroup', 'spec: { policies: { a/b: { module: "https://f.example/p.wasm" } } }', ['/spec/policies/a~1b/module http https://f.example/p.wasm module kubewarden deny']],
    ['policies.kubewarden.io/v1', 'AdmissionPolicyGroup', 'spec: { policies: { a: { module: "file:///p.wasm" } } }', ['/spec/policies/a/module file file:///p.wasm module kubewarden deny']],
    ['policies.kubewarden.io/v1', 'PolicyServer', 'spec: { image: s:1 }', ['/spec/image oci s:1 host kubewarden deny']],
    ['dapr.io/v1alpha1', 'Component', 'spec: { type: middleware.http.wasm, metadata: [{ name: url, value: "file:///f.wasm" }, { name: guestConfig, value: x.wasm }] }', ['/spec/metadata/0/value file file:///f.wasm module dapr-middleware deny']],
    ['dapr.io/v1alpha1', 'Component', 'spec: { type: middleware.http.wasm.basic, metadata: [{ name: path, value: ./f.wasm }] }', ['/spec/metadata/0/value file ./f.wasm module dapr-middleware deny']],
    ['dapr.io/v1alpha1', 'Component', 'spec: { type: bindings.wasm, metadata: [{ name: url, secretKeyRef: { name: where, key: url } }, { name: other, secretKeyRef: { name: no } }] }', ['/spec/metadata/0/secretKeyRef/name secret where module dapr-binding deny']],
    ['dapr.io/v1alpha1', 'Component', 'spec: { type: state.redis, metadata: [{ name: url, value: "redis://x" }] }', []],
    ['dapr.io/v1alpha1', 'Configuration', 'spec: { httpPipeline: { handlers: [{ name: w, type: middleware.http.wasm }, { name: o, type: middleware.http.oauth2 }] } }', ['/spec/httpPipeline/handlers/0/name builtin w module dapr-middleware deny']],
    ['core.openfunction.io/v1beta2', 'Function', 'spec: { image: f:1, workloadRuntime: wasmedge }', ['/spec/image oci f:1 module crun-wasmedge warn']],
    ['core.openfunction.io/v1beta1', 'Serving', 'spec: { image: f:1 }', ['/spec/image oci f:1 module - warn']],
    ['fluentbit.fluent.io/v1alpha2', 'ClusterFilter', 'spec: { filters: [{ wasm: { wasmPath: /f.wasm } }, { grep: {} }] }', ['/spec/filters/0/wasm/wasmPath file /f.wasm module fluent-bit deny']],
    ['fluentbit.fluent.io/v1alpha2', 'Filter', 'spec: { filters: [{ wasm: { wasmPath: /f.wasm } }] }', ['/spec/filters/0/wasm/wasmPath file /f.wasm module fluent-bit deny']],
    ['fluentbit.fluent.io/v1alpha2', 'ClusterInput', 'spec: { execWasi: { wasiPath: /i.wasm } }', ['/spec/execWasi/wasiPath file /i.wasm module fluent-bit deny']],
    ['fluentbit.fluent.io/v1alpha2', 'Input', 'spec: { execWasi: { wasiPath: /i.wasm } }', ['/spec/execWasi/wasiPath file /i.wasm module fluent-bit deny']],
    ['kubescheduler.config.k8s.io/v1', 'KubeSchedulerConfiguration', 'profiles: [{ pluginConfig: [{ name: w, args: { guestURL: "file:///g.wasm" } }] }]', ['/profiles/0/pluginConfig/0/args/guestURL file file:///g.wasm module scheduler deny']],
    ['networking.enterprise.mesh.gloo.solo.io/v1beta1', 'WasmDeployment', 'spec: { filters: [{ wasmImageSource: { wasmImageTag: w:1 } }, { httpUriSource: { uri: "http://f.example/w" } }, { localPathSource: /w.wasm }] }', ['/spec/filters/0/wasmImageSource/wasmImageTag oci w:1 module proxy-wasm deny', '/spec/filters/1/httpUriSource/uri http http://f.example/w module proxy-wasm deny', '/spec/filters/2/localPathSource file /w.wasm module proxy-wasm deny']],
    ['wasme.io/v1', 'FilterDeployment', 'spec: { filter: { image: w:1 } }', ['/spec/filter/image oci w:1 module proxy-wasm deny']],
    ['gateway.solo.io/v1', 'Gateway', 'spec: { httpGateway: { options: { wasm: { filters: [{ image: w:1 }] } } } }', ['/spec/httpGateway/options/wasm/filters/0/image oci w:1 module proxy-wasm deny']],
    ['gateway.solo.io/v2', 'Gateway', 'spec: { httpGateway: { plugins: { extensions: { configs: { wasm: { image: w:1 } } } } } }', ['/spec/httpGateway/plugins/extensions/configs/wasm/image oci w:1 module proxy-wasm deny']],
    ['microservice.slime.io/v1alpha1', 'PluginManager', 'spec: { plugin: [{ wasm: { url: "oci://r.example/w:1" } }] }', ['/spec/plugin/0/wasm/url oci oci://r.example/w:1 module proxy-wasm deny']],
    ['yoke.cd/v1alpha1', 'Airway', 'spec: { wasmUrls: { flight: "https://f.example/a.wasm", converter: "oci://r.example/c:1" } }', ['/spec/wasmUrls/flight http https://f.example/a.wasm module wazero deny', '/spec/wasmUrls/converter oci oci://r.example/c:1 module wazero deny']],
    ['yoke.cd/v1alpha1', 'Flight', 'spec: { wasmUrl: "oci://r.example/a:1" }', ['/spec/wasmUrl oci oci://r.example/a:1 module wazero deny']],
  ])('%s %s brings %j', (apiVersion, kind, rest, expected) => {
    expect(short(object(apiVersion, kind, rest))).toEqual(expected);
  });

  test('tells components of an application from native providers, and leaves other applications alone', () => {
    const text = object('core.oam.dev/v1beta1', 'Application', `spec:
  components:
    - { name: api, type: component, properties: { image: "r.example/api:1" } }
    - { name: old, type: actor, properties: { image: "file://./old.wasm" } }
    - { name: http, type: capability, properties: { image: "r.example/http:1" } }
    - { name: web, type: webservice, properties: { image: nginx } }
`);
    expect(short(text)).toEqual([
      '/spec/components/0/properties/image oci r.example/api:1 module wasmcloud deny',
      '/spec/components/1/properties/image file file://./old.wasm module wasmcloud deny',
      '/spec/components/2/properties/image oci r.example/http:1 native wasmcloud deny',
    ]);
  });

  test('keeps placeholders and empty texts as carriers', () => {
    expect(short(object('core.spinkube.dev/v1alpha1', 'SpinApp', 'spec: { image: "${REGISTRY}/app:${TAG}" }'))).toEqual(['/spec/image oci ${REGISTRY}/app:${TAG} module spin deny']);
    expect(short(object('extensions.istio.io/v1alpha1', 'WasmPlugin', 'spec: { url: "" }'))).toEqual(['/spec/url oci  module proxy-wasm deny']);
  });

  test('knows the hash field of each host', () => {
    const hash = (text: string): unknown => rowFinds(text).map((find) => find.hash);
    expect(hash(object('extensions.istio.io/v1alpha1', 'WasmPlugin', `spec: { url: a:1, sha256: ${HEX} }`))).toEqual([HEX]);
    expect(hash(object('gateway.envoyproxy.io/v1alpha1', 'EnvoyExtensionPolicy', `spec: { wasm: [{ code: { image: { url: a:1, sha256: ${HEX} } } }] }`))).toEqual([HEX]);
    expect(hash(object('runtime.spinkube.dev/v1alpha1', 'Shim', `spec: { fetchStrategy: { platforms: [{ location: "https://f.example/a", sha256: ${HEX} }] } }`))).toEqual([HEX]);
    const of = CUSTOM_ROWS.find(({ kind }) => kind === 'EnvoyExtensionPolicy')!.references.map(({ hash }) => hash?.of);
    expect(of).toEqual(['bytes', 'manifest']);
  });

  test('names the pods that other kinds make', () => {
    const pods = (kind: string): unknown => CUSTOM_ROWS.find((row) => row.kind === kind && row.pods)!.pods;
    expect(pods('Rollout')).toEqual([{ path: 'spec.template', is: 'template' }]);
    expect(pods('Revision')).toEqual([{ path: 'spec', is: 'pod' }]);
    expect(pods('JobSet')).toEqual([{ path: 'spec.replicatedJobs[].template.spec.template', is: 'template' }]);
    expect(pods('DeploymentGrid')).toEqual([{ path: 'spec.template.template', is: 'template' }]);
  });

  test('is not led astray by names of the prototype', () => {
    const strange = object('policies.kubewarden.io/v1', 'ClusterAdmissionPolicyGroup', 'spec: { policies: { __proto__: { module: a:1 }, constructor: { module: b:1 } } }');
    expect(short(strange)).toEqual(['/spec/policies/__proto__/module oci a:1 module kubewarden deny', '/spec/policies/constructor/module oci b:1 module kubewarden deny']);
    expect(rowFinds(object('extensions.istio.io/v1alpha1', 'WasmPlugin', 'spec: 5'))).toEqual([]);
    expect(rowFinds(object('extensions.istio.io/v1alpha1', 'WasmPlugin', 'spec: [a]'))).toEqual([]);
    expect(objectIn(strange).kind).toBe('ClusterAdmissionPolicyGroup');
  });
});
