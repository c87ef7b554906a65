import { type KubeClient, KubeError, type KubeObject, type KubeResource } from '../../webhook/kube/api.ts';
import { createStore, jsonPatched, merge, Refusal } from './kube-store.ts';

/** A call as it was made. */
export interface MemoryCall {
  readonly verb: 'get' | 'list' | 'create' | 'replace' | 'apply' | 'jsonPatch' | 'delete';
  readonly resource: KubeResource;
  readonly name: string;
}

/** A Kubernetes client over a store in this process: no HTTP, so that thousands of calls cost nothing. It follows nothing. */
export interface MemoryKube extends KubeClient {
  readonly store: ReturnType<typeof createStore>;
  readonly calls: MemoryCall[];
  /** Runs before each call; what it throws is the answer. */
  before: (call: MemoryCall) => void | Promise<void>;
}

/** An empty cluster. `pageSize`: objects of one page of a list at most. */
export function createMemoryKube(pageSize = 500): MemoryKube {
  const store = createStore();
  const calls: MemoryCall[] = [];
  const does = async <T>(verb: MemoryCall['verb'], { resource, name }: { readonly resource: KubeResource; readonly name: string }, work: () => T): Promise<T> => {
    const call = { verb, resource, name };
    calls.push(call);
    await kube.before(call);
    try {
      return structuredClone(work());
    } catch (error) {
      if (error instanceof Refusal) throw new KubeError(error.message, { status: error.status, reason: error.reason });
      throw error;
    }
  };
  const changed = (resource: KubeResource, name: { readonly name: string; readonly namespace?: string }, change: (before: KubeObject) => KubeObject) => {
    const before = store.get(resource, name);
    if (before === null) throw new Refusal(404, 'NotFound', `${resource.resource} "${name.name}" not found`);
    return store.replace(resource, change(before), '');
  };
  const kube: MemoryKube = {
    store,
    calls,
    before: () => {},
    get: (resource, name) => does('get', { resource, name: name.name }, () => store.get(resource, name)),
    async *list(resource, { namespace, labelSelector = '', fieldSelector = '', limit = pageSize } = {}) {
      const all = store.list(resource, { namespace: namespace ?? null, labelSelector, fieldSelector });
      for (let start = 0; start === 0 || start < all.length; start += limit) yield await does('list', { resource, name: '' }, () => all.slice(start, start + limit));
    },
    create: (resource, object) => does('create', { resource, name: object.metadata.name }, () => store.create(resource, object)),
    replace: (resource, object) => does('replace', { resource, name: object.metadata.name }, () => store.replace(resource, object, '')),
    apply: (resource, object) => does('apply', { resource, name: object.metadata.name }, () => (store.get(resource, object.metadata) === null ? store.create(resource, object) : changed(resource, object.metadata, (before) => merge(before, object) as KubeObject))),
    jsonPatch: (resource, name, patch) => does('jsonPatch', { resource, name: name.name }, () => changed(resource, name, (before) => jsonPatched(before, patch as never) as KubeObject)),
    delete: (resource, name) => does('delete', { resource, name: name.name }, () => void store.remove(resource, name)),
    watch: () => {
      throw new Error('The cluster in memory follows nothing');
    },
    close: async () => {},
  };
  return kube;
}
