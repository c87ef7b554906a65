import { type CustomRow, image, row, url } from './rows-row.ts';
import { extensionPolicy, glooFilter, higressPlugin, meshExtension, trafficExtension, wasmPlugin } from './settings-proxy.ts';
import { nativeProgram, referenceAlone } from './settings-shim.ts';

const host = 'proxy-wasm';
/** Of an image it is the manifest's digest, of a download the bytes'. */
const hash = { path: 'sha256', of: 'either' } as const;
const required = true;
const envoy = { host, search: 'envoy' } as const;

/** Istio, Higress and Tetrate. */
export const ISTIO_ROWS: readonly CustomRow[] = [
  row('extensions.istio.io/v1alpha1 WasmPlugin wasmplugins', { references: [url('spec.url', { hash, required })], host, concerns: wasmPlugin }),
  row('extensions.istio.io/v1alpha1 TrafficExtension trafficextensions', { references: [url('spec.wasm.url', { hash, required })], host, concerns: trafficExtension }),
  row('networking.istio.io/v1alpha3 EnvoyFilter envoyfilters', envoy),
  row('extensions.higress.io/v1alpha1 WasmPlugin wasmplugins', { references: [url('spec.url', { hash, required })], host, concerns: higressPlugin }),
  row('extension.tsb.tetrate.io/v2 WasmExtension wasmextensions', { references: [image('spec.image'), url('spec.url', { hash })], host, concerns: meshExtension }),
];

/** Envoy Gateway. */
export const ENVOY_GATEWAY_ROWS: readonly CustomRow[] = [
  row('gateway.envoyproxy.io/v1alpha1 EnvoyExtensionPolicy envoyextensionpolicies', {
    references: [
      url('spec.wasm[].code.http.url', { otherwise: 'http', hash: { path: 'sha256', of: 'bytes' }, required }),
      // Of an image for several platforms it is the digest of one platform's manifest.
      url('spec.wasm[].code.image.url', { hash: { path: 'sha256', of: 'manifest' }, required }),
    ],
    host,
    concerns: extensionPolicy,
  }),
  row('gateway.envoyproxy.io/v1alpha1 EnvoyPatchPolicy envoypatchpolicies', envoy),
  row('gateway.envoyproxy.io/v1alpha1 EnvoyProxy envoyproxies', {
    ...envoy,
    references: [
      { path: 'spec.dynamicModules[].source.local.path', reads: 'path', role: 'native' },
      url('spec.dynamicModules[].source.remote.url', { otherwise: 'http', role: 'native', hash: { path: 'sha256', of: 'bytes' } }),
    ],
    concerns: nativeProgram,
  }),
];

/** Gloo in its forms, wasme, Consul, slime: all of them put proxy-wasm plug-ins into Envoy. */
export const OTHER_PROXY_ROWS: readonly CustomRow[] = [
  row('networking.enterprise.mesh.gloo.solo.io/v1beta1 WasmDeployment wasmdeployments', {
    references: [
      image('spec.filters[].wasmImageSource.wasmImageTag'),
      url('spec.filters[].httpUriSource.uri', { otherwise: 'http', hash: { path: 'sha', of: 'bytes' } }),
      { path: 'spec.filters[].localPathSource', reads: 'path' },
    ],
    host,
    concerns: glooFilter,
  }),
  row('wasme.io/v1 FilterDeployment filterdeployments', { references: [image('spec.filter.image', { required })], host, concerns: glooFilter }),
  row('gateway.solo.io/v1,v2 Gateway gateways', {
    references: [
      image('spec.httpGateway.options.wasm.filters[].image'),
      { path: 'spec.httpGateway.options.wasm.filters[].filePath', reads: 'path' },
      image('spec.httpGateway.plugins.extensions.configs.wasm.image'),
    ],
    host,
    concerns: glooFilter,
  }),
  row('consul.hashicorp.com/v1alpha1 ProxyDefaults proxydefaults', envoy),
  row('consul.hashicorp.com/v1alpha1 ServiceDefaults servicedefaults', envoy),
  row('microservice.slime.io/v1alpha1 PluginManager pluginmanagers', { references: [url('spec.plugin[].wasm.url', { hash }), url('spec.plugins[].wasm.url', { hash })], host, concerns: referenceAlone }),
  row('microservice.slime.io/v1alpha1 EnvoyPlugin envoyplugins', { references: [url('spec.plugin[].wasm.url', { hash }), url('spec.plugins[].wasm.url', { hash })], host, concerns: referenceAlone }),
];
