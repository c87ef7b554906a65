import type { JudgeParts } from '../admission/parts.ts';
import { type KubeClient, KubeError } from '../kube/api.ts';
import type { EventTeller } from '../kube/events.ts';
import { backOff, wait } from '../kube/wait.ts';
import { AUDIT_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { NamespaceSource } from '../policy-source.ts';
import { tellResults } from './events.ts';
import { type AuditedResult, type AuditOutcome, judgeCluster } from './judge-cluster.ts';
import { openReports, type ReportApi, type Reports } from './reports.ts';
import { RESULT_WORDS, type ResultWord, resultsOf } from './results.ts';

/** What a run needs, beside the moment at which it begins. */
export interface AuditSurroundings {
  readonly client: KubeClient;
  readonly parts: JudgeParts;
  readonly namespaces: NamespaceSource;
  readonly reports: ReportApi | 'none';
  /** null: no Events are told. */
  readonly events: Pick<EventTeller, 'tell'> | null;
  /** Only objects of these namespaces; default: everything. */
  readonly only?: readonly string[];
  readonly metrics: Metrics;
  readonly log: Log;
  readonly retries?: readonly number[];
}

/** What one run has come to. */
export interface AuditSummary extends AuditOutcome {
  readonly results: Readonly<Record<ResultWord, number>>;
  readonly reports: { readonly written: number; readonly removed: number } | null;
}

/** Judges what runs, once, and says what came out of it in reports, Events and metrics. Throws KubeError where the API server does not answer at all. */
export async function runAudit(surroundings: AuditSurroundings, { signal, onResult = () => {} }: { readonly signal: AbortSignal; readonly onResult?: (result: AuditedResult) => void }): Promise<AuditSummary> {
  const { parts, metrics, log, events } = surroundings;
  const begun = parts.now().getTime();
  const reports = surroundings.reports === 'none' ? null : await openReports(surroundings.reports, { client: surroundings.client, log, now: parts.now, signal });
  const tell = events === null ? () => {} : tellResults(events);
  const results: Record<ResultWord, number> = { fail: 0, error: 0, warn: 0, skip: 0, pass: 0 };
  const outcome = await judgeCluster({
    ...surroundings, only: surroundings.only ?? null, signal,
    onResult: async (result) => {
      const said = resultsOf(result.judged);
      for (const word of RESULT_WORDS) results[word] += said.summary[word];
      tell(result);
      onResult(result);
      await reports?.put(result.object, said);
    },
  });
  // What lies outside the namespaces asked for was not met, and is not gone.
  if (surroundings.only === undefined) await reports?.sweep(outcome);
  const summary: AuditSummary = { ...outcome, results, reports: reports && { written: reports.written, removed: reports.removed } };
  if (outcome.whole) measure(summary, { begun, metrics, now: parts.now() });
  log.info(lineOf(summary, reports), outcome.whole ? 'Everything that runs was judged' : 'Judging what runs was broken off');
  return summary;
}

function measure({ results, unresolved }: AuditSummary, { begun, metrics, now }: { readonly begun: number; readonly metrics: Metrics; readonly now: Date }): void {
  for (const word of RESULT_WORDS) metrics.reportResults.set({ result: word }, results[word]);
  metrics.unresolved.set(unresolved);
  metrics.auditDuration.set((now.getTime() - begun) / 1_000);
  metrics.auditLastRun.set(Math.floor(now.getTime() / 1_000));
}

function lineOf({ objects, unresolved, broken, results, notLookedAt }: AuditSummary, reports: Reports | null): Readonly<Record<string, unknown>> {
  return { objects, unresolved, broken, results, notLookedAt: notLookedAt.map(({ kind }) => kind), reportsWritten: reports?.written ?? 0, reportsRemoved: reports?.removed ?? 0 };
}

/** How often it is judged anew. Milliseconds. */
export interface AuditRhythm {
  readonly interval: number;
  /** From a change of the policies to the run that it causes. */
  readonly settle?: number;
}

/**
 * Judges what runs again and again: at the beginning, after each interval (a tenth more or less), and after the policies have changed. For
 * `Leadership.whileLeading`: one process does it.
 */
export function repeatAudit(surroundings: AuditSurroundings, { interval, settle = AUDIT_LIMITS.settle }: AuditRhythm): (signal: AbortSignal) => Promise<void> {
  const { policies } = surroundings.parts;
  let changed = new AbortController();
  policies.onChange(() => changed.abort());
  return async (signal) => {
    while (!signal.aborted) {
      await calm(signal);
      if (signal.aborted) return;
      await attempt(surroundings, signal);
      await wait(interval * (0.9 + Math.random() / 5), AbortSignal.any([signal, changed.signal]));
    }
  };

  /** Policies are there, and have not changed for a while. */
  async function calm(signal: AbortSignal): Promise<void> {
    for (let round = 1; !signal.aborted; round++) {
      if (changed.signal.aborted) changed = new AbortController();
      await wait(settle, signal);
      if (policies.ready && (!changed.signal.aborted || round >= CALM_ROUNDS)) return;
    }
  }
}

/** Policies that never come to rest are judged by as they are. */
const CALM_ROUNDS = 6;

async function attempt(surroundings: AuditSurroundings, signal: AbortSignal): Promise<void> {
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      await runAudit(surroundings, { signal });
      return;
    } catch (error) {
      if (signal.aborted) return;
      surroundings.log.warn({ error: error instanceof KubeError ? error.message : String(error) }, 'Judging what runs failed and begins again');
    }
    await wait(backOff(failures, { first: 10_000, last: 300_000 }), signal);
  }
}
