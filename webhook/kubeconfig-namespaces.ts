import { openKubeClient } from './kube/client.ts';
import { API_SECONDS } from './limits.ts';
import type { Log } from './log.ts';
import { clusterNamespaces, type ClusterNamespaces } from './policies/namespaces.ts';

/** The namespaces of the cluster that a kubeconfig names. Throws KubeError where it names none. */
export async function openNamespaces(kubeconfig: string, log: Log): Promise<ClusterNamespaces> {
  const client = await openKubeClient({ kubeconfig, timeout: API_SECONDS, log });
  const namespaces = clusterNamespaces({ client, log });
  return {
    get ready() { return namespaces.ready; },
    view: (name) => namespaces.view(name),
    async close() {
      await namespaces.close();
      await client.close();
    },
  };
}
