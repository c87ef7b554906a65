/** A content descriptor of the OCI image specification, read strictly: unknown digest algorithms and wrong types are refused before. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 lower-case hexadecimal digits, or `sha512:` and 128. */
  readonly digest: string;
  /** Bytes, a whole number from 0. */
  readonly size: number;
  readonly artifactType: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant: string | null } | null;
}

/** A manifest or index as fetched: the digest is that of these bytes, never of a header. */
export interface RootDocument {
  readonly digest: string;
  /** From the response or descriptor; null for sources without one. Must agree with the document's own. */
  readonly mediaType: string | null;
  readonly bytes: Uint8Array;
}

/**
 * Where manifests and blobs come from: a registry, an OCI layout (folder or tar), a docker-save tar. All of it is hostile input.
 * Every method throws a FetchError; nothing that it gave before counts then.
 */
export interface ImageSource {
  /** A manifest or index by digest, hash checked, at most LIMITS.manifestBytes. */
  manifest(descriptor: Descriptor): Promise<RootDocument>;
  /**
   * The bytes of a blob in pieces. Throws when there are more or fewer than the descriptor's size or when the digest does not hold,
   * at the latest after the last piece: whoever reads must not believe anything before the end.
   */
  blob(descriptor: Descriptor): AsyncIterable<Uint8Array>;
}

/** A source and where to start in it. */
export interface OpenedImage {
  readonly source: ImageSource;
  readonly root: RootDocument;
  /** As reported: `oci://ghcr.io/acme/app:v1`, `image.tar`. */
  readonly name: string;
  /** What policies match: the reference as the user or manifest wrote it; null: the name. */
  readonly reference: string | null;
  /** Normal form without tag and digest: `ghcr.io/acme/app`; null for layouts and archives. */
  readonly repository: string | null;
}
