import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AdmissionParts } from './admission/parts.ts';
import { repeatAudit } from './audit/run-audit.ts';
import { selfManagedCertificates } from './certificates/self-managed.ts';
import { clusterReader, RUNTIME_CLASSES } from './cluster-reader.ts';
import type { KubeClient } from './kube/api.ts';
import { openKubeClient } from './kube/client.ts';
import { openEvents } from './kube/events.ts';
import { openLeadership } from './kube/lease.ts';
import type { Leadership } from './leadership.ts';
import { API_SECONDS } from './limits.ts';
import type { NamespaceSource } from './policy-source.ts';
import { clusterPolicies } from './policies/from-cluster.ts';
import { clusterNamespaces } from './policies/namespaces.ts';
import { runStatus } from './policies/status.ts';
import { servingFiles } from './serving-files.ts';
import type { CertificateSource } from './serving-pair.ts';
import type { ClusterSettings, WebhookSettings } from './settings.ts';
import type { ProcessTools, Surroundings } from './surroundings.ts';

/** The lease that replicas share. */
const LEASE = 'wasmgate';

/** A webhook whose policies are objects of its cluster. Throws KubeError where no API server is known. */
export async function inCluster(settings: WebhookSettings, own: ClusterSettings, tools: ProcessTools): Promise<Surroundings> {
  const { log, metrics, ends } = tools;
  const client = await openKubeClient({ kubeconfig: settings.kubeconfig, timeout: API_SECONDS, log });
  ends.add(() => client.close());
  const namespaces = clusterNamespaces({ client, log });
  ends.add(() => namespaces.close());
  const runtimeClasses = client.watch(RUNTIME_CLASSES);
  ends.add(() => runtimeClasses.stop());
  const policies = clusterPolicies({ client, waiverNamespace: own.waiverNamespace, defaultLevel: own.defaultLevel, log, metrics });
  ends.add(() => policies.close());
  const leadership = openLeadership({ client, namespace: own.namespace, name: LEASE, identity: `${hostname()}_${randomUUID()}`, metrics, log });
  ends.add(() => leadership.stop());
  leadership.whileLeading('status', runStatus({ client, policies, log }));
  return {
    policies, namespaces, cluster: clusterReader({ client, runtimeClasses, ...own, log }),
    certificates: await certificatesOf(settings, own, { ...tools, client, leadership }),
    missing: () => [...(namespaces.ready ? [] : ['namespaces']), ...(runtimeClasses.isSynced ? [] : ['runtime classes'])],
    lead: (parts) => lead(parts, own.audit, { ...tools, client, leadership, namespaces }),
  };
}

/** What runs is judged by the leader, by the examiner that answers reviews, so that both know what the other has fetched. */
function lead(parts: AdmissionParts, { interval, reports, events }: ClusterSettings['audit'], { client, leadership, namespaces, metrics, log, ends }: ProcessTools & { readonly client: KubeClient; readonly leadership: Leadership; readonly namespaces: NamespaceSource }): void {
  if (interval === 0) return;
  const teller = events ? openEvents({ client, instance: hostname(), log }) : null;
  if (teller !== null) ends.add(() => teller.stop());
  leadership.whileLeading('audit', repeatAudit({ client, parts, namespaces, reports, events: teller, metrics, log }, { interval }));
}

async function certificatesOf(settings: WebhookSettings, { namespace, certificates }: ClusterSettings, tools: ProcessTools & { readonly client: KubeClient; readonly leadership: Leadership }): Promise<CertificateSource> {
  if (certificates === null) return servingFiles(settings, tools);
  const { client, leadership, metrics, log, ends } = tools;
  const { secret, service, configuration } = certificates;
  const source = selfManagedCertificates({ client, leadership, namespace, secret, service, webhookConfiguration: configuration, metrics, log });
  ends.add(() => source.stop());
  return source;
}
