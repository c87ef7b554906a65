import { words } from '../../scanner/words.ts';
import { isRecord } from '../../scanner/is-record.ts';
import { KubeError, type KubeClient, type KubeObject, type KubeResource } from '../kube/api.ts';
import { POLICY_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { ClusterPolicies } from './from-cluster.ts';
import type { PolicyEntry } from './object-entry.ts';
import { API_VERSION, CLUSTER_WASM_POLICIES, WASM_POLICIES, WASM_WAIVERS } from './resources.ts';
import type { WaiverEntry } from './waiver-entry.ts';

/** One of `status.conditions`, without its time. */
export interface Condition {
  readonly type: 'Ready' | 'Compiled' | 'TrustRootsResolved';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** What the status of an object should say. */
export interface WantedStatus {
  readonly resource: KubeResource;
  readonly kind: string;
  readonly object: KubeObject;
  readonly state?: 'Active' | 'Expired' | 'Invalid';
  readonly conditions: readonly Condition[];
}

/** What writing status needs. */
export interface StatusOptions {
  readonly client: KubeClient;
  readonly policies: ClusterPolicies;
  readonly log: Log;
  readonly now?: () => Date;
  /** Milliseconds between two looks where nothing changes but the day. */
  readonly interval?: number;
}

const MANAGER = 'wasmgate';

/** What the leader does as long as it leads: the status of every policy and waiver says whether it counts, and is written only where it changes. */
export function runStatus({ client, policies, log, now = () => new Date(), interval = POLICY_LIMITS.statusMilliseconds }: StatusOptions): (signal: AbortSignal) => Promise<void> {
  let wake = (): void => {};
  policies.onLook(() => wake());
  return async (signal) => {
    while (!signal.aborted) {
      const waiting = new Promise<void>((resolve) => {
        wake = resolve;
      });
      for (const wanted of wantedStatuses(policies.lookedAt, now())) {
        if (signal.aborted) return;
        await write(wanted, { client, log, now, signal });
      }
      await race(waiting, interval, signal);
    }
  };
}

/** What every status should say on a day. */
export function wantedStatuses({ policies, waivers }: ClusterPolicies['lookedAt'], now: Date): readonly WantedStatus[] {
  return [...policies.map(policyStatus), ...waivers.map((entry) => waiverStatus(entry, now.toISOString().slice(0, 10)))];
}

function policyStatus({ kind, object, faults, good, standIn }: PolicyEntry): WantedStatus {
  const compiled: Condition = faults.compile.length > 0
    ? { type: 'Compiled', status: 'False', reason: 'InvalidPolicy', message: listed(faults.compile) }
    : { type: 'Compiled', status: 'True', reason: 'Compiled', message: '' };
  const resolved: Condition = faults.compile.length > 0
    ? { type: 'TrustRootsResolved', status: 'Unknown', reason: 'NotCompiled', message: '' }
    : faults.resolve.length > 0
      ? { type: 'TrustRootsResolved', status: 'False', reason: 'NotFound', message: listed(faults.resolve) }
      : { type: 'TrustRootsResolved', status: 'True', reason: 'Resolved', message: '' };
  const broken = faults.compile.length + faults.resolve.length > 0;
  const ready: Condition = !broken
    ? { type: 'Ready', status: 'True', reason: 'InForce', message: '' }
    : good === null
      ? { type: 'Ready', status: 'False', reason: 'StrictestLevelInForce', message: bounded(standIn?.fault ?? '') }
      : { type: 'Ready', status: 'False', reason: 'OlderVersionInForce', message: bounded(`The last version that could be used stays in force: ${faults.compile[0] ?? faults.resolve[0] ?? ''}`) };
  return { resource: kind === 'WasmPolicy' ? WASM_POLICIES : CLUSTER_WASM_POLICIES, kind, object, conditions: [compiled, ready, resolved] };
}

function waiverStatus({ object, waiver, faults }: WaiverEntry, today: string): WantedStatus {
  const about = { resource: WASM_WAIVERS, kind: 'WasmWaiver', object };
  if (waiver === null) return { ...about, state: 'Invalid', conditions: [{ type: 'Ready', status: 'False', reason: 'InvalidWaiver', message: listed(faults) }] };
  if (waiver.expires < today) return { ...about, state: 'Expired', conditions: [{ type: 'Ready', status: 'False', reason: 'Expired', message: `It ended on ${waiver.expires}` }] };
  return { ...about, state: 'Active', conditions: [{ type: 'Ready', status: 'True', reason: 'Active', message: `It counts until the end of ${waiver.expires}, UTC` }] };
}

function listed(faults: readonly string[]): string {
  const more = faults.length > POLICY_LIMITS.faults ? [`and ${faults.length - POLICY_LIMITS.faults} more`] : [];
  return bounded([...faults.slice(0, POLICY_LIMITS.faults), ...more].join('\n'));
}

function bounded(text: string): string {
  return text.length <= POLICY_LIMITS.message ? text : `${text.slice(0, POLICY_LIMITS.message - 3)}...`;
}

interface Writing {
  readonly client: KubeClient;
  readonly log: Log;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

async function write(wanted: WantedStatus, { client, log, now, signal }: Writing): Promise<void> {
  const { resource, kind, object: { metadata: { name, namespace, deletionTimestamp } } } = wanted;
  const status = nextStatus(wanted, now());
  if (status === null || deletionTimestamp !== undefined) return;
  try {
    const metadata = namespace === undefined ? { name } : { name, namespace };
    await client.apply(resource, { apiVersion: API_VERSION, kind, metadata, status }, { fieldManager: MANAGER, force: true, subresource: 'status', signal });
  } catch (error) {
    // Gone in the meantime, or this process no longer leads: there is nothing to say any more.
    if (signal.aborted || (error instanceof KubeError && error.status === 404)) return;
    log.warn({ kind, namespace, name, error: words(error) }, 'Cannot write a status: it is tried again later');
  }
}

/** The status to write, with the time of every condition that turns; null: it says so already. */
export function nextStatus({ object, state, conditions }: WantedStatus, now: Date): Readonly<Record<string, unknown>> | null {
  const current = isRecord(object['status']) ? object['status'] : {};
  const known = new Map((Array.isArray(current['conditions']) ? current['conditions'] : []).filter(isRecord).map((one) => [one['type'], one] as const));
  const observedGeneration = object.metadata.generation ?? 0;
  const next = conditions.map((condition) => {
    const before = known.get(condition.type);
    const lastTransitionTime = before?.['status'] === condition.status && typeof before['lastTransitionTime'] === 'string' ? before['lastTransitionTime'] : now.toISOString().replace(/\.\d+/, '');
    return { ...condition, observedGeneration, lastTransitionTime };
  });
  const said = next.every((condition) => {
    const before = known.get(condition.type);
    return before !== undefined && Object.entries(condition).every(([key, value]) => before[key] === value);
  });
  if (said && current['observedGeneration'] === observedGeneration && current['state'] === state) return null;
  return { observedGeneration, ...(state === undefined ? {} : { state }), conditions: next };
}

/** Until something has changed, the time is up, or the signal comes. */
async function race(waiting: Promise<void>, interval: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => {};
  const ended = new Promise<void>((resolve) => {
    stop = resolve;
    timer = setTimeout(resolve, interval);
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([waiting, ended]);
  clearTimeout(timer);
  signal.removeEventListener('abort', stop);
}
