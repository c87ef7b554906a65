import { sha256 } from '../../engine/hash.ts';
import { KubeError, type KubeClient, type KubeObject, type KubeResource } from '../kube/api.ts';
import type { Log } from '../log.ts';
import { type AuditedObject, type AuditOutcome, keyOfKind } from './judge-cluster.ts';
import type { ReportResult, ResultSummary } from './results.ts';

/** Whose reports are written. */
export type ReportApi = 'openreports' | 'policyreports';

/** The reports of one run: read once, written where they differ, removed where their object is gone. */
export interface Reports {
  /** Says what is known of an object now. No results: it has no report, or no longer one. */
  put(object: AuditedObject, said: { readonly results: readonly ReportResult[]; readonly summary: ResultSummary }): Promise<void>;
  /** Removes what belongs to objects that a whole run has not met. */
  sweep(outcome: Pick<AuditOutcome, 'lookedAt' | 'whole'>): Promise<void>;
  /** Reports written and removed so far. */
  readonly written: number;
  readonly removed: number;
}

interface Api {
  readonly namespaced: KubeResource & { readonly kind: string };
  readonly cluster: KubeResource & { readonly kind: string };
}

const APIS: Readonly<Record<ReportApi, Api>> = {
  openreports: {
    namespaced: { group: 'openreports.io', version: 'v1alpha1', resource: 'reports', kind: 'Report' },
    cluster: { group: 'openreports.io', version: 'v1alpha1', resource: 'clusterreports', kind: 'ClusterReport' },
  },
  policyreports: {
    namespaced: { group: 'wgpolicyk8s.io', version: 'v1alpha2', resource: 'policyreports', kind: 'PolicyReport' },
    cluster: { group: 'wgpolicyk8s.io', version: 'v1alpha2', resource: 'clusterpolicyreports', kind: 'ClusterPolicyReport' },
  },
};

const MANAGER = 'wasmgate';
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const HASH = 'wasmgate.dev/content-hash';

/** A report that was there when the run began. */
interface Known {
  readonly resource: KubeResource;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly hash: string;
  /** Kind of its object; '' : it does not say. */
  readonly of: string;
}

export interface ReportOptions {
  readonly client: KubeClient;
  readonly log: Log;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

/** Reads the reports that are there. null: this API is not installed or may not be used, which is said. Throws KubeError where the API server does not answer. */
export async function openReports(api: ReportApi, options: ReportOptions): Promise<Reports | null> {
  const known = await readKnown(APIS[api], options);
  return known === null ? null : new ApiReports(APIS[api], known, options);
}

class ApiReports implements Reports {
  readonly #api: Api;
  readonly #known: Map<string, Known>;
  readonly #options: ReportOptions;
  readonly #met = new Set<string>();
  written = 0;
  removed = 0;

  constructor(api: Api, known: Map<string, Known>, options: ReportOptions) {
    this.#api = api;
    this.#known = known;
    this.#options = options;
  }

  async put(object: AuditedObject, { results, summary }: { readonly results: readonly ReportResult[]; readonly summary: ResultSummary }): Promise<void> {
    const { uid, namespace } = object.metadata;
    if (uid === undefined) return;
    const key = keyOf(namespace, uid);
    this.#met.add(key);
    const before = this.#known.get(key);
    if (results.length === 0) {
      if (before !== undefined) await this.#remove(before);
      return;
    }
    const hash = sha256(JSON.stringify([scopeOf(object), summary, results]));
    if (before?.hash === hash) return;
    const resource = namespace === undefined ? this.#api.cluster : this.#api.namespaced;
    const report = reportOf(object, { resource, hash, results, summary, now: this.#options.now() });
    await this.#quietly(async () => {
      await this.#options.client.apply(plain(resource), report, { fieldManager: MANAGER, force: true, signal: this.#options.signal });
      this.written++;
    }, report.metadata.name);
  }

  async sweep({ lookedAt, whole }: Pick<AuditOutcome, 'lookedAt' | 'whole'>): Promise<void> {
    if (!whole) return;
    for (const [key, report] of this.#known) if (!this.#met.has(key) && lookedAt.has(report.of)) await this.#remove(report);
  }

  async #remove({ resource, name, namespace }: Known): Promise<void> {
    await this.#quietly(async () => {
      await this.#options.client.delete(plain(resource), namespace === undefined ? { name } : { name, namespace }, this.#options.signal);
      this.removed++;
    }, name);
  }

  /** One report that cannot be written keeps no other from it. What is gone already needs none. */
  async #quietly(work: () => Promise<void>, report: string): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      if (error.status !== 404 && !this.#options.signal.aborted) this.#options.log.warn({ report, status: error.status, error: error.message }, 'A report could not be written');
    }
  }
}

async function readKnown({ namespaced, cluster }: Api, { client, log, signal }: ReportOptions): Promise<Map<string, Known> | null> {
  const known = new Map<string, Known>();
  for (const resource of [namespaced, cluster]) {
    try {
      const pages = client.list(plain(resource), { labelSelector: `${MANAGED_BY}=${MANAGER}`, signal });
      for await (const page of pages) page.forEach((object) => known.set(keyOf(object.metadata.namespace, object.metadata.name), knownOf(object, resource)));
    } catch (error) {
      if (!(error instanceof KubeError) || (error.status !== 404 && error.status !== 403)) throw error;
      const why = error.status === 404 ? 'Reports are not written: their definitions are not installed' : 'Reports are not written: the account may not read them';
      log.warn({ group: resource.group, resource: resource.resource }, why);
      return null;
    }
  }
  return known;
}

/** With the namespace, so that a report which somebody puts into another one hides none. */
function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function knownOf(object: KubeObject, resource: KubeResource): Known {
  const { name, namespace, annotations } = object.metadata;
  const scope = (object['scope'] ?? {}) as { readonly apiVersion?: unknown; readonly kind?: unknown };
  const apiVersion = typeof scope.apiVersion === 'string' ? scope.apiVersion : '';
  const of = typeof scope.kind === 'string' ? keyOfKind(apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '', scope.kind) : '';
  return { resource, name, namespace, hash: annotations?.[HASH] ?? '', of };
}

/** Named by the uid of its object, whose end is its end too: the API server's garbage collector sees to that. */
function reportOf(object: AuditedObject, about: { readonly resource: Api['cluster']; readonly hash: string; readonly results: readonly ReportResult[]; readonly summary: ResultSummary; readonly now: Date }): KubeObject {
  const { apiVersion, kind, metadata: { name, namespace, uid = '' } } = object;
  const { resource, hash, results, summary, now } = about;
  const timestamp = { seconds: Math.floor(now.getTime() / 1_000), nanos: 0 };
  return {
    apiVersion: `${resource.group}/${resource.version}`,
    kind: resource.kind,
    metadata: {
      name: uid,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [MANAGED_BY]: MANAGER },
      annotations: { [HASH]: hash },
      ownerReferences: [{ apiVersion, kind, name, uid }],
    },
    // The older API knows the source of a result only.
    ...(resource.group === 'openreports.io' ? { source: MANAGER } : {}),
    scope: scopeOf(object),
    summary,
    results: results.map((result) => ({ ...result, timestamp })),
  };
}

function scopeOf({ apiVersion, kind, metadata: { name, namespace, uid } }: AuditedObject): Readonly<Record<string, string>> {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
}

function plain({ group, version, resource }: KubeResource): KubeResource {
  return { group, version, resource };
}
