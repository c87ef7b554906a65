import { words } from '../../scanner/words.ts';
import type { KubeClient, KubeObject, KubeResource } from '../kube/api.ts';
import { POLICY_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { NamespaceSource, NamespaceView } from '../policy-source.ts';

export const NAMESPACES: KubeResource = { group: '', version: 'v1', resource: 'namespaces' };

/** Namespaces of a cluster, as they are now. */
export interface ClusterNamespaces extends NamespaceSource {
  /** Whether they have all been listed once. */
  readonly ready: boolean;
  close(): Promise<void>;
}

const NO_LABELS: Readonly<Record<string, string>> = {};

/** Without a cluster nothing is known of any namespace. */
export const NO_NAMESPACES: NamespaceSource = { view: (name) => Promise.resolve({ name, labels: null }) };

/**
 * Follows the namespaces of a cluster. One that is not known yet, as it is just being made, and every one while the API server has not
 * been heard for long, is asked for on its own. Never throws: what cannot be looked up has labels null.
 */
export function clusterNamespaces({ client, log, now = Date.now }: { readonly client: KubeClient; readonly log: Log; readonly now?: () => number }): ClusterNamespaces {
  const informer = client.watch(NAMESPACES);
  const asked = new Map<string, Promise<NamespaceView>>();
  const ask = (name: string): Promise<NamespaceView> => {
    const before = asked.get(name);
    if (before !== undefined) return before;
    const answer = live(name, client, log).finally(() => asked.delete(name));
    asked.set(name, answer);
    return answer;
  };
  return {
    get ready() {
      return informer.isSynced;
    },
    async view(name) {
      if (!isNamespaceName(name)) return { name, labels: null };
      const fresh = informer.isSynced && now() - informer.heardAt < POLICY_LIMITS.deafMilliseconds;
      const known = fresh ? informer.get({ name }) : null;
      return known === null ? ask(name) : { name, labels: labelsOf(known) };
    },
    close: () => informer.stop(),
  };
}

/** RFC 1123: nothing else is the name of a namespace, or belongs into a path. */
function isNamespaceName(name: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
}

async function live(name: string, client: KubeClient, log: Log): Promise<NamespaceView> {
  try {
    const object = await client.get(NAMESPACES, { name }, AbortSignal.timeout(POLICY_LIMITS.namespaceMilliseconds));
    return { name, labels: object === null ? null : labelsOf(object) };
  } catch (error) {
    log.warn({ namespace: name, error: words(error) }, 'Cannot look up a namespace: the strictest level counts for it');
    return { name, labels: null };
  }
}

function labelsOf({ metadata: { labels } }: KubeObject): Readonly<Record<string, string>> {
  return labels ?? NO_LABELS;
}
