import type { KubeInformer, KubeName, KubeObject, KubeResource } from '../../webhook/kube/api.ts';
import type { StoreQuery } from './kube-store.ts';
import { createMemoryKube, type MemoryKube } from './memory-kube.ts';

/** A cluster in this process whose resources can be followed. */
export interface FollowedKube extends MemoryKube {
  /** Whether informers have listed everything; false: they keep what they had and hear of nothing. */
  connected(connected: boolean): void;
  /** When informers have last heard of the API server. */
  heardAt: number;
  /** Resources that are followed now, with their namespace. */
  readonly watching: ReadonlySet<string>;
  put(resource: KubeResource, object: KubeObject): void;
}

/** An empty cluster; informers see every change at once while connected. */
export function createFollowedKube(connected = true): FollowedKube {
  const memory = createMemoryKube();
  const watching = new Set<string>();
  const refreshers = new Set<() => void>();
  const state = { connected };
  const watch: MemoryKube['watch'] = (resource, { namespace } = {}) => {
    const query: StoreQuery = { namespace: namespace ?? null, labelSelector: '', fieldSelector: '' };
    const name = `${resource.resource}${namespace === undefined ? '' : `/${namespace}`}`;
    const listeners: (() => void)[] = [];
    const synced = Promise.withResolvers<void>();
    let objects: readonly KubeObject[] = [];
    let isSynced = false;
    const refresh = (): void => {
      if (!state.connected) return;
      objects = structuredClone(memory.store.list(resource, query));
      isSynced = true;
      synced.resolve();
      for (const listener of listeners) listener();
    };
    refreshers.add(refresh);
    watching.add(name);
    refresh();
    const informer: KubeInformer = {
      synced: synced.promise,
      get isSynced() {
        return isSynced;
      },
      get heardAt() {
        return kube.heardAt;
      },
      get: (wanted: KubeName) => objects.find(({ metadata }) => metadata.name === wanted.name && metadata.namespace === wanted.namespace) ?? null,
      list: () => objects,
      onChange: (listener) => void listeners.push(listener),
      stop: async () => {
        refreshers.delete(refresh);
        watching.delete(name);
      },
    };
    return informer;
  };
  const kube: FollowedKube = {
    ...memory,
    heardAt: Date.now(),
    watching,
    watch,
    async get(...asked) {
      memory.before = kube.before;
      return memory.get(...asked);
    },
    // Status is a document of its own: the rest of the object stays, whatever is sent.
    async apply(resource, object, options) {
      memory.calls.push({ verb: 'apply', resource, name: object.metadata.name });
      await kube.before({ verb: 'apply', resource, name: object.metadata.name });
      if (options.subresource !== 'status') throw new Error('Only status is applied here');
      return structuredClone(memory.store.replace(resource, { ...object, metadata: { name: object.metadata.name, ...(object.metadata.namespace === undefined ? {} : { namespace: object.metadata.namespace }) } }, 'status'));
    },
    put: (resource, object) => void memory.store.put(resource, object),
    connected(next) {
      state.connected = next;
      if (next) for (const refresh of refreshers) refresh();
    },
  };
  memory.store.follow(memory.store.version, () => {
    for (const refresh of refreshers) refresh();
  });
  return kube;
}
