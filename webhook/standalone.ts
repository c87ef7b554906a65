import { NO_CLUSTER } from './cluster.ts';
import type { ClusterNamespaces } from './policies/namespaces.ts';
import { filePolicies } from './policies/from-files.ts';
import { servingFiles } from './serving-files.ts';
import type { WebhookSettings } from './settings.ts';
import type { ProcessTools, Surroundings } from './surroundings.ts';

/** A webhook whose policies come from files; with a kubeconfig the labels of namespaces count as well. Throws UsageError, ServerFileError, KubeError. */
export async function standalone(settings: WebhookSettings, tools: ProcessTools): Promise<Surroundings> {
  const followed = await namespacesOf(settings, tools);
  const { log, metrics, ends } = tools;
  const policies = await filePolicies({ files: settings.policies ?? [], defaultLevel: 'baseline', namespaces: followed === null ? 'unknown' : 'known', log, metrics });
  ends.add(() => policies.close());
  return {
    policies, namespaces: followed ?? { view: async (name) => ({ name, labels: null }) }, cluster: NO_CLUSTER, certificates: await servingFiles(settings, tools),
    missing: () => (followed === null || followed.ready ? [] : ['namespaces']),
    lead: () => {},
  };
}

async function namespacesOf({ kubeconfig }: WebhookSettings, { log, ends }: ProcessTools): Promise<ClusterNamespaces | null> {
  if (kubeconfig === null) return null;
  const { openNamespaces } = await import('./kubeconfig-namespaces.ts');
  const namespaces = await openNamespaces(kubeconfig, log);
  ends.add(() => namespaces.close());
  return namespaces;
}
