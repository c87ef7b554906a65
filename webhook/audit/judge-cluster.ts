import { atOnce } from '../admission/at-once.ts';
import { judgeObject } from '../admission/judge-object.ts';
import type { Judged, JudgedObject } from '../admission/judged.ts';
import type { JudgeParts } from '../admission/parts.ts';
import { KubeError, type KubeClient, type KubeObject, type KubeResource } from '../kube/api.ts';
import { wait } from '../kube/wait.ts';
import { AUDIT_LIMITS } from '../limits.ts';
import type { Log } from '../log.ts';
import type { NamespaceSource } from '../policy-source.ts';
import { examineOnce, isUnresolved, type OnceExaminer } from './examine-once.ts';
import { AUDITED_KINDS, type AuditedKind } from './kinds.ts';

/** An object that is there, without what it holds. */
export interface AuditedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubeObject['metadata'];
}

/** What runs, judged. */
export interface AuditedResult {
  readonly object: AuditedObject;
  readonly judged: JudgedObject;
}

/** What one run has seen. */
export interface AuditOutcome {
  readonly objects: number;
  /** Different images and URLs that could not be had in the end. */
  readonly unresolved: number;
  /** Kinds that could not be listed, and why. */
  readonly notLookedAt: readonly { readonly kind: string; readonly resource: KubeResource; readonly error: KubeError }[];
  /** Kinds whose objects were all listed: of these, what was not met is gone. Installed or not. */
  readonly lookedAt: ReadonlySet<string>;
  /** Objects whose judging broke off for a fault of wasmgate; they were not judged. */
  readonly broken: number;
  /** False: the run was broken off. */
  readonly whole: boolean;
}

export interface AuditOptions {
  readonly client: KubeClient;
  readonly parts: JudgeParts;
  readonly namespaces: NamespaceSource;
  /** Only objects of these; null: all, and those of no namespace. */
  readonly only: readonly string[] | null;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Pauses before what is unresolved is tried again, in milliseconds; default 15 s and 60 s. */
  readonly retries?: readonly number[];
  /** Called once for every object, when it is judged for good. */
  onResult(result: AuditedResult): void | Promise<void>;
}

interface Waiting {
  readonly object: KubeObject;
  readonly about: AuditedObject;
}

interface Run extends AuditOptions {
  readonly parts: JudgeParts & { readonly examiner: OnceExaminer };
  readonly waiting: Waiting[];
  readonly unresolved: Set<string>;
  objects: number;
  broken: number;
}

/** Judges everything that runs: pages of one kind after the other, each image once. Never throws for what stands in an object or cannot be listed. */
export async function judgeCluster(options: AuditOptions): Promise<AuditOutcome> {
  const { parts, signal, retries = AUDIT_LIMITS.retries } = options;
  const run: Run = { ...options, parts: { ...parts, examiner: examineOnce(parts.examiner, parts.hash) }, waiting: [], unresolved: new Set(), objects: 0, broken: 0 };
  const notLookedAt: AuditOutcome['notLookedAt'][number][] = [];
  const lookedAt = new Set<string>();
  for (const kind of AUDITED_KINDS) {
    if (signal.aborted) break;
    const failed = await judgeKind(kind, run);
    if (failed === null) lookedAt.add(keyOfKind(kind.resources[0]!.group, kind.kind));
    else notLookedAt.push({ kind: kind.kind, ...failed });
  }
  for (const pause of retries) {
    if (run.waiting.length === 0) break;
    await wait(pause, signal);
    if (signal.aborted) break;
    run.parts.examiner.forgetUnresolved();
    await atOnce(run.waiting.splice(0), AUDIT_LIMITS.atOnce, (one) => judgeOne(one, run, 'again'));
  }
  if (!signal.aborted) await atOnce(run.waiting.splice(0), AUDIT_LIMITS.atOnce, (one) => judgeOne(one, run, 'for good'));
  return { objects: run.objects, unresolved: run.unresolved.size, notLookedAt, lookedAt, broken: run.broken, whole: !signal.aborted };
}

/** Names a kind whatever its version. */
export function keyOfKind(group: string, kind: string): string {
  return `${group}/${kind}`;
}

/** null: all of it was looked at, or it is not installed. */
async function judgeKind({ kind, resources }: AuditedKind, run: Run): Promise<{ readonly resource: KubeResource; readonly error: KubeError } | null> {
  for (const resource of resources) {
    const outcome = await attempt(() => judgeResource(resource, kind, run));
    if (outcome === null) return null;
    // Not served under this version, so perhaps under another.
    if (outcome.status === 404) continue;
    if (run.signal.aborted) return null;
    run.log.warn({ kind, status: outcome.status, error: outcome.message }, 'Objects of a kind could not be listed, and were not judged');
    return { resource, error: outcome };
  }
  return null;
}

async function attempt(work: () => Promise<void>): Promise<KubeError | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
}

async function judgeResource(resource: KubeResource, kind: string, run: Run): Promise<void> {
  const { client, only, signal } = run;
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  for (const namespace of only ?? [undefined]) {
    for await (const page of client.list(resource, { signal, ...(namespace === undefined ? {} : { namespace }) })) {
      await atOnce(page, AUDIT_LIMITS.atOnce, (object) => judgeOne({ object, about: { apiVersion, kind, metadata: object.metadata } }, run, 'first'));
      if (signal.aborted) return;
    }
  }
}

/** An object with something unresolved waits, as long as there is room and another try. */
async function judgeOne(one: Waiting, run: Run, round: 'first' | 'again' | 'for good'): Promise<void> {
  if (run.signal.aborted) return;
  if (round === 'first') run.objects++;
  const result = await judged(one, run);
  if (result === null) return;
  const open = result.judged.filter(({ enforce }) => isUnresolved(enforce));
  if (open.length > 0 && round !== 'for good' && run.waiting.length < AUDIT_LIMITS.unresolved) {
    run.waiting.push(one);
    return;
  }
  for (const { carrier, enforce } of open) run.unresolved.add(carrier?.reference ?? enforce.artifact.name);
  await run.onResult({ object: one.about, judged: result });
}

/** null: broken off. One object that shows a bug keeps no other from being judged. */
async function judged({ object, about: { apiVersion, kind, metadata } }: Waiting, run: Run): Promise<JudgedObject | null> {
  try {
    const namespace = metadata.namespace === undefined ? null : await run.namespaces.view(metadata.namespace);
    return await judgeObject(object, { kind: { apiVersion, kind }, namespace, deadline: run.parts.now().getTime() + AUDIT_LIMITS.objectMilliseconds }, run.parts);
  } catch (error) {
    run.broken++;
    run.log.error({ kind, namespace: metadata.namespace, name: metadata.name, error: error instanceof Error ? error.message : 'unknown' }, 'Bug: an object could not be judged');
    return null;
  }
}

/** Whether a thing has anything to do with Wasm, or may have: an image without any says nothing. */
export function concernsWasm({ enforce, warn, audit }: Judged): boolean {
  return [enforce, warn, audit].some((entry) => entry !== null && (entry.verdict !== 'allow' || entry.artifact.size !== null || entry.findings.length > 0 || entry.failure !== null));
}
