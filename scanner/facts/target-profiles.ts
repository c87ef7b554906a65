import type { TargetProfile } from '../carrier.ts';

/** What a host gives a module of one capability. `asked`: what its manifest or configuration says; `unknown`: this table does not know. */
export type HostGrant = 'always' | 'asked' | 'never' | 'unknown';

/** Kinds of Wasm that a host runs: core modules, components of WASI 0.2 and 0.3. */
export type AcceptedKind = 'core' | '0.2' | '0.3';

/** A host, untouched: what it gives every module, what only somebody who asks for it, and what nobody. */
export interface ProfileData {
  /** For people: `runwasi with Wasmtime`. */
  readonly title: string;
  readonly accepts: readonly AcceptedKind[];
  readonly always: readonly Power[];
  readonly asked: readonly Power[];
  readonly never: readonly Power[];
  /** What becomes of an import of which nothing is given; completes "... there". */
  readonly withheld: string;
}

/** Capabilities that hosts give or withhold together. */
const POWERS = {
  files: ['fs-preopen', 'fs-open', 'fs-read', 'fs-write', 'fs-meta'],
  environment: ['env-read'],
  network: ['net-ambient', 'net-socket', 'net-connect', 'net-listen', 'net-io'],
  names: ['net-dns'],
  http: ['http-client'],
  stores: ['keyvalue-read', 'keyvalue-write', 'blobstore-read', 'blobstore-write', 'sql', 'messaging-publish'],
  configuration: ['config-read', 'secrets-read'],
  models: ['ai-inference'],
  cluster: ['k8s-api'],
  registries: ['oci-registry'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type Power = keyof typeof POWERS;

const PLAIN = { accepts: ['core'], always: [], asked: [], never: [] } as const;
const STUB = 'is a stub';
const NOT_LINKED = 'will not load';
const EMPTY = 'has nothing to act on';

/**
 * Hosts with the grants of an untouched configuration, as read in their sources: the shims of runwasi, the handlers of crun and youki,
 * Kuasar, the Envoy proxy-wasm host, the policy servers and plug-in hosts named here.
 */
const PROFILES: Readonly<Record<TargetProfile, ProfileData>> = {
  'runwasi-wasmtime': { ...PLAIN, title: 'runwasi with Wasmtime', accepts: ['core', '0.2'], always: ['files', 'environment', 'network', 'names'], withheld: EMPTY },
  'runwasi-wasmedge': { ...PLAIN, title: 'runwasi with WasmEdge', always: ['files', 'environment', 'network', 'names'], withheld: EMPTY },
  'runwasi-wasmer': { ...PLAIN, title: 'runwasi with Wasmer', always: ['files', 'environment', 'network', 'names'], withheld: EMPTY },
  'runwasi-wamr': { ...PLAIN, title: 'runwasi with WAMR', always: ['files', 'environment'], withheld: EMPTY },
  'crun-wasmedge': { ...PLAIN, title: 'crun with WasmEdge', always: ['files', 'environment', 'network', 'names'], withheld: EMPTY },
  'crun-wasmtime': { ...PLAIN, title: 'crun with Wasmtime', always: ['files', 'environment'], never: ['network', 'names'], withheld: EMPTY },
  'crun-wasmer': { ...PLAIN, title: 'crun with Wasmer', never: ['files', 'environment'], withheld: EMPTY },
  'crun-wamr': { ...PLAIN, title: 'crun with WAMR', always: ['files', 'environment', 'network', 'names'], withheld: EMPTY },
  youki: { ...PLAIN, title: 'youki', always: ['environment'], never: ['files'], withheld: EMPTY },
  'kuasar-wasmtime': { ...PLAIN, title: 'Kuasar with Wasmtime', always: ['files', 'environment'], never: ['network', 'names'], withheld: EMPTY },
  'kuasar-wasmedge': { ...PLAIN, title: 'Kuasar with WasmEdge', always: ['files', 'environment', 'network', 'names'], withheld: EMPTY },
  spin: { ...PLAIN, title: 'Spin', accepts: ['core', '0.2', '0.3'], asked: ['files', 'environment', 'network', 'names', 'http', 'stores', 'configuration', 'models'], withheld: NOT_LINKED },
  wasmcloud: { ...PLAIN, title: 'wasmCloud', accepts: ['0.2', '0.3'], asked: ['files', 'environment', 'network', 'names', 'http', 'stores', 'configuration', 'models'], withheld: NOT_LINKED },
  'proxy-wasm': { ...PLAIN, title: 'the proxy (Envoy and its kin)', asked: ['environment', 'http'], never: ['files', 'network', 'names'], withheld: STUB },
  kubewarden: { ...PLAIN, title: 'the Kubewarden policy server', asked: ['cluster', 'registries', 'names'], never: ['files', 'environment', 'network', 'http'], withheld: EMPTY },
  opa: { ...PLAIN, title: 'Open Policy Agent', never: ['files', 'environment', 'network', 'names', 'http'], withheld: NOT_LINKED },
  'dapr-middleware': { ...PLAIN, title: 'Dapr middleware', never: ['files', 'environment', 'network', 'names', 'http'], withheld: EMPTY },
  'dapr-binding': { ...PLAIN, title: 'a Dapr binding', asked: ['http'], never: ['files', 'environment', 'network', 'names'], withheld: EMPTY },
  traefik: { ...PLAIN, title: 'Traefik', always: ['network', 'names'], asked: ['files', 'environment'], withheld: EMPTY },
  extism: { ...PLAIN, title: 'Extism', asked: ['files', 'http', 'configuration'], never: ['environment', 'network', 'names'], withheld: EMPTY },
  'fluent-bit': { ...PLAIN, title: 'Fluent Bit', always: ['files'], withheld: EMPTY },
  scheduler: { ...PLAIN, title: 'the scheduler extension of Kubernetes', withheld: EMPTY },
  slight: { ...PLAIN, title: 'slight', asked: ['http', 'stores', 'configuration'], withheld: NOT_LINKED },
  wws: { ...PLAIN, title: 'wasm workers server', asked: ['files', 'environment', 'http', 'stores', 'models'], withheld: EMPTY },
  suborbital: { ...PLAIN, title: 'Suborbital', withheld: NOT_LINKED },
  wasmtime: { ...PLAIN, title: 'Wasmtime', accepts: ['core', '0.2', '0.3'], asked: ['files', 'environment', 'network', 'names', 'http', 'stores', 'configuration', 'models'], withheld: EMPTY },
  wazero: { ...PLAIN, title: 'wazero', asked: ['files', 'environment', 'network'], never: ['names'], withheld: NOT_LINKED },
  wasmer: { ...PLAIN, title: 'Wasmer', asked: ['files', 'environment', 'network', 'names'], withheld: EMPTY },
  wasmedge: { ...PLAIN, title: 'WasmEdge', always: ['network', 'names'], asked: ['files', 'environment'], withheld: EMPTY },
  javy: { ...PLAIN, title: 'Javy', withheld: EMPTY },
};

/** What this host gives of a capability, by the name the catalogue has for it. Powers that no table of hosts mentions are unknown. */
export function hostGrants(profile: TargetProfile, capability: string): HostGrant {
  const host = PROFILES[profile];
  const gives = (powers: readonly Power[]): boolean => powers.some((power) => (POWERS[power] as readonly string[]).includes(capability));
  if (gives(host.always)) return 'always';
  if (gives(host.asked)) return 'asked';
  return gives(host.never) ? 'never' : 'unknown';
}

/** The host, for people and for the rules that compare: its title, the kinds it runs, and its grants. */
export function profileData(profile: TargetProfile): ProfileData {
  return PROFILES[profile];
}

/** One line for people: `runwasi with Wasmtime: runs core modules and components of WASI 0.2; gives everyone files and network; ...`. */
export function describeProfile(profile: TargetProfile): string {
  const { title, accepts, always, asked, never } = PROFILES[profile];
  const parts = [`runs ${accepts.map((kind) => (kind === 'core' ? 'core modules' : `components of WASI ${kind}`)).join(', ')}`];
  if (always.length > 0) parts.push(`gives every module ${always.join(', ')}`);
  if (asked.length > 0) parts.push(`gives when asked ${asked.join(', ')}`);
  if (never.length > 0) parts.push(`gives nobody ${never.join(', ')}`);
  return `${title}: ${parts.join('; ')}`;
}
