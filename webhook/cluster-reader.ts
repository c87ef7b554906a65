import { isRecord } from '../scanner/is-record.ts';
import { words } from '../scanner/words.ts';
import { runtimeNamed } from '../scanner/kubernetes/pod-runtimes.ts';
import type { ClusterReader } from './cluster.ts';
import type { KubeClient, KubeInformer, KubeObject, KubeResource } from './kube/api.ts';
import type { Log } from './log.ts';
import type { WireObject } from './review.ts';

const SECRETS: KubeResource = { group: '', version: 'v1', resource: 'secrets' };
const CONFIG_MAPS: KubeResource = { group: '', version: 'v1', resource: 'configmaps' };
const SERVICE_ACCOUNTS: KubeResource = { group: '', version: 'v1', resource: 'serviceaccounts' };
const PODS: KubeResource = { group: '', version: 'v1', resource: 'pods' };
/** Runtime classes, which an informer keeps. */
export const RUNTIME_CLASSES: KubeResource = { group: 'node.k8s.io', version: 'v1', resource: 'runtimeclasses' };

/** Pull secrets are asked for again after so many milliseconds: a burst of pods asks once, a changed secret counts soon. */
const KEPT_MS = 10_000;
/** Pull secrets that are kept. */
const KEPT = 1_000;

/** What the operator lets the webhook read. */
export interface ReaderOptions {
  readonly client: KubeClient;
  readonly runtimeClasses: KubeInformer;
  readonly pullSecrets: boolean;
  readonly configMaps: boolean;
  readonly secrets: boolean;
  readonly log: Log;
}

/** Reads a cluster on behalf of one object: only from its own namespace, and only what the operator has switched on. Never throws. */
export function clusterReader({ client, runtimeClasses, pullSecrets, configMaps, secrets, log }: ReaderOptions): ClusterReader {
  const kept = new Map<string, { readonly at: number; readonly object: Promise<KubeObject | null> }>();
  const read = (resource: KubeResource, namespace: string, name: string): Promise<KubeObject | null> => {
    const key = `${resource.resource}/${namespace}/${name}`;
    const known = kept.get(key);
    if (known !== undefined && performance.now() - known.at < KEPT_MS) return known.object;
    const object = quietly(client.get(resource, { namespace, name }), log, key);
    kept.delete(key);
    kept.set(key, { at: performance.now(), object });
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
    return object;
  };
  return {
    async pullSecrets(namespace, names, serviceAccount) {
      if (!pullSecrets) return [];
      const asked = names.length > 0 || serviceAccount === null ? names : namesIn(await read(SERVICE_ACCOUNTS, namespace, serviceAccount));
      const objects = await Promise.all(asked.map((name) => read(SECRETS, namespace, name)));
      return objects.map(credentialText).filter((text) => text !== null);
    },
    async store(kind, namespace, name) {
      if (kind === 'ConfigMap' ? !configMaps : !secrets) return null;
      const object = await quietly(client.get(kind === 'ConfigMap' ? CONFIG_MAPS : SECRETS, { namespace, name }), log, `${kind} ${namespace}/${name}`);
      return object === null ? null : { ...object, apiVersion: 'v1', kind };
    },
    runtimeClass(name) {
      const handler = runtimeClasses.get({ name })?.['handler'];
      if (typeof handler !== 'string') return null;
      // Names are free, so a class of a silent handler may still run Wasm, as one of crun does: its own name decides as well.
      const named = runtimeNamed(handler) ?? runtimeNamed(name);
      return named === null ? null : { wasm: true, profile: named.profile };
    },
    async pods(namespace, limit) {
      const pods: WireObject[] = [];
      try {
        for await (const page of client.list(PODS, { namespace, limit: Math.min(limit, 500) })) {
          pods.push(...page.map((pod) => ({ ...pod, apiVersion: 'v1', kind: 'Pod' })));
          if (pods.length >= limit) break;
        }
      } catch (error) {
        log.warn({ namespace, error: words(error) }, 'Cannot list pods');
      }
      return pods.slice(0, limit);
    },
  };
}

async function quietly(asked: Promise<KubeObject | null>, log: Log, what: string): Promise<KubeObject | null> {
  try {
    return await asked;
  } catch (error) {
    log.warn({ what, error: words(error) }, 'Cannot read');
    return null;
  }
}

function namesIn(account: KubeObject | null): readonly string[] {
  const listed = account?.['imagePullSecrets'];
  return (Array.isArray(listed) ? listed : []).map((one: unknown) => (isRecord(one) ? one['name'] : null)).filter((name) => typeof name === 'string');
}

/** The text of a pull secret; null for a Secret of another type, which is none of ours to read. */
function credentialText(secret: KubeObject | null): string | null {
  const key = secret?.['type'] === 'kubernetes.io/dockerconfigjson' ? '.dockerconfigjson' : secret?.['type'] === 'kubernetes.io/dockercfg' ? '.dockercfg' : null;
  const data = secret?.['data'];
  const value = key !== null && isRecord(data) ? data[key] : null;
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : null;
}
