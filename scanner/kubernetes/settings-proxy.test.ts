import { describe, expect, test } from 'vitest';
import { rowFinds } from '../../test/support/kubernetes-rows.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

function settings(text: string): readonly string[] {
  return rowFinds(text)[0]!.settings;
}

function plugin(spec: string, namespace = 'shop', kind = 'WasmPlugin'): string {
  return `apiVersion: extensions.istio.io/v1alpha1\nkind: ${kind}\nmetadata:\n  name: guard\n  namespace: ${namespace}\nspec:\n${spec.replace(/^/gm, '  ')}`;
}

const CHOSEN = 'selector: { matchLabels: { app: web } }';

describe('a WasmPlugin', () => {
  test('without remarkable settings has none', () => {
    expect(settings(plugin(`url: oci://r.example/g@sha256:${A}\nsha256: ${A}\nfailStrategy: FAIL_CLOSE\n${CHOSEN}`))).toEqual([]);
  });

  test.each([['AUTHN', 'high'], ['AUTHZ', 'high'], ['STATS', 'low'], ['UNSPECIFIED_PHASE', 'medium']])('that fails open in phase %s is remarkable with %s confidence', (phase, confidence) => {
    expect(settings(plugin(`url: r.example/g:1\nphase: ${phase}\nfailStrategy: FAIL_OPEN\n${CHOSEN}`))).toEqual([`fail-open (${confidence}) failStrategy: FAIL_OPEN @9`]);
  });

  test('hands on variables of the proxy, of which those that tell its place are harmless', () => {
    const text = plugin(`url: r.example/g:1\n${CHOSEN}\nvmConfig:\n  env:\n    - { name: POD_NAME, valueFrom: HOST }\n    - { name: AWS_SECRET_ACCESS_KEY, valueFrom: HOST }\n    - { name: MODE, value: strict }`);
    expect(settings(text)).toEqual(['host-environment (low) host variable POD_NAME @11', 'host-environment (high) host variable AWS_SECRET_ACCESS_KEY @12']);
    expect(rowFinds(text)[0]!.grants).toEqual(['environment env: POD_NAME AWS_SECRET_ACCESS_KEY MODE @11']);
  });

  test('believes in a key that nobody reads', () => {
    expect(settings(plugin(`url: r.example/g:1\nverificationKey: secret/key\n${CHOSEN}`))).toEqual(['no-effect (high) verificationKey @8']);
    expect(settings(plugin(`url: r.example/g:1\nverificationKey: ''\n${CHOSEN}`))).toEqual([]);
  });

  test('reaches everything without a selector or in the root namespace', () => {
    expect(settings(plugin('url: r.example/g:1', 'istio-system'))).toEqual(['broad-scope (high) no selector and no targetRefs @7']);
    expect(settings(plugin('url: r.example/g:1\nselector: { matchLabels: {} }'))).toEqual(['broad-scope (low) no selector and no targetRefs @8']);
    expect(settings(plugin(`url: r.example/g:1\n${CHOSEN}`, 'istio-system'))).toEqual(['broad-scope (medium) namespace: istio-system @8']);
    expect(settings(plugin('url: r.example/g:1\ntargetRefs: [{ kind: Gateway, name: g }]'))).toEqual([]);
  });

  test('with two hashes that differ, and over plain HTTP', () => {
    expect(settings(plugin(`url: oci://r.example/g@sha256:${A}\nsha256: ${B}\n${CHOSEN}`))).toEqual([`hash-disagrees (high) sha256: ${B} @8`]);
    expect(settings(plugin(`url: http://f.example/g.wasm\n${CHOSEN}`))).toEqual(['insecure-transport (high) url: http://f.example/g.wasm @7']);
  });
});

test('a TrafficExtension has the same settings one level deeper', () => {
  const text = plugin(`phase: AUTHZ\n${CHOSEN}\nlua: { inlineCode: x }\nwasm:\n  url: r.example/g:1\n  failStrategy: FAIL_OPEN\n  verificationKey: k`, 'shop', 'TrafficExtension');
  expect(settings(text)).toEqual(['fail-open (high) failStrategy: FAIL_OPEN @12', 'no-effect (high) verificationKey @13', 'native-plug-in (low) lua @9']);
});

test('a plug-in of Higress is not asked for a selector', () => {
  const text = `apiVersion: extensions.higress.io/v1alpha1\nkind: WasmPlugin\nmetadata: { name: a, namespace: higress-system }\nspec:\n  url: oci://r.example/h:1\n  defaultConfig: { a: 1 }\n`;
  expect(settings(text)).toEqual(['broad-scope (low) defaultConfig @6']);
  expect(settings(`${text}  defaultConfigDisable: true\n`)).toEqual([]);
});

test('an EnvoyExtensionPolicy: failing open, host keys, siblings, hashes of one platform', () => {
  const text = `apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyExtensionPolicy
metadata: { name: a }
spec:
  lua: [{ type: Inline }]
  dynamicModule: [{ name: x }]
  wasm:
    - failOpen: true
      env: { hostKeys: [POD_NAMESPACE, DB_PASSWORD] }
      code:
        type: Image
        image:
          url: r.example/g@sha256:${A}
          sha256: ${B}
`;
  expect(settings(text)).toEqual([
    `hash-disagrees (low) sha256: ${B} @14`,
    'fail-open (medium) failOpen: true @8',
    'host-environment (low) host variable POD_NAMESPACE @9',
    'host-environment (high) host variable DB_PASSWORD @9',
    'native-plug-in (high) dynamicModule @6',
    'native-plug-in (low) lua @5',
  ]);
  expect(rowFinds(text)[0]!.grants).toEqual(['environment hostKeys: POD_NAMESPACE DB_PASSWORD @9']);
});

test('a filter of Gloo that fails open, of the filter and not of its source', () => {
  const text = 'apiVersion: networking.enterprise.mesh.gloo.solo.io/v1beta1\nkind: WasmDeployment\nmetadata: { name: a }\nspec:\n  filters:\n    - failOpen: true\n      vmType: "NULL"\n      wasmImageSource: { wasmImageTag: w:1 }\n';
  expect(settings(text)).toEqual(['fail-open (medium) failOpen: true @6', 'native-runtime (high) vmType: NULL @7']);
});
