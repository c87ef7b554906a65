import type { Descriptor, ImageSource, OpenedImage } from '../image/source.ts';

/** What a client may contact and how; everything that is not written here is off. */
export interface RegistryOptions {
  /** Path of a docker config; null: `DOCKER_CONFIG`, then `~/.docker/config.json`. */
  readonly config: string | null;
  /** Kubernetes pull secrets as texts of `.dockerconfigjson` or `.dockercfg`, tried before the config. */
  readonly pullSecrets: readonly string[];
  /** `host[:port]` that is spoken to in plain HTTP, or in TLS without checking the certificate where HTTP does not answer. */
  readonly insecure: readonly string[];
  /** Extra certificate authorities by `host[:port]`, PEM texts. */
  readonly authorities: Readonly<Record<string, string>>;
  /** Mirrors by registry, asked in order before it. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  /** Private or otherwise refused targets that may be contacted: `host[:port]` or CIDR. */
  readonly allowedHosts: readonly string[];
  /** Milliseconds for one fetch from first to last byte, retries included. */
  readonly deadline: number;
  /** Where verified blobs are kept between runs; null: nowhere. */
  readonly blobs: BlobStore | null;
  /** Variables of the process: proxies, DOCKER_CONFIG, HOME. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Verified bytes by digest. A store must give back only what it has hashed itself. */
export interface BlobStore {
  /** null: not kept. Never throws: a damaged store is an empty one. */
  get(digest: string): Promise<Uint8Array | null>;
  /** Keeps bytes whose digest the caller has checked. Never throws. */
  put(digest: string, bytes: Uint8Array): Promise<void>;
}

/** A client for any number of registries. One per run: connections, tokens and answers under way are shared. */
export interface RegistryClient {
  /**
   * Resolves a reference (`oci://` optional) to its root document: one GET, digest from the bytes. With tag and digest the digest counts.
   * Throws FetchError: kind `outside` for 401, 403, 429, 5xx and the network; `unreadable` for 404, a digest that does not hold, contradictory or malformed answers.
   */
  open(reference: string): Promise<OpenedImage>;
  /** Manifests that refer to a manifest: the referrers API in pages and the fallback tag, united. Throws FetchError. */
  referrers(repository: string, digest: string): Promise<readonly Descriptor[]>;
  /** Blobs and manifests of one repository in normal form, for signatures. */
  source(repository: string): ImageSource;
  /** Bytes of an http(s) URL that a manifest names; only hosts that the options list. Throws FetchError. */
  download(url: string, limit: number): Promise<Uint8Array>;
  /** Ends idle connections. */
  close(): Promise<void>;
}
