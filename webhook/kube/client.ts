import { KUBE_LIMITS } from '../limits.ts';
import { type Log, SILENT } from '../log.ts';
import { KubeError, type KubeClient, type KubeInformer, type KubeObject, type KubeResource, type ListOptions } from './api.ts';
import { type Caller, createCaller, type KubeCall } from './call.ts';
import { type ApiAccess, loadApiAccess } from './config.ts';
import { openInformer, type WatchTiming } from './informer.ts';
import { listPages, tidied } from './pages.ts';
import { kubePath } from './paths.ts';

export interface KubeClientOptions {
  /** Path; null: the service account of the pod. */
  readonly kubeconfig: string | null;
  /** Seconds that one call may take, tries and waits included; a list may take as long for each page. */
  readonly timeout: number;
  /** Told of watches that had to begin again. */
  readonly log?: Log;
  /** For tests. */
  readonly watchTiming?: Partial<WatchTiming>;
  /** Folder that the files of the service account are below; for tests. */
  readonly root?: string;
}

/** Client of the API server that a kubeconfig or the pod names. Nothing is asked of the server yet. Throws KubeError with status 0 where no server is known. */
export async function openKubeClient({ kubeconfig, timeout, log = SILENT, watchTiming = {}, root = '' }: KubeClientOptions): Promise<KubeClient> {
  const access = loadApiAccess({ kubeconfig, root });
  return clientOver(access, { timeout: timeout * 1000, log, watchTiming });
}

/** Namespace that the kubeconfig's context or the pod's service account names; null: none. Throws as openKubeClient does. */
export function ownNamespace({ kubeconfig, root = '' }: Pick<KubeClientOptions, 'kubeconfig' | 'root'>): string | null {
  return loadApiAccess({ kubeconfig, root }).namespace;
}

function clientOver(access: ApiAccess, { timeout, log, watchTiming }: { readonly timeout: number; readonly log: Log; readonly watchTiming: Partial<WatchTiming> }): KubeClient {
  const caller = createCaller(access, timeout);
  const informers = new Set<KubeInformer>();
  const send = async (resource: KubeResource, call: KubeCall) => readObject(await caller.call(call), resource);
  const placed = (resource: KubeResource, { metadata: { namespace, name } }: KubeObject) => kubePath({ resource, namespace, name });
  return {
    get: async (resource, { namespace, name }, signal) => send(resource, { method: 'GET', path: kubePath({ resource, namespace, name }), repeat: 'always', signal }).catch(nullWhereMissing),
    list: (resource, options = {}) => listOnce(caller, resource, options),
    async create(resource, object, signal) {
      // The name goes into no path here; still nothing is sent that could never be got again.
      placed(resource, object);
      return send(resource, { method: 'POST', path: kubePath({ resource, namespace: object.metadata.namespace }), type: 'application/json', body: named(resource, object), repeat: 'refused', signal });
    },
    replace: async (resource, object, signal) => send(resource, { method: 'PUT', path: placed(resource, object), type: 'application/json', body: named(resource, object), repeat: 'refused', signal }),
    async apply(resource, object, { fieldManager, force = false, subresource, signal }) {
      const { metadata: { namespace, name } } = object;
      const query = new URLSearchParams({ fieldManager, force: String(force) }).toString();
      // Who applies states what he wants, whatever the version; managedFields must not be sent.
      const { resourceVersion: _, uid: __, ...metadata } = tidied(object)?.metadata ?? object.metadata;
      return send(resource, { method: 'PATCH', path: `${kubePath({ resource, namespace, name, subresource })}?${query}`, type: 'application/apply-patch+yaml', body: { ...named(resource, object), metadata }, repeat: 'always', signal });
    },
    jsonPatch: async (resource, { namespace, name }, patch, signal) => send(resource, { method: 'PATCH', path: kubePath({ resource, namespace, name }), type: 'application/json-patch+json', body: patch, repeat: 'refused', signal }),
    async delete(resource, { namespace, name }, signal) {
      await caller.call({ method: 'DELETE', path: kubePath({ resource, namespace, name }), repeat: 'always', signal }).catch(nullWhereMissing);
    },
    watch(resource, options = {}) {
      const informer = openInformer({ access, caller, resource, options, log, timing: watchTiming });
      informers.add(informer);
      return informer;
    },
    async close() {
      await Promise.all([...informers].map((informer) => informer.stop()));
      await access.close();
    },
  };
}

/** Begins anew where pages have expired, and leaves out what was given before. */
async function* listOnce(caller: Caller, resource: KubeResource, options: ListOptions): AsyncGenerator<readonly KubeObject[]> {
  const given = new Set<string>();
  for (let restarts = 0; ; restarts++) {
    try {
      yield* freshPages(caller, { resource, options, given });
      return;
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 410 || restarts >= KUBE_LIMITS.listRestarts) throw error;
    }
  }
}

async function* freshPages(caller: Caller, { resource, options, given }: { readonly resource: KubeResource; readonly options: ListOptions; readonly given: Set<string> }): AsyncGenerator<readonly KubeObject[]> {
  for await (const { objects } of listPages(caller, resource, options)) {
    const fresh = objects.filter(({ metadata }) => !given.has(keyOf(metadata)));
    for (const { metadata } of fresh) given.add(keyOf(metadata));
    if (fresh.length > 0) yield fresh;
  }
}

/** The object itself, not its namesake that came later, which must be given. */
function keyOf({ uid, namespace, name }: KubeObject['metadata']): string {
  return uid ?? `${namespace ?? ''}/${name}`;
}

function readObject(value: unknown, { resource }: KubeResource): KubeObject {
  const object = tidied(value);
  if (!object) throw new KubeError(`Answer of the Kubernetes API about ${resource} is no object with a name`, { status: 0, reason: 'Malformed' });
  return object;
}

/** Objects of lists may lack their apiVersion; writing needs it. */
function named({ group, version }: KubeResource, object: KubeObject): KubeObject {
  return { apiVersion: group === '' ? version : `${group}/${version}`, ...object };
}

function nullWhereMissing(error: unknown): null {
  if (error instanceof KubeError && error.status === 404) return null;
  throw error;
}
