import type { Grant, Setting, SourcePlace } from './grant.ts';

/** How a reference is to be read. `volume`: bytes on a volume or path that only the node sees. */
export const SCHEMES = ['oci', 'http', 'file', 'inline', 'configmap', 'secret', 'volume', 'builtin'] as const;
export type Scheme = (typeof SCHEMES)[number];

/** What the referenced thing is to the workload: Wasm, native code that comes with Wasm, the host that runs Wasm, or a runner that takes the module as an argument. */
export type CarrierRole = 'module' | 'native' | 'host' | 'runner';

/** Hosts that are told apart by what they give a module; see scanner/facts/target-profiles.ts. */
export const TARGET_PROFILES = [
  'runwasi-wasmtime', 'runwasi-wasmedge', 'runwasi-wasmer', 'runwasi-wamr', 'crun-wasmedge', 'crun-wasmtime', 'crun-wasmer', 'crun-wamr', 'youki', 'kuasar-wasmtime', 'kuasar-wasmedge',
  'spin', 'wasmcloud', 'proxy-wasm', 'kubewarden', 'opa', 'dapr-middleware', 'dapr-binding', 'traefik', 'extism', 'fluent-bit', 'scheduler', 'slight', 'wws', 'suborbital', 'wasmtime', 'wazero', 'wasmer', 'wasmedge', 'javy',
] as const;
export type TargetProfile = (typeof TARGET_PROFILES)[number];

/** What brings a module into a cluster: one field of one object. Plain data; the objects are hostile input, and nothing in them can grant a pass. */
export interface Carrier extends SourcePlace {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** The text as written; of inline bytes `sha256:<hex>` of them. */
  readonly reference: string;
  readonly scheme: Scheme;
  /** A digest in the reference, or a hash field beside it. */
  readonly pinned: boolean;
  /** The hash field beside the reference: `sha256:<hex>`, or the text as written where it is none; null: there is none. */
  readonly hash: string | null;
  /** Of what the hash field is, where the host defines it: the bytes of the module, or the manifest. null: no hash. */
  readonly hashOf: 'bytes' | 'manifest' | 'either' | null;
  /** False: only the image can tell whether this is Wasm. */
  readonly certain: boolean;
  /** Why it looks like Wasm: `runtimeClassName: wasmtime`, `annotation module.wasm.image/variant: compat`. Sorted. */
  readonly signals: readonly string[];
  readonly role: CarrierRole;
  /** The host that runs it; null: not known. */
  readonly host: { readonly profile: TargetProfile; /** The kind of the object decides it, so that nobody can choose a milder one. */ readonly sure: boolean } | null;
  /** Whether breaking the policy denies the object in a cluster, or only warns because its pods will be judged. */
  readonly onDeny: 'deny' | 'warn';
  readonly grants: readonly Grant[];
  readonly settings: readonly Setting[];
  /** For images run as containers: `command` and `args` as written, null where the image decides. */
  readonly process: { readonly command: readonly string[] | null; readonly args: readonly string[] | null } | null;
  /** Names of the pull secrets that the object lists. */
  readonly pullSecrets: readonly string[];
  /** Inline bytes, where the object itself holds them. */
  readonly bytes?: Uint8Array;
}

/** A carrier without its bytes, as reports show it. */
export type CarrierFact = Omit<Carrier, 'bytes'>;
