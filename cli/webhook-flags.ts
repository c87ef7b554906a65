import type { OptionSpec } from './command.ts';
import { BOUNDS, HOSTS } from './remote-flags.ts';

/** Registries, for processes that fetch on behalf of others. */
const REGISTRY: readonly OptionSpec[] = [
  { name: 'registry-config', value: 'file', help: 'Docker config with the webhook\'s own credentials; they count only for registries named with --shared-registry' },
  { name: 'shared-registry', value: 'host', repeatable: true, help: 'Registry for which the webhook\'s own credentials count for everybody; repeatable' },
  ...HOSTS,
  { name: 'allow-host', value: 'host|cidr', repeatable: true, help: 'Private address, or host of http(s) URLs in objects, that may be contacted; repeatable' },
  ...BOUNDS,
  { name: 'no-cache', help: 'Keep no blobs on disk' },
];

/** What judging in a cluster needs, for the webhook and for audits alike. */
export const CLUSTER: readonly OptionSpec[] = [
  { name: 'kubeconfig', value: 'file', help: 'How to reach the API server (default: the service account of the pod)' },
  { name: 'namespace', value: 'name', help: 'Namespace that wasmgate itself runs in (default: that of the service account)' },
  { name: 'waiver-namespace', value: 'name', help: 'The one namespace whose WasmWaivers count (default: its own)' },
  { name: 'default-level', value: 'level', help: 'Level for what no ClusterWasmPolicy matches (default: baseline)' },
  { name: 'detection', value: 'how', choices: ['signals', 'manifest', 'layers'], help: 'What is searched for Wasm where a pod shows no sign of it: nothing, manifests of images (default), all layers' },
  { name: 'pull-secrets', help: 'Read the pull secrets of pods in their namespaces' },
  { name: 'config-maps', help: 'Read ConfigMaps that Wasm pods mount' },
  { name: 'secrets', help: 'Read Secrets that Wasm pods mount' },
  { name: 'reports', value: 'kind', choices: ['openreports', 'policyreports', 'none'], help: 'Reports to write: openreports.io, wgpolicyk8s.io, or none' },
  { name: 'events', help: 'Write an Event for each workload that breaks the policy' },
  { name: 'workers', value: 'number', help: 'Worker threads that scan (default: one per core, at most 4)' },
  { name: 'queue', value: 'number', help: 'Scans that may wait for a worker thread (default: 100)' },
  ...REGISTRY,
];

/** Options of `wasmgate webhook`. */
export const WEBHOOK: readonly OptionSpec[] = [
  { name: 'policy', short: 'p', value: 'file|level', repeatable: true, help: 'Standalone: judge by this policy, without a Kubernetes API; repeatable (default: policies of the cluster)' },
  { name: 'tls-cert', value: 'file', help: 'Certificate chain to serve with, PEM; read again when it changes' },
  { name: 'tls-key', value: 'file', help: 'Private key to it, PEM' },
  { name: 'listen', value: 'address:port', help: 'Where the API server sends its reviews (default: 0.0.0.0:9443)' },
  { name: 'health-listen', value: 'address:port', help: 'Plain HTTP for probes and metrics (default: 0.0.0.0:8080)' },
  { name: 'workloads', value: 'how', choices: ['warn', 'deny'], help: 'What becomes of workloads whose pods would be denied (default: warn)' },
  { name: 'client-ca', value: 'file', help: 'Accept reviews only with a client certificate of this authority, PEM' },
  { name: 'client-name', value: 'name', repeatable: true, help: 'Common or alternative name that the client certificate must have; repeatable' },
  { name: 'bearer-token', value: 'file', help: 'Accept reviews only with the token in this file' },
  { name: 'certificate-secret', value: 'name', help: 'Make and renew the serving certificate, and keep it in this Secret' },
  { name: 'service', value: 'name', help: 'Service that the API server reaches the webhook by, for the names in the certificate (default: wasmgate)' },
  { name: 'webhook-configuration', value: 'name', help: 'Webhook configurations whose caBundle is kept up to date (default: wasmgate)' },
  { name: 'audit-interval', value: 'seconds', help: 'How often everything that runs is judged again; 0: never (default: 3600)' },
  { name: 'timeout', value: 'seconds', help: 'Time for an answer where the request names none (default: 10)' },
  { name: 'drain', value: 'seconds', help: 'How long serving goes on after SIGTERM, while endpoints are withdrawn (default: 8)' },
  { name: 'log-level', value: 'level', choices: ['debug', 'info', 'warn', 'error'], help: 'Least severity that is logged (default: info)' },
  ...CLUSTER,
];

/** Options of `wasmgate audit`. */
export const AUDIT: readonly OptionSpec[] = [
  { name: 'policy', short: 'p', value: 'file|level', repeatable: true, help: 'Judge by this policy instead of those of the cluster; repeatable' },
  { name: 'only-namespace', value: 'name', repeatable: true, help: 'Judge only what is in this namespace; repeatable (default: everything)' },
  { name: 'format', short: 'f', value: 'format[=file]', repeatable: true, help: 'text, json or jsonl, to a file if one is named; repeatable' },
  { name: 'exit-zero', help: 'Exit with 0 also where something is denied; codes 2, 3 and 4 stay' },
  ...CLUSTER,
];
