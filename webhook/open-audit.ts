import { hostname } from 'node:os';
import { sha256Bytes } from '../engine/hash.ts';
import { UsageError } from '../engine/usage-error.ts';
import type { AuditedResult } from './audit/judge-cluster.ts';
import { type AuditSummary, runAudit } from './audit/run-audit.ts';
import type { ReportApi } from './audit/reports.ts';
import { clusterReader, RUNTIME_CLASSES } from './cluster-reader.ts';
import { openExaminer } from './examine/open-examiner.ts';
import { KubeError, type KubeClient, type KubeResource } from './kube/api.ts';
import { openKubeClient, ownNamespace } from './kube/client.ts';
import { openEvents } from './kube/events.ts';
import { wait } from './kube/wait.ts';
import { AUDIT_LIMITS } from './limits.ts';
import type { Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { PolicySource } from './policy-source.ts';
import { clusterPolicies } from './policies/from-cluster.ts';
import { filePolicies } from './policies/from-files.ts';
import { clusterNamespaces, NAMESPACES } from './policies/namespaces.ts';
import { CLUSTER_WASM_POLICIES } from './policies/resources.ts';
import type { ClusterSettings, WebhookSettings } from './settings.ts';

/** Everything that a single run over a cluster is told. */
export interface AuditSettings extends Pick<WebhookSettings, 'kubeconfig' | 'policies' | 'detection' | 'workers' | 'queue' | 'registry' | 'sharedRegistries' | 'fetchTimeout' | 'cache'>, Pick<ClusterSettings, 'defaultLevel' | 'pullSecrets' | 'configMaps' | 'secrets'> {
  /** null: the namespace that the kubeconfig or the pod names. */
  readonly waiverNamespace: string | null;
  readonly reports: ReportApi | 'none';
  readonly events: boolean;
  /** Only objects of these namespaces; null: everything. */
  readonly only: readonly string[] | null;
  readonly log: Log;
}

/** A cluster that can be judged. */
export interface OpenAudit {
  readonly policies: readonly { readonly name: string; readonly hash: string }[];
  /** Judges it once. Throws KubeError where the API server does not answer. */
  run(onResult: (result: AuditedResult) => void): Promise<AuditSummary>;
  close(): Promise<void>;
}

/** Seconds that one call of the API server may take. */
const API_SECONDS = 30;
/** Milliseconds before what could not be fetched is tried again: somebody waits for the end. */
const RETRIES = [5_000];
const DEFAULT_NAMESPACE = 'wasmgate';

/** Reaches a cluster and reads its policies. Throws UsageError for what the user has to mend, KubeError where the API server does not answer or refuses. */
export async function openAudit(settings: AuditSettings): Promise<OpenAudit> {
  const { kubeconfig, log } = settings;
  const ends: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
  };
  try {
    const client = await openKubeClient({ kubeconfig, timeout: API_SECONDS, log });
    ends.push(() => client.close());
    return { ...(await opened(client, settings, ends)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function opened(client: KubeClient, settings: AuditSettings, ends: (() => Promise<unknown>)[]): Promise<Omit<OpenAudit, 'close'>> {
  const { log } = settings;
  const metrics = createMetrics();
  await probe(client, settings);
  const namespaces = clusterNamespaces({ client, log });
  ends.push(() => namespaces.close());
  const runtimeClasses = client.watch(RUNTIME_CLASSES);
  const policies = await policiesOf(client, settings, metrics);
  ends.push(() => policies.close());
  const examiner = await openExaminer({ ...settings, metrics });
  ends.push(() => examiner.close());
  await ready(() => policies.ready && namespaces.ready && runtimeClasses.isSynced);
  if (!policies.ready) throw new KubeError('The policies of the cluster could not be read in time', { status: 0, reason: 'Timeout' });
  // Without namespaces the strictest level counts, and without runtime classes their names decide: less exact, and never milder.
  if (!namespaces.ready || !runtimeClasses.isSynced) log.warn({ namespaces: namespaces.ready, runtimeClasses: runtimeClasses.isSynced }, 'Namespaces or runtime classes could not be read');
  const events = settings.events ? openEvents({ client, instance: hostname(), log }) : null;
  if (events !== null) ends.push(() => events.stop());
  const parts = {
    policies, examiner, cluster: clusterReader({ client, runtimeClasses, ...settings }), hash: sha256Bytes, now: () => new Date(),
    settings: { workloads: 'warn', readStores: settings.configMaps || settings.secrets, readPullSecrets: settings.pullSecrets },
  } as const;
  return {
    policies: policies.all.map(({ name, hash }) => ({ name, hash })),
    run: async (onResult) => {
      const { reports, only } = settings;
      const summary = await runAudit({ client, parts, namespaces, reports, events, metrics, log, retries: RETRIES, ...(only === null ? {} : { only }) }, { signal: new AbortController().signal, onResult });
      await events?.idle();
      return summary;
    },
  };
}

/** Two questions whose answers tell what is wrong, where waiting for a copy would only take long. */
async function probe(client: KubeClient, { policies }: AuditSettings): Promise<void> {
  await first(client, NAMESPACES);
  if (policies !== null) return;
  try {
    await first(client, CLUSTER_WASM_POLICIES);
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 404) throw error;
    throw new UsageError('This cluster has no policies: their definitions are not installed', 'Install the chart, or give --policy');
  }
}

async function first(client: KubeClient, resource: KubeResource): Promise<void> {
  for await (const page of client.list(resource, { limit: 1 })) if (page.length > 0) return;
}

async function policiesOf(client: KubeClient, { policies, waiverNamespace, kubeconfig, defaultLevel, log }: AuditSettings, metrics: Metrics): Promise<PolicySource> {
  if (policies !== null) return filePolicies({ files: policies, defaultLevel, namespaces: 'known', log, metrics });
  return clusterPolicies({ client, waiverNamespace: waiverNamespace ?? ownNamespace({ kubeconfig }) ?? DEFAULT_NAMESPACE, defaultLevel, log, metrics });
}

async function ready(all: () => boolean): Promise<void> {
  const { signal } = new AbortController();
  const until = performance.now() + AUDIT_LIMITS.readyMilliseconds;
  while (!all() && performance.now() < until) await wait(20, signal);
}
