import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { KubeClient, KubeInformer, KubeObject } from '../kube/api.ts';
import { POLICY_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { PolicySource } from '../policy-source.ts';
import type { PolicySet } from './applied.ts';
import { inForce, levelAlone, type PolicyInForce } from './in-force.ts';
import { createListeners } from './listeners.ts';
import { entryOf, policyName, type PolicyEntry, type PolicyKind } from './object-entry.ts';
import { objectMaterial } from './object-material.ts';
import { createPolicyBook } from './policy-book.ts';
import { repeat } from './repeat.ts';
import { CLUSTER_WASM_POLICIES, WASM_POLICIES, WASM_WAIVERS } from './resources.ts';
import { waiverEntry, type WaiverEntry } from './waiver-entry.ts';

/** What policies from a cluster need. */
export interface ClusterPolicyOptions {
  readonly client: KubeClient;
  /** The one namespace whose waivers count. */
  readonly waiverNamespace: string;
  /** Level for what no cluster policy matches. */
  readonly defaultLevel: string;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Milliseconds between two looks at ConfigMaps and Secrets that policies name. */
  readonly interval?: number;
}

/** Everything that was looked at, for the status of the objects. */
export interface LookedAt {
  readonly policies: readonly PolicyEntry[];
  readonly waivers: readonly WaiverEntry[];
}

/** The policies of a cluster. */
export interface ClusterPolicies extends PolicySource {
  readonly lookedAt: LookedAt;
  /** Called after every look, whether it changed what is in force or not. */
  onLook(listener: () => void): void;
}

/**
 * Follows policies and waivers. A version that cannot be used leaves the last that could in force; where there never was one, the strictest
 * level stands in. Nothing is ever dropped because the API server cannot be reached.
 */
export function clusterPolicies({ client, waiverNamespace, defaultLevel, log, metrics, interval = POLICY_LIMITS.objectsMilliseconds }: ClusterPolicyOptions): ClusterPolicies {
  const book = createPolicyBook(log);
  const fallback = inForce(levelAlone(defaultLevel), { namespace: null, waivers: [] });
  const informers = { ClusterWasmPolicy: client.watch(CLUSTER_WASM_POLICIES), WasmPolicy: client.watch(WASM_POLICIES), waivers: client.watch(WASM_WAIVERS, { namespace: waiverNamespace }) };
  const listeners = createListeners((error) => log.error({ error: String(error) }, 'A listener of policies failed'));
  let lookedAt: LookedAt = { policies: [], waivers: [] };
  const look = async (): Promise<void> => {
    if (!Object.values(informers).every((informer) => informer.isSynced)) return;
    const policies = await lookAt(informers, lookedAt.policies, client);
    const waivers = informers.waivers.list().filter(({ metadata }) => metadata.namespace === waiverNamespace).map(waiverEntry);
    sayFaults(policies, lookedAt.policies, log);
    lookedAt = { policies, waivers };
    publish(lookedAt, { book, fallback, defaultLevel });
    metrics.policyReady.set(policies.every(isSound) ? 1 : 0);
    listeners.tell();
  };
  const queue = oneAtATime(look, (error) => log.error({ error: String(error) }, 'Policies could not be looked at: those in force stay'));
  for (const informer of Object.values(informers)) {
    informer.onChange(queue);
    void informer.synced.then(queue, () => {});
  }
  const stopRepeating = repeat(interval, queue, () => {});
  const source = book.source(async () => {
    await Promise.all([stopRepeating(), ...Object.values(informers).map((informer) => informer.stop())]);
  });
  return Object.defineProperties(source as ClusterPolicies, {
    lookedAt: { get: () => lookedAt, enumerable: true },
    onLook: { value: (listener: () => void) => listeners.add(listener), enumerable: true },
  });
}

/** Whether the policy in force is the one that is written. */
export function isSound({ faults }: PolicyEntry): boolean {
  return faults.compile.length === 0 && faults.resolve.length === 0;
}

async function lookAt(informers: Readonly<Record<PolicyKind, KubeInformer>>, known: readonly PolicyEntry[], client: KubeClient): Promise<readonly PolicyEntry[]> {
  const before = new Map(known.map((entry) => [keyOf(entry.kind, entry.object), entry]));
  const entries: PolicyEntry[] = [];
  for (const kind of ['ClusterWasmPolicy', 'WasmPolicy'] as const) {
    for (const object of informers[kind].list()) {
      const last = before.get(keyOf(kind, object));
      // Another object of the same name was never usable.
      const same = last?.object.metadata.uid === object.metadata.uid ? last : undefined;
      entries.push(await entryOf(kind, object, same ?? null, objectMaterial(client, object.metadata.namespace ?? null)));
      // Reviews are answered between two policies.
      await nextTurn();
    }
  }
  return entries;
}

function keyOf(kind: PolicyKind, { metadata: { name, namespace = '' } }: KubeObject): string {
  return `${kind}/${namespace}/${name}`;
}

function publish({ policies, waivers }: LookedAt, { book, fallback, defaultLevel }: { readonly book: ReturnType<typeof createPolicyBook>; readonly fallback: PolicyInForce; readonly defaultLevel: string }): void {
  const accepted = waivers.map(({ waiver }) => waiver).filter((waiver) => waiver !== null);
  const namespaced = new Map<string, PolicyInForce[]>();
  const cluster: PolicyInForce[] = [];
  for (const { kind, object: { metadata }, good, standIn } of policies) {
    const namespace = kind === 'ClusterWasmPolicy' ? null : (metadata.namespace ?? '');
    const usable = good ?? standIn!.usable;
    const policy = inForce(usable, { namespace, waivers: accepted, ...(good === null ? { fault: standIn!.fault } : {}) });
    if (namespace === null) cluster.push(policy);
    else namespaced.set(namespace, [...(namespaced.get(namespace) ?? []), policy]);
  }
  const set: PolicySet = { cluster, namespaced, fallback: accepted.length === 0 ? fallback : inForce(levelAlone(defaultLevel), { namespace: null, waivers: accepted }), labels: 'read' };
  book.exchange(set, JSON.stringify([accepted, [...cluster, ...[...namespaced.values()].flat()].map(({ namespace, policy, fault }) => [namespace, policy.name, policy.hash, policy.material?.id ?? null, fault])]));
}

/** Says what is wrong when it becomes wrong, and when it no longer is. */
function sayFaults(entries: readonly PolicyEntry[], known: readonly PolicyEntry[], log: Log): void {
  const before = new Map(known.map((entry) => [keyOf(entry.kind, entry.object), textOf(entry)]));
  for (const entry of entries) {
    const text = textOf(entry);
    const last = before.get(keyOf(entry.kind, entry.object)) ?? '';
    if (text === last) continue;
    const about = { kind: entry.kind, policy: policyName(entry.object) };
    if (text === '') log.info(about, 'Policy can be used again');
    else log.warn({ ...about, fault: text }, entry.good === null ? 'Policy cannot be used: the strictest level stands in' : 'Policy cannot be used: the last version that could stays in force');
  }
}

function textOf({ faults: { compile, resolve } }: PolicyEntry): string {
  return [...compile, ...resolve].slice(0, POLICY_LIMITS.faults).join('; ').slice(0, POLICY_LIMITS.message);
}

/** Runs work once more after the last call, never twice at once, and no more than half of the time: whoever may write policies may write them all day. */
function oneAtATime(work: () => Promise<void>, onError: (error: unknown) => void): () => Promise<void> {
  let running: Promise<void> | null = null;
  let again = false;
  const run = async (): Promise<void> => {
    do {
      again = false;
      const start = performance.now();
      await work().catch(onError);
      if (again) await pause(performance.now() - start);
    } while (again);
    running = null;
  };
  return () => {
    again = true;
    running ??= run();
    return running;
  };
}
