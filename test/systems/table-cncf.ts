import { image, runwasiImage, wasmArtifact, type ImageOptions } from '../registry/push.ts';
import type { Packed } from '../registry/pack.ts';
import { encoded, sdk, withNativeCode } from './modules.ts';
import type { SystemRow, TargetFile } from './row.ts';

/** An image that starts `/app.wasm`, as builders for Wasm runtimes make it. */
export function appImage(bytes: Uint8Array, more: Partial<ImageOptions> = {}): Packed {
  return image({ layers: [{ entries: [{ path: 'app.wasm', bytes }] }], config: { Entrypoint: ['/app.wasm'] }, ...more });
}

export const manifest = (content: string): TargetFile => ({ name: 'manifest.yaml', content });

const hello = sdk('rust-hello-wasip1', 'Rust for wasip1', 'wasi-preview1');
const stdin = sdk('rust-stdin-wasip1', 'Rust for wasip1', 'wasi-preview1');
const files = sdk('rust-files-wasip1', 'Rust for wasip1', 'wasi-preview1');
const connects = sdk('rust-tcp-client-wasip2', 'Rust for wasip2', 'wasi-0.2');
const spawns = encoded(['wasmedge-plugin'], [
  ['wasmedge_process', 'wasmedge_process_set_prog_name', 'i32 i32'], ['wasmedge_process', 'wasmedge_process_run', '-> i32'], ['wasmedge_process', 'wasmedge_process_get_exit_code', '-> i32'],
]);

/** Runtimes of the CNCF landscape. */
export const CNCF_SYSTEMS: readonly SystemRow[] = [
  {
    system: 'WasmEdge', host: 'runwasi-wasmedge', arrives: 'Image with the module as entry point, run by the runwasi shim: a pod with `runtimeClassName: wasmedge`',
    pack: (bytes) => appImage(bytes),
    target: ({ reference }) => manifest(`apiVersion: v1
kind: Pod
metadata: { name: fetcher, namespace: edge }
spec:
  runtimeClassName: wasmedge
  containers:
  - name: fetcher
    image: ${reference}
    resources: { limits: { memory: 64Mi } }
`),
    carriers: [{ kind: 'Pod', pointer: '/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['runtimeClassName: wasmedge'] }],
    form: 'image', allowed: { program: hello },
    denied: { program: sdk('rust-wasmedge-socket', 'Rust, crate `wasmedge_wasi_socket`', 'wasi-preview1', 'wasmedge-sockets'), rule: 'capability-net-connect', why: 'outgoing connections, which this host gives to every module', hostDecides: true },
    sources: [['WasmEdge in Kubernetes', 'https://wasmedge.org/docs/develop/deploy/kubernetes/kubernetes-containerd-runwasi']],
  },
  {
    system: 'wasmCloud', host: 'wasmcloud', arrives: 'CNCF Wasm artifact: `spec.template.spec.components[].image` of a WorkloadDeployment (v2)',
    pack: (bytes) => wasmArtifact(bytes, { os: 'wasip2' }),
    target: ({ reference, gives }) => manifest(`apiVersion: runtime.wasmcloud.dev/v1alpha1
kind: WorkloadDeployment
metadata: { name: hello, namespace: shop }
spec:
  replicas: 1
  template:
    spec:
      hostSelector: { hostgroup: default }
      components:
      - name: hello
        image: ${reference}
        localResources: { allowedHosts: ["${gives}"] }
      hostInterfaces:
      - { namespace: wasi, package: http, interfaces: [incoming-handler] }
`),
    carriers: [{ kind: 'WorkloadDeployment', pointer: '/spec/template/spec/components/0/image', scheme: 'oci', certain: true, signals: ['kind: WorkloadDeployment'] }],
    form: 'wasm-artifact', allowed: { program: sdk('rust-wasmcloud', 'Rust, crate `wasmcloud-component`', 'wasi-0.2'), gives: 'api.example' },
    denied: { program: connects, gives: '*', rule: 'capability-net-connect', why: 'outgoing connections where `allowedHosts` leaves every host open', hostDecides: true },
    sources: [['wasmCloud workloads', 'https://wasmcloud.com/docs/kubernetes-operator/']],
  },
  {
    system: 'wasmCloud', host: 'wasmcloud', arrives: 'the same, by a v1 Application: `spec.components[].properties.image` of a component of type `component`',
    pack: (bytes) => wasmArtifact(bytes, { os: 'wasip2' }),
    target: ({ reference }) => manifest(`apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: { name: hello, annotations: { version: v0.0.1 } }
spec:
  components:
  - name: hello
    type: component
    properties: { image: "${reference}" }
    traits:
    - { type: spreadscaler, properties: { instances: 1 } }
`),
    carriers: [{ kind: 'Application', pointer: '/spec/components/0/properties/image', scheme: 'oci', certain: true, signals: ['kind: Application'] }],
    form: 'wasm-artifact', policy: 'capabilities: { deny: ["net-*"] }', allowed: { program: sdk('rust-wasmcloud', 'Rust, crate `wasmcloud-component`', 'wasi-0.2') },
    denied: { program: connects, rule: 'capability-net-connect', why: 'a capability that the policy lists' },
    sources: [['wasmCloud application model', 'https://wasmcloud.com/docs/ecosystem/wadm/model']],
  },
  {
    system: 'runwasi', host: 'runwasi-wasmtime', arrives: 'Image whose layer is the component itself, or any image: a workload with `runtimeClassName: wasmtime`',
    pack: (bytes) => runwasiImage(bytes),
    target: ({ reference }) => manifest(`apiVersion: node.k8s.io/v1
kind: RuntimeClass
metadata: { name: wasmtime }
handler: wasmtime
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: handler, namespace: shop }
spec:
  selector: { matchLabels: { app: handler } }
  template:
    metadata: { labels: { app: handler } }
    spec:
      runtimeClassName: wasmtime
      containers:
      - name: handler
        image: ${reference}
        resources: { limits: { memory: 64Mi } }
`),
    carriers: [{ kind: 'Deployment', pointer: '/spec/template/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['handler of runtime class wasmtime: wasmtime', 'runtimeClassName: wasmtime'] }],
    form: 'runwasi-image', allowed: { program: sdk('rust-http', 'Rust, crate `wasip2`', 'wasi-0.2') },
    denied: { program: connects, rule: 'capability-net-connect', why: 'outgoing connections, which this host gives to every module', hostDecides: true },
    sources: [['runwasi', 'https://runwasi.dev/']],
  },
  {
    system: 'Kuasar', host: 'kuasar-wasmtime', arrives: 'Image with the module as entry point: a pod with the runtime class `kuasar-wasm`',
    pack: (bytes) => appImage(bytes),
    target: ({ reference }) => manifest(`apiVersion: v1
kind: Pod
metadata: { name: reader }
spec:
  runtimeClassName: kuasar-wasm
  containers:
  - name: reader
    image: ${reference}
    command: ["/app.wasm"]
    resources: { limits: { memory: 64Mi } }
`),
    carriers: [{ kind: 'Pod', pointer: '/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['command: /app.wasm', 'runtimeClassName: kuasar-wasm'] }],
    form: 'image', allowed: { program: stdin },
    denied: { program: files, rule: 'capability-fs-write', why: 'writing files, since the root of the image is open to every module', hostDecides: true },
    sources: [['Kuasar', 'https://kuasar.io/docs/']],
  },
  {
    system: 'Dapr', host: 'dapr-middleware', arrives: 'Downloaded: `url` in the metadata of a Component of type `middleware.http.wasm`',
    target: ({ url }) => manifest(`apiVersion: dapr.io/v1alpha1
kind: Component
metadata: { name: headers }
spec:
  type: middleware.http.wasm
  version: v1
  metadata:
  - name: url
    value: "${url}"
`),
    carriers: [{ kind: 'Component', pointer: '/spec/metadata/0/value', scheme: 'http', certain: true, signals: ['kind: Component'] }],
    form: null, policy: 'imports: { deny: ["http_handler.write_body"] }',
    allowed: { program: sdk('rust-http-wasm', 'Rust, crate `http-wasm-guest`', 'http-wasm') },
    denied: {
      program: encoded(['http-wasm'], [['http_handler', 'get_uri', 'i32 i32 -> i32'], ['http_handler', 'read_body', 'i32 i32 i32 -> i64'], ['http_handler', 'write_body', 'i32 i32 i32']], { entries: ['handle_request', 'handle_response'] }),
      rule: 'denied-import', why: 'an import that the policy lists: rewriting bodies',
    },
    sources: [['Wasm middleware', 'https://docs.dapr.io/reference/components-reference/supported-middleware/middleware-wasm/']],
  },
  {
    system: 'Dapr', host: 'dapr-binding', arrives: 'the same in a binding: a Component of type `bindings.wasm`',
    target: ({ url }) => manifest(`apiVersion: dapr.io/v1alpha1
kind: Component
metadata: { name: task }
spec:
  type: bindings.wasm
  version: v1
  metadata:
  - name: url
    value: "${url}"
`),
    carriers: [{ kind: 'Component', pointer: '/spec/metadata/0/value', scheme: 'http', certain: true, signals: ['kind: Component'] }],
    form: null, policy: 'capabilities: { deny: [http-client] }', allowed: { program: stdin },
    denied: {
      program: encoded(['wasi-http-prototype', 'wasi-preview1'], [
        ['default-outgoing-HTTP', 'handle', 'i32 i32 i32 i32 i32 i32 i32 i32 -> i32'], ['types', 'new-outgoing-request', 'i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 -> i32'],
        ['streams', 'read', 'i32 i64 i32'], ['wasi_snapshot_preview1', 'fd_write', 'i32 i32 i32 i32 -> i32'],
      ]),
      rule: 'capability-http-client', why: 'a capability that the policy lists: outgoing HTTP',
    },
    sources: [['Wasm binding', 'https://docs.dapr.io/reference/components-reference/supported-bindings/wasm/']],
  },
  {
    system: 'crun', host: 'crun-wasmedge', arrives: 'Image with the module as entry point: a pod with the annotation `run.oci.handler`',
    pack: (bytes) => appImage(bytes),
    target: ({ reference }) => manifest(`apiVersion: v1
kind: Pod
metadata:
  name: hello
  annotations: { run.oci.handler: wasmedge }
spec:
  containers:
  - name: hello
    image: ${reference}
    resources: { limits: { memory: 64Mi } }
`),
    carriers: [{ kind: 'Pod', pointer: '/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['annotation run.oci.handler: wasmedge'] }],
    form: 'image', allowed: { program: hello }, denied: { program: spawns, rule: 'capability-process-spawn', why: 'starting programs of the host' },
    sources: [['crun and Wasm', 'https://github.com/containers/crun/blob/main/docs/wasm-wasi-on-kubernetes.md']],
  },
  {
    system: 'youki', host: null, arrives: 'Image with the module as entry point: a pod with `run.oci.handler: wasm` and a runtime class for youki',
    pack: (bytes) => appImage(bytes),
    target: ({ reference }) => manifest(`apiVersion: v1
kind: Pod
metadata:
  name: hello
  annotations: { run.oci.handler: wasm }
spec:
  runtimeClassName: youki
  containers:
  - name: hello
    image: ${reference}
    resources: { limits: { memory: 64Mi } }
`),
    carriers: [{ kind: 'Pod', pointer: '/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['annotation run.oci.handler: wasm'] }],
    form: 'image', allowed: { program: sdk('c-hello', 'C, clang and wasi-libc', 'wasi-preview1') },
    denied: { program: encoded(['wasi-preview1', 'wasix'], [['wasix_32v1', 'proc_fork', 'i32 i32 -> i32'], ['wasi_snapshot_preview1', 'proc_exit', 'i32']]), rule: 'capability-process-spawn', why: 'forking, with youki built for Wasmer' },
    sources: [['youki and Wasm', 'https://youki-dev.github.io/youki/user/webassembly.html']],
  },
  {
    system: 'Docker', host: null, arrives: 'Image for platform `wasi/wasm` in Docker\'s media types; Compose names it with `platform: wasi/wasm`',
    pack: (bytes) => appImage(bytes, { types: 'docker' }),
    carriers: [], form: 'image', allowed: { program: hello }, denied: { program: withNativeCode(hello), rule: 'precompiled-artifact', why: 'machine code in place of Wasm' },
    sources: [['Wasm workloads', 'https://docs.docker.com/desktop/features/wasm/']],
  },
];
