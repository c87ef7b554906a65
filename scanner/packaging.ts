import type { Grant, Setting } from './grant.ts';

/** How modules are packed. */
export const PACKAGE_FORMS = [
  'wasm-artifact',          // CNCF Wasm OCI artifact, config v0
  'wasm-to-oci',            // legacy config v1 and content layer; Kubewarden policies too
  'spin-application', 'runwasi-image', 'istio-compat', 'solo', 'wasmcloud-component', 'wasmcloud-provider', 'gadget',
  'image',                  // ordinary image: files in tar layers
  'opa-bundle', 'suborbital-bundle', 'spin-image', 'archive', 'helm-plug-in', 'extism-manifest',
] as const;
export type PackageForm = (typeof PACKAGE_FORMS)[number];

/** What an artifact's config says of the bytes: a claim, to be compared with what they are. null: not said. */
export interface ConfigClaims {
  readonly mediaType: string;
  readonly os: string | null;
  readonly architecture: string | null;
  readonly layerDigests: readonly string[] | null;
  readonly imports: readonly string[] | null;
  readonly exports: readonly string[] | null;
  readonly target: string | null;
}

/** Something else in the same package that runs and is no Wasm. */
export interface NativeSibling {
  /** Path in the file system, or media type and digest of a layer. */
  readonly path: string;
  /** As `recognise` titles it: `ELF executable or library`. */
  readonly title: string;
}

/** How an artifact was packed, from the reference down to the bytes. Plain data. */
export interface Packaging {
  readonly form: PackageForm;
  /** Normal form of the reference without tag and digest; null for layouts and archives. */
  readonly repository: string | null;
  /** Digest of the root manifest or index, from the bytes fetched; null for archives without one. */
  readonly rootDigest: string | null;
  /** Digest of the manifest that holds the bytes; of a single-platform image the same as the root. */
  readonly manifestDigest: string | null;
  readonly artifactType: string | null;
  readonly configMediaType: string | null;
  /** `os/architecture` as index or config say; null: not said. */
  readonly platform: string | null;
  /** The layer that holds the bytes; null for inlined bytes. */
  readonly layer: { readonly mediaType: string; readonly digest: string; readonly size: number; readonly index: number } | null;
  readonly layers: number;
  /** Path of the file in the file system or archive, without leading slash; null where the layer is the module. */
  readonly path: string | null;
  /** The process starts this very file, as runtimes find it. null: the package says nothing of a process. */
  readonly entryPoint: boolean | null;
  readonly claims: ConfigClaims | null;
  /** Of the manifest; at most 100, 4 KiB each. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly grants: readonly Grant[];
  readonly settings: readonly Setting[];
  readonly natives: readonly NativeSibling[];
  /** What is remarkable about the package itself, for rule oci-config-mismatch and its kin: one plain sentence each. */
  readonly oddities: readonly PackageOddity[];
}

/** `decompression-bomb`: the search stopped there, which is a failure of its own as well. */
export const ODDITY_IDS = ['several-layers', 'wrong-layer-type', 'several-modules', 'path-trick', 'lying-size', 'digest-disagrees', 'platform-disagrees', 'decompression-bomb'] as const;
export interface PackageOddity {
  readonly id: (typeof ODDITY_IDS)[number];
  readonly message: string;
}
