/** A resource of the Kubernetes API. */
export interface KubeResource {
  /** '' : core. */
  readonly group: string;
  readonly version: string;
  /** Plural name in URLs. */
  readonly resource: string;
}

/** An object as the API gives it; beyond metadata nothing about its shape is known. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string; readonly controller?: boolean }[];
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
  };
  readonly [key: string]: unknown;
}

/** One object by name. */
export interface KubeName {
  readonly name: string;
  readonly namespace?: string;
}

export interface ListOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Objects of one page; default 500. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  readonly force?: boolean;
  readonly subresource?: 'status';
  readonly signal?: AbortSignal;
}

/** The calls of the Kubernetes API that wasmgate makes. Throws KubeError for every answer but success, with one exception: what is not found is null. */
export interface KubeClient {
  get(resource: KubeResource, name: KubeName, signal?: AbortSignal): Promise<KubeObject | null>;
  /** Pages until the end; starts again, without giving an object twice, where a page has expired (410). */
  list(resource: KubeResource, options?: ListOptions): AsyncIterable<readonly KubeObject[]>;
  create(resource: KubeResource, object: KubeObject, signal?: AbortSignal): Promise<KubeObject>;
  /** With the resourceVersion of `object`; status 409 where somebody was faster. */
  replace(resource: KubeResource, object: KubeObject, signal?: AbortSignal): Promise<KubeObject>;
  /** Server-side apply. */
  apply(resource: KubeResource, object: KubeObject, options: ApplyOptions): Promise<KubeObject>;
  jsonPatch(resource: KubeResource, name: KubeName, patch: readonly unknown[], signal?: AbortSignal): Promise<KubeObject>;
  delete(resource: KubeResource, name: KubeName, signal?: AbortSignal): Promise<void>;
  /** Keeps a copy of a resource up to date until it is stopped. */
  watch(resource: KubeResource, options?: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>): KubeInformer;
  close(): Promise<void>;
}

/** A copy of a resource that follows the API server through broken connections, restarts and expired versions. */
export interface KubeInformer {
  /** Resolves when everything has been listed once. */
  readonly synced: Promise<void>;
  readonly isSynced: boolean;
  /** Milliseconds since the epoch of the last word of the API server: old means deaf. */
  readonly heardAt: number;
  get(name: KubeName): KubeObject | null;
  list(): readonly KubeObject[];
  /** Called after each change of the copy; listing anew is one change. */
  onChange(listener: () => void): void;
  stop(): Promise<void>;
}

/** An answer of the API server that is no success, or no answer (status 0). */
export class KubeError extends Error {
  readonly status: number;
  /** As in Status: `AlreadyExists`, `Conflict`, `Expired`, `Forbidden`; '' without one. */
  readonly reason: string;
  /** Seconds to wait, where the server said so. */
  readonly retryAfter: number | null;

  constructor(message: string, { status, reason, retryAfter = null }: { readonly status: number; readonly reason: string; readonly retryAfter?: number | null }) {
    super(message);
    this.name = 'KubeError';
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}
