import { createHash } from 'node:crypto';

/** A manifest as pushed. */
export interface StoredManifest { readonly bytes: Uint8Array; readonly mediaType: string }

/** One repository: nothing is shared with others, so that a mount must be asked for. */
export interface Repository {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, StoredManifest>;
  readonly tags: Map<string, string>;
}

/** Repositories by name, made when first written to. */
export class Store {
  readonly repositories = new Map<string, Repository>();

  /** The repository, made where there is none. */
  make(name: string): Repository {
    const found = this.repositories.get(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
    this.repositories.set(name, found);
    return found;
  }

  /** A manifest by tag or digest; null: there is none. */
  find(name: string, reference: string): (StoredManifest & { readonly digest: string }) | null {
    const repository = this.repositories.get(name);
    const digest = repository?.tags.get(reference) ?? reference;
    const manifest = repository?.manifests.get(digest);
    return manifest ? { ...manifest, digest } : null;
  }

  /** Descriptors of the manifests that name this digest as their subject, in order of pushing. */
  referrers(name: string, digest: string): Record<string, unknown>[] {
    return [...this.repositories.get(name)?.manifests ?? []].flatMap(([own, manifest]) => {
      const document = parse(manifest.bytes);
      if (document?.subject?.digest !== digest) return [];
      const artifactType = document.artifactType ?? document.config?.mediaType;
      return [{ mediaType: manifest.mediaType, digest: own, size: manifest.bytes.length, ...(artifactType ? { artifactType } : {}), ...(document.annotations ? { annotations: document.annotations } : {}) }];
    });
  }
}

interface Document { subject?: { digest?: string }; artifactType?: string; config?: { mediaType?: string }; annotations?: Record<string, string>; mediaType?: string }

/** The document, or null where it is no JSON object. */
export function parse(bytes: Uint8Array): Document | null {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as Document;
  } catch {
    return null;
  }
}

/** `sha256:<hex>` of bytes, or of another algorithm. */
export function digestOf(bytes: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}
