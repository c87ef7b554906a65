import { gzipSync } from 'node:zlib';
import { image, spinApplication, wasmArtifact } from '../registry/push.ts';
import { tar } from '../registry/tar.ts';
import { zip } from '../support/archives.ts';
import { encoded, precompiled, sdk } from './modules.ts';
import type { SystemRow } from './row.ts';
import { appImage, manifest } from './table-cncf.ts';

const stdin = sdk('rust-stdin-wasip1', 'Rust for wasip1', 'wasi-preview1');

/** Systems outside the CNCF landscape, and libraries. */
export const OTHER_SYSTEMS: readonly SystemRow[] = [
  {
    system: 'Wasmer', host: 'runwasi-wasmer', arrives: 'Image with the module and its `wasmer.toml`: a pod with `runtimeClassName: wasmer`. A `.webc` package is recognised and not analysed',
    pack: (bytes) => image({
      layers: [{ entries: [{ path: 'app.wasm', bytes }, { path: 'wasmer.toml', bytes: '[package]\nname = "acme/app"\nversion = "1.0.0"\n\n[[module]]\nname = "app"\nsource = "app.wasm"\nabi = "wasi"\n' }] }],
      config: { Entrypoint: ['/app.wasm'] },
    }),
    target: ({ reference }) => manifest(`apiVersion: v1
kind: Pod
metadata: { name: app }
spec:
  runtimeClassName: wasmer
  containers:
  - name: app
    image: ${reference}
    resources: { limits: { memory: 64Mi } }
`),
    carriers: [{ kind: 'Pod', pointer: '/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['runtimeClassName: wasmer'] }],
    form: 'image', allowed: { program: sdk('rust-wasix', 'Rust, crate `wasix`', 'wasix') },
    denied: {
      program: encoded(['wasi-preview1', 'wasix'], [
        ['wasix_32v1', 'proc_spawn', 'i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 -> i32'], ['wasix_32v1', 'proc_join', 'i32 i32 i32 -> i32'], ['wasi_snapshot_preview1', 'fd_write', 'i32 i32 i32 i32 -> i32'],
      ]),
      rule: 'capability-process-spawn', why: 'starting other programs',
    },
    sources: [['WASIX', 'https://wasix.org/docs/api-reference'], ['Wasmer packages', 'https://docs.wasmer.io/registry/manifest']],
  },
  {
    system: 'Suborbital', host: 'suborbital', arrives: 'Bundle `modules.wasm.zip`: modules beside `tenant.json`',
    target: ({ bytes }) => ({ name: 'modules.wasm.zip', content: zip({ path: 'tenant.json', body: JSON.stringify({ identifier: 'com.acme', tenantVersion: 1, modules: [{ name: 'app', namespace: 'default', lang: 'rust', apiVersion: '0.16.0' }] }) }, { path: 'app.wasm', body: bytes }) }),
    carriers: [], form: 'suborbital-bundle', policy: 'capabilities: { deny: [http-client] }',
    allowed: { program: sdk('rust-suborbital', 'Rust, crate `suborbital`', 'suborbital', 'wasi-preview1') },
    denied: { program: sdk('rust-suborbital-fetch', 'Rust, crate `suborbital`', 'suborbital', 'wasi-preview1'), rule: 'capability-http-client', why: 'a capability that the policy lists: outgoing HTTP' },
    sources: [['E2Core', 'https://github.com/suborbital/e2core']],
  },
  {
    system: 'Spin', host: 'spin', arrives: 'Spin application in an OCI registry: `spec.image` of a SpinApp',
    pack: (wasm, gives) => spinApplication([{ id: 'hello', wasm, outbound: [gives] }]),
    target: ({ reference }) => manifest(`apiVersion: core.spinkube.dev/v1alpha1
kind: SpinApp
metadata: { name: hello }
spec:
  image: ${reference}
  executor: containerd-shim-spin
  replicas: 1
`),
    carriers: [{ kind: 'SpinApp', pointer: '/spec/image', scheme: 'oci', certain: true, signals: ['kind: SpinApp'] }],
    form: 'spin-application', allowed: { program: sdk('rust-spin', 'Rust, crate `spin-sdk`', 'wasi-0.2', 'wasi-preview1'), gives: 'https://api.example' },
    denied: { program: sdk('rust-tcp-client-wasip2', 'Rust for wasip2', 'wasi-0.2'), gives: '*://*:*', rule: 'capability-net-connect', why: 'outgoing connections where `allowed_outbound_hosts` leaves every host open', hostDecides: true },
    sources: [['SpinApp', 'https://www.spinkube.dev/docs/reference/spin-app/'], ['Spin manifest', 'https://spinframework.dev/manifest-reference']],
  },
  {
    system: 'Spin', host: 'spin', arrives: 'the same in an image with `/spin.toml`, run by a pod with the runtime class of the shim',
    pack: (bytes, gives) => image({
      layers: [{ entries: [{ path: 'app.wasm', bytes }, { path: 'spin.toml', bytes: `spin_manifest_version = 2\n[application]\nname = "hello"\nversion = "1.0.0"\n[[trigger.http]]\nroute = "/..."\ncomponent = "hello"\n[component.hello]\nsource = "app.wasm"\nallowed_outbound_hosts = ["${gives}"]\n` }] }],
      config: { Entrypoint: ['/'] },
    }),
    target: ({ reference }) => manifest(`apiVersion: v1
kind: Pod
metadata: { name: hello }
spec:
  runtimeClassName: wasmtime-spin-v2
  containers:
  - name: hello
    image: ${reference}
    command: ["/"]
    resources: { limits: { memory: 64Mi } }
`),
    carriers: [{ kind: 'Pod', pointer: '/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['command: /', 'runtimeClassName: wasmtime-spin-v2'] }],
    form: 'spin-image', allowed: { program: sdk('rust-spin', 'Rust, crate `spin-sdk`', 'wasi-0.2', 'wasi-preview1'), gives: 'https://api.example' },
    denied: {
      program: encoded(['spin-legacy', 'wasi-preview1'], [['outbound-redis', 'set', 'i32 i32 i32 i32 i32 i32 i32'], ['outbound-redis', 'publish', 'i32 i32 i32 i32 i32 i32 i32'], ['wasi_snapshot_preview1', 'environ_get', 'i32 i32 -> i32']], { entries: ['_start'] }),
      gives: '*://*:*', rule: 'capability-keyvalue-write', why: 'writing to stores where `allowed_outbound_hosts` leaves every host open', hostDecides: true,
    },
    sources: [['containerd shim for Spin', 'https://github.com/spinframework/containerd-shim-spin']],
  },
  {
    system: 'wazero', host: null, arrives: 'A plain module, in a file or a registry; the program around it embeds the runtime',
    pack: (bytes) => wasmArtifact(bytes),
    carriers: [], form: 'wasm-artifact', allowed: { program: sdk('assemblyscript', 'AssemblyScript', 'assemblyscript') },
    denied: {
      program: encoded(['emscripten', 'wasi-preview1'], [['env', 'invoke_vi', 'i32 i32'], ['env', 'emscripten_memcpy_js', 'i32 i32 i32'], ['env', 'system', 'i32 -> i32'], ['wasi_snapshot_preview1', 'proc_exit', 'i32']]),
      rule: 'capability-process-spawn', why: 'a shell, by the name that Emscripten leaves open',
    },
    sources: [['wazero', 'https://wazero.io/languages/']],
  },
  {
    system: 'Extism', host: 'extism', arrives: 'Manifest in JSON beside the modules, in a folder or archive',
    target: ({ bytes, gives }) => ({
      name: 'plugin.tar.gz',
      content: gzipSync(tar([{ path: 'manifest.json', bytes: JSON.stringify({ wasm: [{ path: 'plugin.wasm' }], allowed_hosts: gives === '' ? [] : [gives], memory: { max_pages: 64 }, timeout_ms: 5000 }) }, { path: 'plugin.wasm', bytes }])),
    }),
    carriers: [], form: 'extism-manifest', policy: 'capabilities: { deny: [http-client] }', allowed: { program: sdk('rust-extism', 'Rust, crate `extism-pdk`', 'extism', 'wasi-preview1') },
    denied: { program: sdk('rust-extism-http', 'Rust, crate `extism-pdk`', 'extism', 'wasi-preview1'), gives: 'api.example', rule: 'capability-http-client', why: 'a capability that the policy lists: outgoing HTTP' },
    sources: [['Extism manifest', 'https://extism.org/docs/concepts/manifest/']],
  },
  {
    system: 'wasmtime', host: null, arrives: 'A `.wasm` file, or `.cwasm` when compiled ahead',
    target: ({ bytes }) => ({ name: bytes[0] === 0x7f ? 'app.cwasm' : 'app.wasm', content: bytes }),
    carriers: [], form: null, allowed: { program: sdk('rust-hello-wasip2', 'Rust for wasip2', 'wasi-0.2') }, denied: { program: precompiled(), rule: 'precompiled-artifact', why: 'native code' },
    sources: [['Wasmtime', 'https://docs.wasmtime.dev/examples-pre-compiling-wasm.html']],
  },
  {
    system: 'wasm workers server', host: 'wws', arrives: 'Image with workers as `name.wasm`, settings in `name.toml`: a pod with the runtime class of the shim',
    pack: (bytes, gives) => image({ layers: [{ entries: [{ path: 'greet.wasm', bytes }, { path: 'greet.toml', bytes: `name = "greet"\nversion = "1"\n[features.http_requests]\nallowed_hosts = [${gives === '' ? '' : `"${gives}"`}]\nallowed_methods = ["GET"]\n` }] }], config: { Entrypoint: ['/'] } }),
    target: ({ reference }) => manifest(`apiVersion: v1
kind: Pod
metadata: { name: workers }
spec:
  runtimeClassName: wasmtime-wws
  containers:
  - name: workers
    image: ${reference}
    command: ["/"]
    resources: { limits: { memory: 64Mi } }
`),
    carriers: [{ kind: 'Pod', pointer: '/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['command: /', 'runtimeClassName: wasmtime-wws'] }],
    form: 'image', policy: 'capabilities: { deny: [http-client] }', allowed: { program: stdin },
    denied: {
      program: encoded(['wasi-preview1', 'wws'], [['http', 'send-http-request', 'i32 i32 i32'], ['wasi_snapshot_preview1', 'fd_read', 'i32 i32 i32 i32 -> i32'], ['wasi_snapshot_preview1', 'fd_write', 'i32 i32 i32 i32 -> i32']]),
      gives: 'api.example', rule: 'capability-http-client', why: 'a capability that the policy lists: outgoing HTTP',
    },
    sources: [['wasm workers server', 'https://workers.wasmlabs.dev/docs/']],
  },
  {
    system: 'Javy', host: null, arrives: 'A plain module: static output carries QuickJS and imports WASI alone, dynamic output imports the plug-in',
    pack: (bytes) => wasmArtifact(bytes),
    carriers: [], form: 'wasm-artifact',
    allowed: {
      program: encoded(['wasi-preview1'], [
        ['wasi_snapshot_preview1', 'environ_get', 'i32 i32 -> i32'], ['wasi_snapshot_preview1', 'environ_sizes_get', 'i32 i32 -> i32'], ['wasi_snapshot_preview1', 'clock_time_get', 'i32 i64 i32 -> i32'],
        ['wasi_snapshot_preview1', 'fd_close', 'i32 -> i32'], ['wasi_snapshot_preview1', 'fd_fdstat_get', 'i32 i32 -> i32'], ['wasi_snapshot_preview1', 'fd_read', 'i32 i32 i32 i32 -> i32'],
        ['wasi_snapshot_preview1', 'fd_seek', 'i32 i64 i32 i32 -> i32'], ['wasi_snapshot_preview1', 'fd_write', 'i32 i32 i32 i32 -> i32'], ['wasi_snapshot_preview1', 'proc_exit', 'i32'],
        ['wasi_snapshot_preview1', 'random_get', 'i32 i32 -> i32'],
      ]),
    },
    denied: {
      program: encoded(['javy'], [['javy-default-plugin-v4', 'cabi_realloc', 'i32 i32 i32 i32 -> i32'], ['javy-default-plugin-v4', 'invoke', 'i32 i32 i32 i32 i32']], { fields: '(import "javy-default-plugin-v4" "memory" (memory 0)) (data "\\02\\05\\18function.mjs")' }),
      rule: 'capability-dynamic-code', why: 'byte code that the plug-in runs, out of sight of every list of imports',
    },
    sources: [['Javy', 'https://github.com/bytecodealliance/javy/blob/main/docs/docs-using-dynamic-linking.md']],
  },
  {
    system: 'slight', host: 'slight', arrives: 'Image with `/app.wasm` and `/slightfile.toml`: a pod with the runtime class of the shim',
    pack: (bytes, gives) => appImage(bytes, { layers: [{ entries: [{ path: 'app.wasm', bytes }, { path: 'slightfile.toml', bytes: `specversion = "0.2"\n[[capability]]\nresource = "${gives}"\nname = "store"\n` }] }], config: { Entrypoint: ['/'] } }),
    target: ({ reference }) => manifest(`apiVersion: v1
kind: Pod
metadata: { name: store }
spec:
  runtimeClassName: wasmtime-slight-v1
  containers:
  - name: store
    image: ${reference}
    command: ["/"]
    resources: { limits: { memory: 64Mi } }
`),
    carriers: [{ kind: 'Pod', pointer: '/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['command: /', 'runtimeClassName: wasmtime-slight-v1'] }],
    form: 'image', policy: 'capabilities: { deny: [sql] }',
    allowed: { program: encoded(['slight'], [['keyvalue', 'keyvalue::open', 'i32 i32 i32'], ['keyvalue', 'keyvalue::get', 'i32 i32 i32 i32'], ['keyvalue', 'keyvalue::keys', 'i32 i32'], ['canonical_abi', 'resource_drop_keyvalue', 'i32']]), gives: 'keyvalue.filesystem' },
    denied: { program: encoded(['slight'], [['sql', 'sql::open', 'i32 i32 i32'], ['sql', 'sql::query', 'i32 i32 i32'], ['canonical_abi', 'resource_drop_sql', 'i32']]), gives: 'sql.postgres', rule: 'capability-sql', why: 'a capability that the policy lists: databases' },
    sources: [['SpiderLightning', 'https://github.com/deislabs/spiderlightning']],
  },
];
