import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemeOf } from './texts-find.ts';
import { searchTexts, searchValues, type TextFind } from './texts.ts';
import { newBudget } from './texts-walk.ts';

const HEX = 'cd'.repeat(32);

function search(text: string, name = 'config.yaml'): TextFind[] {
  return [...searchTexts(text, `/data/${name}`, name)];
}

function short({ scheme, reference, role, host }: TextFind): string {
  return `${scheme} ${reference} ${role} ${host?.profile ?? '-'}`;
}

/** Each find once more, with the check that its offset leads to its reference. */
function exact(text: string, name?: string): string[] {
  return search(text, name).map((find) => {
    expect(text.slice(find.offset!).replace(/^["'|>\s-]+/, '').startsWith(find.reference), `${find.reference} at ${find.offset}`).toBe(true);
    return short(find);
  });
}

const grants = (find: TextFind): string[] => find.grants.map(({ kind, field, values, everything }) => `${kind} ${field}: ${values.join(' ')}${everything ? ' everything' : ''}`);
const settings = (find: TextFind): string[] => find.settings.map(({ id, confidence, text }) => `${id} (${confidence}) ${text}`);

describe('words of texts in other languages', () => {
  test('may be Wasm, and variables of templates are none', () => {
    const text = 'fetch("main.wasm")\n{{ .Values.wasm }} {{ $.Values.wasm }} {{ "/a.wasm" }} .hidden.wasm\n';
    expect(search(text, 'x.html').map(({ reference, certain, scheme }) => [reference, certain, scheme])).toEqual([['main.wasm', false, 'file'], ['/a.wasm', false, 'file'], ['.hidden.wasm', false, 'file']]);
  });
});

describe('configuration in texts', () => {
  test('Envoy, as YAML', () => {
    const text = 'static_resources:\n  filters:\n    - config:\n        vm_config:\n          code:\n            local:\n              filename: /etc/envoy/a.wasm\n';
    expect(exact(text, 'envoy.yaml')).toEqual(['file /etc/envoy/a.wasm module proxy-wasm']);
    expect(search(text, 'envoy.yaml')[0]!.pointer).toBe('/data/envoy.yaml');
  });

  test('Envoy, as JSON in one line', () => {
    expect(exact(`{"vm_config":{"code":{"remote":{"http_uri":{"uri":"https://f.example/a.wasm"},"sha256":"${HEX}"}}}}`)).toEqual(['http https://f.example/a.wasm module proxy-wasm']);
  });

  test('Fluent Bit, as INI: the folders of each section', () => {
    const text = '[INPUT]\n    Name exec_wasi\n    WASI_Path /in.wasm\n[FILTER]\n    Name   wasm\n    # Wasm_Path /old.wasm\n    Wasm_Path   /fluent/f one.wasm\n    accessible_paths /var/log,/data\n[OUTPUT]\n    Name stdout\n';
    expect(exact(text, 'fluent-bit.conf')).toEqual(['file /in.wasm module fluent-bit', 'file /fluent/f one.wasm module fluent-bit']);
    expect(search(text).map(grants)).toEqual([['files accessible_paths: .'], ['files accessible_paths: /var/log /data']]);
  });

  test('Fluent Bit, as YAML', () => {
    const text = 'pipeline:\n  filters:\n    - name: wasm\n      Wasm_Path: /f.wasm\n      accessible_paths: /, /x\n';
    expect(exact(text)).toEqual(['file /f.wasm module fluent-bit']);
    expect(grants(search(text)[0]!)).toEqual(['files accessible_paths: / /x everything']);
  });

  test('Kubewarden, the list of a policy server', () => {
    const text = 'pods:\n  module: registry://r.example/pods:v1\n  policyMode: monitor\n  contextAwareResources:\n    - { apiVersion: v1, kind: Secret }\nplain:\n  module: r.example/plain:v1\n  settings: {}\n';
    expect(exact(text, 'policies.yml')).toEqual(['oci registry://r.example/pods:v1 module kubewarden', 'oci r.example/plain:v1 module kubewarden']);
    expect(grants(search(text)[0]!)).toEqual(['cluster-resources contextAwareResources: v1/Secret']);
    expect(settings(search(text)[0]!)).toEqual(['broad-scope (high) contextAwareResources: v1/Secret', 'fail-open (medium) policyMode: monitor']);
  });

  test('Traefik, as YAML and as arguments', () => {
    const text = `experimental:\n  plugins:\n    guard:\n      moduleName: github.example/o/guard\n      version: v1.0.0\n      hash: ${HEX}\n      settings:\n        envs: [TOKEN]\n        mounts: ["/etc:/etc:ro", "/srv"]\n        useUnsafe: true\n  localPlugins:\n    mine: { moduleName: github.example/o/mine }\n`;
    expect(exact(text, 'traefik.yml')).toEqual(['volume github.example/o/guard module traefik', 'volume github.example/o/mine module traefik']);
    const [guard] = search(text);
    expect(guard).toMatchObject({ hash: { text: HEX, of: 'bytes' }, certain: false });
    expect(grants(guard!)).toEqual(['files mounts: /etc:/etc:ro /srv', 'environment envs: TOKEN']);
    expect(settings(guard!)).toEqual(['host-path (low) mounts: /etc:/etc:ro', 'host-path (medium) mounts: /srv', 'host-environment (high) host variable TOKEN', 'native-runtime (high) useUnsafe: true']);
    expect(exact('[entryPoints.web]\naddress = ":80"\n[experimental.localPlugins.mine]\nmoduleName = "github.example/o/mine"\n', 'traefik.toml')).toEqual(['volume github.example/o/mine module traefik']);
    expect(exact('--experimental.localPlugins.mine.moduleName=github.example/o/mine')).toEqual(['volume github.example/o/mine module traefik']);
  });

  test('the scheduler, APISIX, Kong, a wasmCloud host', () => {
    expect(exact('apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\nprofiles:\n  - pluginConfig:\n      - name: w\n        args: { guestURL: "https://f.example/g" }\n')).toEqual(['http https://f.example/g module scheduler']);
    expect(exact('wasm:\n  plugins:\n    - name: log\n      priority: 1\n      file: /opt/log\n')).toEqual(['file /opt/log module proxy-wasm']);
    expect(exact('wasm = on\nwasm_filters_path = /opt/filters\n', 'kong.conf')).toEqual(['volume /opt/filters module proxy-wasm']);
    expect(exact('KONG_WASM_FILTERS_PATH=/opt/filters')).toEqual(['volume /opt/filters module proxy-wasm']);
    expect(exact(`--host-plugin=id=kv,image=r.example/kv:1,digest=sha256:${HEX}`)).toEqual(['oci r.example/kv:1 native wasmcloud']);
    expect(search(`--host-plugin=id=kv,image=r.example/kv:1,digest=sha256:${HEX}`)[0]).toMatchObject({ hash: { text: `sha256:${HEX}` }, settings: [{ id: 'native-plug-in' }] });
    expect(exact('hostPlugins:\n  - id: kv\n    file: /plug/kv.wasm\n')).toEqual(['file /plug/kv.wasm native wasmcloud']);
  });

  test('Spin, both versions of the manifest', () => {
    const second = `spin_manifest_version = 2\n[application]\nname = "a"\n[[trigger.http]]\nroute = "/"\ncomponent = "api"\n[component.api]\nsource = "target/api.wasm"\nallowed_outbound_hosts = ["*://*:*"]\nfiles = [{ source = "static", destination = "/" }, "x.txt"]\nkey_value_stores = ["default"]\nenvironment = { LEVEL = "x" }\ndependencies_inherit_configuration = true\n[component.far]\nsource = { url = "https://f.example/far.wasm", digest = "sha256:${HEX}" }\nallowed_outbound_hosts = []\n[component.pkg]\nsource = { registry = "r.example", package = "o:p", version = "1.0.0" }\n[component.pkg.dependencies]\n"o:dep/i" = { path = "dep.wasm" }\n`;
    expect(exact(second, 'spin.toml')).toEqual(['file target/api.wasm module spin', 'http https://f.example/far.wasm module spin', 'volume o:p module spin', 'file dep.wasm module spin']);
    const [api, far] = search(second);
    expect(grants(api!)).toEqual(['hosts allowed_outbound_hosts: *://*:* everything', 'files files: / x.txt', 'environment environment: LEVEL', 'key-value key_value_stores: default']);
    expect(settings(api!)).toEqual(['broad-scope (high) allowed_outbound_hosts: *://*:*', 'broad-scope (medium) dependencies_inherit_configuration: true']);
    expect(grants(far!)).toEqual(['hosts allowed_outbound_hosts: ']);
    expect(far!.hash).toEqual({ text: `sha256:${HEX}`, of: 'bytes' });
    expect(exact('spin_version = "1"\nname = "a"\n[[component]]\nid = "x"\nsource = "x.wasm"\nallowed_http_hosts = ["insecure:allow-all"]\n[component.trigger]\nroute = "/"\n')).toEqual(['file x.wasm module spin']);
  });

  test('a manifest of Extism, and a Helm plug-in', () => {
    const text = `{"wasm":[{"path":"/a.wasm"},{"url":"http://f.example/b","hash":"${HEX}"},{"data":"AGFzbQEAAAA="}],"allowed_hosts":["*"],"allowed_paths":{"/":"/"},"memory":{"max_pages":4}}`;
    const finds = search(text);
    expect(finds.map(short)).toEqual(['file /a.wasm module extism', 'http http://f.example/b module extism', 'inline  module extism']);
    expect(grants(finds[0]!)).toEqual(['hosts allowed_hosts: * everything', 'files allowed_paths: / everything']);
    expect(settings(finds[1]!)).toEqual(['insecure-transport (high) url: http://f.example/b']);
    expect(finds[2]!.bytes).toHaveLength(8);
    const helm = 'apiVersion: v1\ntype: cli/v1\nname: hello\nruntime: extism/v1\nruntimeConfig:\n  allowedHosts: [api.example]\n  fileSystem: { createTempDir: true }\n  hostFunctions: [log]\n  memory: { maxPages: 16 }\n';
    expect(search(helm, 'plugin.yaml').map(short)).toEqual(['file plugin.wasm module extism']);
    expect(grants(search(helm)[0]!)).toEqual(['hosts allowedHosts: api.example', 'files fileSystem.createTempDir: /tmp', 'imports hostFunctions: log']);
  });

  test('Kubernetes objects: custom resources with all that surrounds them, and pods that say they are Wasm', () => {
    const text = `apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: { name: a }
spec:
  components:
    - name: api
      type: component
      properties: { image: r.example/api:1 }
    - name: kv
      type: capability
      properties: { image: r.example/kv:1 }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: d }
spec:
  template:
    spec:
      runtimeClassName: wasmtime-spin-v2
      containers: [{ name: c, image: r.example/app:1 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: d }
spec: { template: { spec: { containers: [{ name: c, image: nginx }] } } }
`;
    expect(exact(text)).toEqual(['oci r.example/api:1 module wasmcloud', 'oci r.example/kv:1 native wasmcloud', 'oci r.example/app:1 module -']);
    expect(settings(search(text)[1]!)).toEqual(['native-plug-in (high) type: capability']);
    const annotated = 'apiVersion: x.example/v1\nkind: Any\nmetadata:\n  annotations:\n    overrides.yoke.cd/flight: http://f.example/evil.wasm\n';
    expect(exact(annotated)).toEqual(['http http://f.example/evil.wasm module wazero']);
    expect(settings(search(annotated)[0]!)).toEqual(['remote-code (high) overrides.yoke.cd/flight: http://f.example/evil.wasm', 'insecure-transport (high) overrides.yoke.cd/flight: http://f.example/evil.wasm']);
  });

  test('Helm values, with objects and texts in them', () => {
    const values = 'extra:\n  - apiVersion: core.spinkube.dev/v1alpha1\n    kind: SpinApp\n    metadata: { name: a }\n    spec: { image: r.example/app:1 }\nconfig: |\n  vm_config:\n    code:\n      local:\n        filename: /b.wasm\nplugin:\n  url: oci://r.example/wasm/guard:1\n';
    const finds = [...searchValues({ valuesContent: values }, '/spec', 'spec')];
    expect(finds.map((find) => `${find.pointer} ${short(find)} ${find.certain}`)).toEqual(['/spec/valuesContent oci r.example/app:1 module spin true', '/spec/valuesContent file /b.wasm module proxy-wasm true', '/spec/valuesContent oci oci://r.example/wasm/guard:1 module - false']);
  });

  test('an object at the root is left to the table of kinds; one inside is not', () => {
    const app = { apiVersion: 'core.spinkube.dev/v1alpha1', kind: 'SpinApp', spec: { image: 'a:1' } };
    expect([...searchValues(app, '', '')]).toEqual([]);
    expect([...searchValues({ manifests: [app] }, '', '')].map((find) => find.pointer)).toEqual(['/manifests/0/spec/image']);
  });

  test('templates and other languages, line by line', () => {
    const text = '{{- if .Values.on }}\nfilter: {{ .Values.path }}\nmodule: "/opt/mod.wasm"\nload_module(\'/opt/other.wasm\');\n# /opt/comment.wasm\n{{- end }}\n';
    expect(exact(text)).toEqual(['file /opt/mod.wasm module -', 'file /opt/other.wasm module -']);
  });

  test('one reference is listed once, also where kubectl has kept the object', () => {
    const object = { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"a":{"url":"https://f.example/x.wasm"}}' } }, spec: { url: 'https://f.example/x.wasm' } };
    expect([...searchValues(object, '', '')].map((find) => find.pointer)).toEqual(['/spec/url']);
  });

  test('prose and ordinary configuration give nothing', () => {
    expect(search('WebAssembly is fine. We load *.wasm files from the store, wasm or not: never mind.')).toEqual([]);
    expect(search('image: nginx:1\nurl: oci://r.example/charts/app\nmodule: os\n')).toEqual([]);
    expect(search('server { listen 80; types { application/wasm wasm; } }\n')).toEqual([]);
    expect(search('')).toEqual([]);
  });
});

test.each([['registry://r.example/a:1', 'oci'], ['OCI://r.example/a', 'oci'], ['HTTPS://f.example/a', 'http'], ['file:///a', 'file'], ['a:1', 'volume'], ['s3://b/a', 'volume']])('%s is read as %s', (text, scheme) => {
  expect(schemeOf(text, 'volume')).toBe(scheme);
});

describe('hostile texts', () => {
  test('texts in texts end somewhere, and the search says so', () => {
    let text = 'vm_config: { code: { local: { filename: /a.wasm } } }';
    for (let depth = 0; depth < 3; depth++) text = JSON.stringify({ value: text });
    expect(search(text).map(short)).toEqual(['file /a.wasm module proxy-wasm']);
    for (let depth = 0; depth < 4; depth++) text = JSON.stringify({ value: text });
    const budget = newBudget();
    expect([...searchTexts(text, '', '', budget)]).toEqual([]);
    expect(budget.exceeded).toBe(true);
  });

  test('names of the prototype, repeated keys, broken TOML', () => {
    expect(search('experimental:\n  plugins:\n    __proto__: { moduleName: x }\n    constructor: { moduleName: y }\n').map((find) => find.reference)).toEqual(['x', 'y']);
    expect(search('url: /a.wasm\nurl: /b.wasm\n').map((find) => find.reference)).toEqual(['/a.wasm', '/b.wasm']);
    expect(search('spin_manifest_version = 2\n[component.a\nsource = "a.wasm"\n').map((find) => find.reference)).toEqual(['a.wasm']);
    expect(Object.keys({})).toEqual([]);
  });

  test('a flood of references keeps every one of them, and a place inside the text', () => {
    const text = Array.from({ length: 5_000 }, (_, index) => `m${index}: { url: /${index}.wasm }`).join('\n');
    const finds = search(text);
    expect(finds).toHaveLength(5_000);
    expect(finds.every(({ offset }) => offset !== null && offset < text.length)).toBe(true);
  });

  test('more structure than is read is searched line by line, and the search says so', () => {
    const budget = newBudget();
    const text = `a: b\n`.repeat(200_000);
    expect([...searchTexts(`${text}wasm: /a.wasm\n`, '', '', budget)].map(short)).toEqual(['file /a.wasm module -']);
    expect(budget.exceeded).toBe(true);
    const module = newBudget();
    expect([...searchTexts(`vm_config: { code: { local: { inline_bytes: ${'AAAA'.repeat(250_000)} } } }`, '', '', module)]).toMatchObject([{ scheme: 'inline', bytes: { length: 750_000 } }]);
    expect(module.exceeded).toBe(false);
  });

  test('a giant line without an end', () => {
    expect(search(`wasm ${'a'.repeat(3 << 20)}`)).toEqual([]);
    expect(search(`wasm: "${'[{'.repeat(1 << 18)}"`)).toEqual([]);
    expect(search(`wasm: ${'['.repeat(1 << 16)}`)).toEqual([]);
  });

  test('never throws', () => {
    const words = constantFrom('wasm', ': ', '\n', '  ', '- ', '{', '}', '[', ']', '"', 'vm_config', 'code', 'local', 'filename', '/a.wasm', 'spin_manifest_version = 2\n', '[component.a]', 'source', '=', 'apiVersion: dapr.io/v1alpha1\n', 'kind: Component\n', '&a', '*a', '\\u0041', 'module', 'registry://x', '__proto__', 'guestURL', '\0', '|', '>');
    assert(property(array(words, { maxLength: 40 }), (parts) => {
      expect(search(parts.join(''))).toBeInstanceOf(Array);
    }), { numRuns: 500 });
  });
});
