import { assert, jsonValue, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../wasm/limits.ts';
import { readYaml } from '../yaml.ts';
import { type EnvoyFind, searchEnvoy } from './envoy.ts';
import { newBudget } from './texts-walk.ts';

const HEX = 'ab'.repeat(32);

function search(text: string): EnvoyFind[] {
  return [...searchEnvoy(readYaml(text).documents[0]!.value, '/spec')];
}

function short(find: EnvoyFind): string {
  return `${find.pointer} ${find.scheme} ${find.reference} ${find.role}`;
}

const marks = ({ grants, settings }: EnvoyFind): unknown => ({
  grants: grants.map(({ kind, values, everything, pointer }) => `${kind} ${values.join(' ')}${everything ? 'everything' : ''} ${pointer}`),
  settings: settings.map(({ id, confidence, text, pointer }) => `${id} (${confidence}) ${text} ${pointer}`),
});

describe('the search for Wasm in Envoy configuration', () => {
  test('finds remote code with its hash, under a type URL', () => {
    const [find] = search(`
configPatches:
  - applyTo: HTTP_FILTER
    patch:
      value:
        name: w
        typed_config:
          '@type': type.googleapis.com/udpa.type.v1.TypedStruct
          type_url: type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
          value:
            config:
              vm_config:
                runtime: envoy.wasm.runtime.v8
                code: { remote: { http_uri: { uri: "http://f.example/a.wasm", timeout: 5s }, sha256: ${HEX} } }
`);
    expect(short(find!)).toBe('/spec/configPatches/0/patch/value/typed_config/value/config/vm_config/code/remote/http_uri/uri http http://f.example/a.wasm module');
    expect(find).toMatchObject({ hash: { text: HEX, of: 'bytes' }, certain: true, host: { profile: 'proxy-wasm', sure: true }, signals: ['vm_config.code.remote.http_uri'], offset: null });
    expect(marks(find!)).toEqual({
      grants: ['capabilities everything /spec/configPatches/0/patch/value/typed_config/value/config'],
      settings: ['insecure-transport (high) uri: http://f.example/a.wasm /spec/configPatches/0/patch/value/typed_config/value/config/vm_config/code/remote/http_uri/uri'],
    });
  });

  test('finds each spelling, mixed, without any type URL, and placeholders', () => {
    expect(search('{ config: { config: { vmConfig: { code: { local: { filename: /a.wasm } } } } } }').map(short)).toEqual(['/spec/config/config/vmConfig/code/local/filename file /a.wasm module']);
    expect(search('{ vm_config: { code: { remote: { httpUri: { uri: "${URL}" } } } } }').map(short)).toEqual(['/spec/vm_config/code/remote/httpUri/uri http ${URL} module']);
    expect(search('{ vmConfig: { code: { remote: { httpURI: { uri: "https://f.example/a" }, SHA256: "${SUM}" } } } }')[0]!.hash).toEqual({ text: '${SUM}', of: 'bytes' });
    expect(search('{ vm_config: { code: { local: { filename: "" } } } }').map(short)).toEqual(['/spec/vm_config/code/local/filename file  module']);
    expect(search('{ code: { local: { filename: /typed-vm-config.wasm } }, vm_id: x }')).toHaveLength(1);
  });

  test('a second code hides nothing behind a first', () => {
    expect(search('{ vm_config: { code: { local: { filename: /good.wasm } }, Code: { local: { filename: /bad.wasm } } } }').map((find) => find.reference)).toEqual(['/good.wasm', '/bad.wasm']);
  });

  test('gives inlined bytes as bytes, and a name as a plug-in of the proxy', () => {
    const [bytes] = search('{ vm_config: { runtime: envoy.wasm.runtime.v8, code: { local: { inline_bytes: AGFzbQEAAAA= } } } }');
    expect(bytes).toMatchObject({ scheme: 'inline', reference: '', bytes: new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) });
    const [text] = search('{ vm_config: { code: { local: { inlineString: "(module)" } } } }');
    expect(new TextDecoder().decode(text!.bytes)).toBe('(module)');
    expect(search('{ vm_config: { code: { local: { inline_bytes: "${BYTES}" } } } }')[0]).toMatchObject({ scheme: 'inline', certain: true });
    expect(search('{ vm_config: { code: { local: { inline_bytes: "${BYTES}" } } } }')[0]!.bytes).toBeUndefined();
    const [native] = search('{ vm_config: { runtime: envoy.wasm.runtime.null, code: { local: { inline_string: envoy.wasm.stats } } } }');
    expect(short(native!)).toBe('/spec/vm_config/code/local/inline_string builtin envoy.wasm.stats native');
    expect(marks(native!)).toMatchObject({ settings: ['native-runtime (high) runtime: envoy.wasm.runtime.null /spec/vm_config/runtime'] });
  });

  test('the null runtime runs native code, however long its name is', () => {
    expect(search(`{ vm_config: { runtime: envoy.wasm.runtime.null, code: { local: { inline_string: ${'n'.repeat(300)} } } } }`)[0]).toMatchObject({ scheme: 'builtin', role: 'native' });
  });

  test('reads the settings next to it, in both spellings', () => {
    const [find] = search(`
config:
  fail_open: true
  failurePolicy: FAIL_OPEN
  capabilityRestrictionConfig: { allowed_capabilities: { proxy_log: {}, proxy_on_vm_start: {} } }
  vm_config:
    allowPrecompiled: true
    environmentVariables: { hostEnvKeys: [POD_NAME, TOKEN], key_values: { A: b } }
    code: { local: { filename: /a.wasm } }
`);
    expect(marks(find!)).toEqual({
      grants: ['environment POD_NAME TOKEN /spec/config/vm_config/environmentVariables/hostEnvKeys', 'environment A /spec/config/vm_config/environmentVariables/key_values', 'capabilities proxy_log proxy_on_vm_start /spec/config/capabilityRestrictionConfig/allowed_capabilities'],
      settings: [
        'precompiled-allowed (high) allowPrecompiled: true /spec/config/vm_config/allowPrecompiled',
        'host-environment (low) host variable POD_NAME /spec/config/vm_config/environmentVariables/hostEnvKeys/0',
        'host-environment (high) host variable TOKEN /spec/config/vm_config/environmentVariables/hostEnvKeys/1',
        'fail-open (medium) fail_open: true /spec/config/fail_open',
        'fail-open (medium) failurePolicy: FAIL_OPEN /spec/config/failurePolicy',
      ],
    });
  });

  test('an empty list of capabilities restricts nothing', () => {
    expect(search('{ config: { capability_restriction_config: { allowed_capabilities: {} }, vm_config: { code: { local: { filename: a } } } } }')[0]!.grants[0]).toMatchObject({ kind: 'capabilities', everything: true, values: [] });
  });

  test('looks into texts, in texts in texts, and says the place inside the outermost', () => {
    const inner = JSON.stringify({ vm_config: { code: { local: { filename: '/deep.wasm' } } } });
    const bootstrap = `static_resources:\n  listeners:\n    - value: ${JSON.stringify(inner)}\n      vm_config:\n        code:\n          local:\n            filename: /b.wasm\n`;
    const finds = [...searchEnvoy({ bootstrap: { value: bootstrap } }, '/spec')];
    expect(finds.map(short)).toEqual(['/spec/bootstrap/value file /deep.wasm module', '/spec/bootstrap/value file /b.wasm module']);
    expect(bootstrap.slice(finds[1]!.offset!)).toMatch(/^\/b\.wasm/);
    expect(finds[1]!.settings).toEqual([]);
    expect(finds[1]!.grants[0]!.pointer).toBe('/spec/bootstrap/value');
  });

  test('an escape does not hide the words', () => {
    expect([...searchEnvoy('{"vm\\u005fconfig": {"c\\u006fde": {"local": {"filename": "/a.wasm"}}}}', '')].map((find) => find.reference)).toEqual(['/a.wasm']);
  });

  test('finds native libraries of dynamic modules', () => {
    const [find] = search('{ typed_config: { dynamic_module_config: { name: my_module }, filter_name: f } }');
    expect(short(find!)).toBe('/spec/typed_config/dynamic_module_config/name volume my_module native');
    expect(find!.settings.map(({ id }) => id)).toEqual(['native-plug-in']);
  });

  test('leaves other things named code alone', () => {
    expect(search('{ status: { code: 429 }, code: [1], other: { code: { local: [1], remote: {} } } }')).toEqual([]);
  });
});

describe('hostile configuration', () => {
  test('that is too deep or too wide ends the search, which says so', () => {
    let deep: unknown = { vm_config: { code: { local: { filename: 'x' } } } };
    for (let depth = 0; depth < LIMITS.kubernetesDepth + 10; depth++) deep = { deep };
    const budget = newBudget();
    expect([...searchEnvoy(deep, '', budget)]).toEqual([]);
    expect(budget.exceeded).toBe(true);
    const small = { left: 10, exceeded: false };
    expect([...searchEnvoy(Array.from({ length: 20 }, () => ({})), '', small)]).toEqual([]);
    expect(small.exceeded).toBe(true);
  });

  test('shared by aliases without end takes the budget and no more', () => {
    let shared: unknown = {};
    for (let depth = 0; depth < 100; depth++) shared = [shared, shared];
    const budget = newBudget();
    expect([...searchEnvoy(shared, '', budget)]).toEqual([]);
    expect(budget).toMatchObject({ exceeded: true });
  });

  test('that is no YAML and speaks of a VM is not silently clean', () => {
    const budget = newBudget();
    const finds = [...searchEnvoy('vm_config: {{ x }}\n  code: [\n filename: "/a.wasm"\n', '/s', budget)];
    expect(finds.map(short)).toEqual(['/s file /a.wasm module']);
    expect(budget.exceeded).toBe(true);
  });

  test('never throws', () => {
    assert(property(jsonValue(), string(), (value, text) => {
      expect([...searchEnvoy([value, `vm_config: ${text}`, { code: { local: value, remote: { http_uri: value } }, vm_config: value }], '')]).toBeInstanceOf(Array);
    }), { numRuns: 200 });
  });
});
