import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { sha256Bytes } from '../engine/hash.ts';
import { createAdmission } from './admission/admission.ts';
import { selfManagedCertificates } from './certificates/self-managed.ts';
import { NO_CLUSTER } from './cluster.ts';
import { clusterReader, RUNTIME_CLASSES } from './cluster-reader.ts';
import { openExaminer } from './examine/open-examiner.ts';
import type { KubeClient } from './kube/api.ts';
import { openKubeClient } from './kube/client.ts';
import { openLeadership } from './kube/lease.ts';
import type { Leadership } from './leadership.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { NamespaceSource, PolicySource } from './policy-source.ts';
import { clusterPolicies } from './policies/from-cluster.ts';
import { filePolicies } from './policies/from-files.ts';
import { clusterNamespaces, NO_NAMESPACES } from './policies/namespaces.ts';
import { runStatus } from './policies/status.ts';
import type { CertificateSource } from './serving-pair.ts';
import { EVERYBODY, openCallers } from './server/callers.ts';
import { openFilePair } from './server/file-pair.ts';
import { startServer, type RunningServer } from './server/start-server.ts';
import type { ClusterSettings, WebhookSettings } from './settings.ts';

/** Seconds that one call of the API server may take. */
const API_SECONDS = 15;
/** The lease that replicas share. */
const LEASE = 'wasmgate';

/** A webhook that serves. */
export interface RunningWebhook extends Pick<RunningServer, 'address' | 'healthAddress'> {
  /** Drains, then ends everything. */
  stop(): Promise<void>;
}

/** Opens everything that the settings ask for and serves. Throws UsageError for policies that cannot be used, ServerFileError and KubeError for what cannot be read or reached. */
export async function openWebhook(settings: WebhookSettings): Promise<RunningWebhook> {
  const log = createLog(settings.logLevel);
  const metrics = createMetrics();
  const ends = new Ends();
  try {
    const surroundings = await (settings.cluster === null ? standalone(settings, { log, metrics, ends }) : inCluster(settings, settings.cluster, { log, metrics, ends }));
    const server = await serve(settings, surroundings, { log, metrics, ends });
    log.info({ address: server.address, health: server.healthAddress }, 'Serving');
    return { address: server.address, healthAddress: server.healthAddress, stop: async () => { await server.stop(); await ends.run(); } };
  } catch (error) {
    await ends.run();
    throw error;
  }
}

/** What must be ended, the last first. */
class Ends {
  readonly #all: (() => Promise<unknown> | void)[] = [];

  add(end: () => Promise<unknown> | void): void {
    this.#all.push(end);
  }

  async run(): Promise<void> {
    for (let end = this.#all.pop(); end !== undefined; end = this.#all.pop()) await end();
  }
}

interface Tools {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly ends: Ends;
}

/** What judging and serving draw on. */
interface Surroundings {
  readonly policies: PolicySource;
  readonly namespaces: NamespaceSource;
  readonly cluster: Parameters<typeof createAdmission>[0]['cluster'];
  readonly certificates: CertificateSource;
  /** What is not there yet, beside policies. */
  readonly missing: () => readonly string[];
}

async function standalone(settings: WebhookSettings, { log, metrics, ends }: Tools): Promise<Surroundings> {
  const client = settings.kubeconfig === null ? null : await openClient(settings, { log, ends });
  const followed = client === null ? null : clusterNamespaces({ client, log });
  if (followed !== null) ends.add(() => followed.close());
  const policies = await filePolicies({ files: settings.policies ?? [], defaultLevel: 'baseline', namespaces: followed === null ? 'unknown' : 'known', log, metrics });
  ends.add(() => policies.close());
  return {
    policies, namespaces: followed ?? NO_NAMESPACES, cluster: NO_CLUSTER, certificates: await servingFiles(settings, { log, ends }),
    missing: () => (followed === null || followed.ready ? [] : ['namespaces']),
  };
}

async function inCluster(settings: WebhookSettings, own: ClusterSettings, tools: Tools): Promise<Surroundings> {
  const { log, metrics, ends } = tools;
  const client = await openClient(settings, tools);
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
  };
}

async function openClient({ kubeconfig }: WebhookSettings, { log, ends }: Pick<Tools, 'log' | 'ends'>): Promise<KubeClient> {
  const client = await openKubeClient({ kubeconfig, timeout: API_SECONDS, log });
  ends.add(() => client.close());
  return client;
}

async function certificatesOf(settings: WebhookSettings, { namespace, certificates }: ClusterSettings, tools: Tools & { readonly client: KubeClient; readonly leadership: Leadership }): Promise<CertificateSource> {
  if (certificates === null) return servingFiles(settings, tools);
  const { client, leadership, metrics, log, ends } = tools;
  const source = selfManagedCertificates({ client, leadership, namespace, secret: certificates.secret, service: certificates.service, webhookConfiguration: certificates.configuration, metrics, log });
  ends.add(() => source.stop());
  return source;
}

async function servingFiles({ tls }: WebhookSettings, { log, ends }: Pick<Tools, 'log' | 'ends'>): Promise<CertificateSource> {
  if (tls === null) throw new RangeError('No certificate to serve with');
  const source = await openFilePair({ ...tls, log });
  ends.add(() => source.stop());
  return source;
}

async function serve(settings: WebhookSettings, surroundings: Surroundings, { log, metrics, ends }: Tools): Promise<RunningServer> {
  const { policies, namespaces, cluster, certificates, missing } = surroundings;
  const examiner = await openExaminer({ ...settings, metrics, log });
  ends.add(() => examiner.close());
  const { clientAuthorities, bearerToken } = settings.callers;
  const callers = clientAuthorities === null && bearerToken === null ? EVERYBODY : await openCallers({ ...settings.callers, log });
  ends.add(() => callers.stop());
  const parts = {
    policies, namespaces, cluster, examiner, hash: sha256Bytes, now: () => new Date(), metrics, log, pause: () => setImmediate(),
    settings: { workloads: settings.workloads, readStores: settings.cluster?.configMaps === true || settings.cluster?.secrets === true, readPullSecrets: settings.cluster?.pullSecrets === true },
  };
  return startServer({
    listen: settings.listen, healthListen: settings.healthListen, admission: createAdmission(parts), certificates, callers,
    defaultTimeout: settings.timeout, drain: settings.drain, metrics, log,
    checks: () => [...missing(), ...(policies.ready ? [] : ['policies']), ...(examiner.ready ? [] : ['worker threads'])],
  });
}
