import { istioCompat, kubewardenPolicy, opaBundle, solo, wasmArtifact } from '../registry/push.ts';
import { encoded, precompiled, sdk, withNativeCode } from './modules.ts';
import type { SystemRow } from './row.ts';
import { appImage, manifest } from './table-cncf.ts';

const hello = sdk('rust-hello-wasip1', 'Rust for wasip1', 'wasi-preview1');
const proxy = sdk('rust-proxy-wasm', 'Rust, crate `proxy-wasm`', 'proxy-wasm', 'wasi-preview1');

/** Policy engines, proxies, and platforms that schedule Wasm without running it themselves. */
export const POLICY_SYSTEMS: readonly SystemRow[] = [
  {
    system: 'OPA', host: 'opa', arrives: 'Bundle with `/policy.wasm`, in an OCI registry or as `bundle.tar.gz`',
    pack: (bytes) => opaBundle(bytes), carriers: [], form: 'opa-bundle',
    policy: 'imports: { deny: ["env.opa_println"] }',
    allowed: { program: sdk('opa', '`opa build -t wasm`', 'opa') },
    denied: {
      program: encoded(['opa'], [['env', 'opa_abort', 'i32'], ['env', 'opa_println', 'i32'], ['env', 'opa_builtin1', 'i32 i32 i32 -> i32']], {
        entries: ['eval', 'opa_eval_ctx_new', 'builtins'], fields: '(import "env" "memory" (memory 2)) (global (export "opa_wasm_abi_version") i32 (i32.const 1))',
      }),
      rule: 'denied-import', why: 'an import that the policy lists: printing to the log of the server',
    },
    sources: [['Wasm policies', 'https://www.openpolicyagent.org/docs/wasm']],
  },
  {
    system: 'Envoy/Istio', host: 'proxy-wasm', arrives: 'Image in the compat or oci variant: `spec.url` of a WasmPlugin',
    pack: solo,
    target: ({ reference }) => manifest(`apiVersion: extensions.istio.io/v1alpha1
kind: WasmPlugin
metadata: { name: headers, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  url: oci://${reference}
  phase: AUTHN
`),
    carriers: [{ kind: 'WasmPlugin', pointer: '/spec/url', scheme: 'oci', certain: true, signals: ['kind: WasmPlugin'] }],
    form: 'solo', policy: 'imports: { deny: ["env.proxy_call_foreign_function"] }',
    allowed: {
      program: encoded(['proxy-wasm'], [
        ['env', 'proxy_log', 'i32 i32 i32 -> i32'], ['env', 'proxy_get_header_map_value', 'i32 i32 i32 i32 i32 -> i32'], ['env', 'proxy_add_header_map_value', 'i32 i32 i32 i32 i32 -> i32'],
        ['env', 'proxy_set_effective_context', 'i32 -> i32'],
      ], { entries: ['_initialize', 'proxy_on_context_create', 'proxy_on_request_headers', 'proxy_abi_version_0_2_1'] }),
    },
    denied: { program: proxy, rule: 'denied-import', why: 'an import that the policy lists: functions of the proxy by name' },
    sources: [['WasmPlugin', 'https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/']],
  },
  {
    system: 'Envoy/Istio', host: 'proxy-wasm', arrives: 'the same by an EnvoyExtensionPolicy of Envoy Gateway: `spec.wasm[].code.image.url`',
    pack: (bytes) => istioCompat(bytes),
    target: ({ reference }) => manifest(`apiVersion: gateway.envoyproxy.io/v1alpha1
kind: EnvoyExtensionPolicy
metadata: { name: headers, namespace: shop }
spec:
  targetRefs:
  - { group: gateway.networking.k8s.io, kind: HTTPRoute, name: web }
  wasm:
  - name: headers
    rootID: root
    code:
      type: Image
      image: { url: "${reference}" }
`),
    carriers: [{ kind: 'EnvoyExtensionPolicy', pointer: '/spec/wasm/0/code/image/url', scheme: 'oci', certain: true, signals: ['kind: EnvoyExtensionPolicy'] }],
    form: 'istio-compat', allowed: { program: proxy }, denied: { program: withNativeCode(proxy), rule: 'precompiled-artifact', why: 'machine code in place of Wasm' },
    sources: [['Wasm extensions', 'https://gateway.envoyproxy.io/docs/tasks/extensibility/wasm/']],
  },
  {
    system: 'Envoy/Istio', host: 'proxy-wasm', arrives: 'Envoy configuration, here the bytes themselves: `inline_bytes` in an EnvoyFilter',
    target: ({ bytes }) => manifest(`apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: headers, namespace: shop }
spec:
  workloadSelector: { labels: { app: web } }
  configPatches:
  - applyTo: HTTP_FILTER
    match: { context: SIDECAR_INBOUND }
    patch:
      operation: INSERT_BEFORE
      value:
        name: headers
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
          config:
            vm_config:
              runtime: envoy.wasm.runtime.v8
              code: { local: { inline_bytes: "${Buffer.from(bytes).toString('base64')}" } }
`),
    carriers: [{ kind: 'EnvoyFilter', pointer: '/spec/configPatches/0/patch/value/typed_config/config/vm_config/code/local/inline_bytes', scheme: 'inline', certain: true, signals: ['vm_config.code.local.inline_bytes'] }],
    form: null, allowed: { program: proxy }, denied: { program: precompiled(), rule: 'precompiled-artifact', why: 'native code' },
    sources: [['Wasm in Envoy', 'https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/wasm_filter']],
  },
  {
    system: 'Kubewarden', host: 'kubewarden', arrives: 'Policy in an OCI registry: `spec.module` of a ClusterAdmissionPolicy, `registry://` or without scheme',
    pack: (bytes) => kubewardenPolicy(bytes),
    target: ({ reference }) => manifest(`apiVersion: policies.kubewarden.io/v1
kind: ClusterAdmissionPolicy
metadata: { name: accept }
spec:
  module: registry://${reference}
  mutating: false
  rules:
  - { apiGroups: [""], apiVersions: [v1], resources: [pods], operations: [CREATE] }
`),
    carriers: [{ kind: 'ClusterAdmissionPolicy', pointer: '/spec/module', scheme: 'oci', certain: true, signals: ['kind: ClusterAdmissionPolicy'] }],
    form: 'wasm-to-oci', policy: 'capabilities: { deny: [host-call] }',
    allowed: { program: sdk('rust-kubewarden', 'Rust, crate `kubewarden-policy-sdk`', 'wapc', 'wasi-preview1') },
    denied: { program: sdk('rust-kubewarden-lookup', 'Rust, crate `kubewarden-policy-sdk`', 'wapc', 'wasi-preview1'), rule: 'capability-host-call', why: 'a capability that the policy lists: calls that the policy server answers' },
    sources: [['Kubewarden policies', 'https://docs.kubewarden.io/explanations/distributing-policies']],
  },
  {
    system: 'Knative', host: 'runwasi-wasmtime', arrives: 'Image or artifact: a Service whose template has a runtime class for Wasm',
    pack: (bytes) => wasmArtifact(bytes, { os: 'wasip2' }),
    target: ({ reference }) => manifest(`apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: hello, namespace: shop }
spec:
  template:
    spec:
      runtimeClassName: wasmtime
      containers:
      - image: ${reference}
        resources: { limits: { memory: 64Mi } }
`),
    carriers: [{ kind: 'Service', pointer: '/spec/template/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['runtimeClassName: wasmtime'] }],
    form: 'wasm-artifact', allowed: { program: sdk('rust-http', 'Rust, crate `wasip2`', 'wasi-0.2') },
    denied: { program: sdk('rust-files-wasip2', 'Rust for wasip2', 'wasi-0.2'), rule: 'capability-fs-write', why: 'writing files, since the root of the image is open to every module', hostDecides: true },
    sources: [['Runtime classes in Knative', 'https://knative.dev/docs/serving/configuration/feature-flags/']],
  },
  {
    system: 'KubeEdge', host: null, arrives: 'Image with the module as entry point: a Deployment for edge nodes with `module.wasm.image/variant: compat-smart`',
    pack: (bytes) => appImage(bytes),
    target: ({ reference }) => manifest(`apiVersion: apps/v1
kind: Deployment
metadata: { name: sensor }
spec:
  selector: { matchLabels: { app: sensor } }
  template:
    metadata:
      labels: { app: sensor }
      annotations: { module.wasm.image/variant: compat-smart }
    spec:
      nodeSelector: { node-role.kubernetes.io/edge: "" }
      runtimeClassName: crun
      containers:
      - name: sensor
        image: ${reference}
        command: ["/app.wasm"]
        resources: { limits: { memory: 32Mi } }
`),
    carriers: [{ kind: 'Deployment', pointer: '/spec/template/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['annotation module.wasm.image/variant: compat-smart', 'command: /app.wasm'] }],
    form: 'image', allowed: { program: hello },
    denied: { program: encoded(['wasmedge-plugin'], [['wasm_bpf', 'wasm_load_bpf_object', 'i32 i32 -> i64'], ['wasm_bpf', 'wasm_attach_bpf_program', 'i64 i32 i32 -> i32']]), rule: 'capability-kernel-bpf', why: 'loading programs into the kernel of the node' },
    sources: [['WasmEdge on KubeEdge', 'https://wasmedge.org/docs/develop/deploy/kubernetes/kubedge']],
  },
  {
    system: 'OpenFunction', host: 'crun-wasmedge', arrives: 'Image with the module as entry point: `spec.image` of a Function with `workloadRuntime: wasmedge`',
    pack: (bytes) => appImage(bytes),
    target: ({ reference }) => manifest(`apiVersion: core.openfunction.io/v1beta2
kind: Function
metadata: { name: http-hello }
spec:
  workloadRuntime: wasmedge
  image: ${reference}
  serving:
    triggers: { http: { port: 8080 } }
    template:
      containers:
      - { name: function, imagePullPolicy: IfNotPresent }
`),
    carriers: [{ kind: 'Function', pointer: '/spec/image', scheme: 'oci', certain: true, signals: ['kind: Function'] }],
    form: 'image', allowed: { program: hello },
    denied: { program: sdk('rust-wasmedge-socket', 'Rust, crate `wasmedge_wasi_socket`', 'wasi-preview1', 'wasmedge-sockets'), rule: 'capability-net-connect', why: 'outgoing connections, which this host gives to every module', hostDecides: true },
    sources: [['OpenFunction', 'https://github.com/OpenFunction/OpenFunction']],
  },
  {
    system: 'SuperEdge', host: null, arrives: 'Image with the module as entry point: a pod with `module.wasm.image/variant: compat`',
    pack: (bytes) => appImage(bytes),
    target: ({ reference }) => manifest(`apiVersion: v1
kind: Pod
metadata:
  name: wasm-app
  annotations: { module.wasm.image/variant: compat }
spec:
  containers:
  - name: wasm-app
    image: ${reference}
    resources: { limits: { memory: 32Mi } }
`),
    carriers: [{ kind: 'Pod', pointer: '/spec/containers/0/image', scheme: 'oci', certain: true, signals: ['annotation module.wasm.image/variant: compat'] }],
    form: 'image', allowed: { program: sdk('zig-cc', 'C, zig', 'wasi-preview1') }, denied: { program: withNativeCode(hello), rule: 'precompiled-artifact', why: 'machine code in place of Wasm' },
    sources: [['WasmEdge on SuperEdge', 'https://wasmedge.org/docs/develop/deploy/kubernetes/superedge']],
  },
];
