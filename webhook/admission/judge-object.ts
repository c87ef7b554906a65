import type { Carrier } from '../../scanner/carrier.ts';
import { shown } from '../../scanner/judge-facts.ts';
import { child, expand, rootNode, textOf } from '../../scanner/kubernetes/grants-node.ts';
import { rowsOf } from '../../scanner/kubernetes/table.ts';
import { failureEntry, type ScanEntry } from '../../scanner/report/entry.ts';
import { judgeUnread } from '../../scanner/scan.ts';
import type { Examined, JudgingPolicy } from '../judging.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import type { AppliedPolicies, NamespaceView } from '../policy-source.ts';
import type { WireObject } from '../review.ts';
import { atOnce } from './at-once.ts';
import { type FoundInObject, findCarriers, readStores } from './find-carriers.ts';
import { type Identity, isObjectName, type KindName, nameOf } from './identity.ts';
import type { Evaluation, Judged, JudgedObject } from './judged.ts';
import type { JudgeParts } from './parts.ts';

/** What an object is asked by. */
export interface ObjectQuestion {
  readonly identity: Identity;
  /** Of the namespaces of the identity, in the same order; null: cluster-scoped. */
  readonly views: readonly (NamespaceView | null)[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** Judges an object that is there already, or as if it were to be made now. `kind` is what the API calls it, which items of a list do not say. Never throws for what stands in it. */
export async function judgeObject(object: WireObject, { kind, namespace, deadline }: { readonly kind: KindName; readonly namespace: NamespaceView | null; readonly deadline: number }, parts: JudgeParts): Promise<JudgedObject> {
  const identity = { kinds: [kind], namespaces: [namespace?.name ?? null], name: nameOf(object), disagreements: [] };
  const question = { identity, views: [namespace], deadline };
  const first = findCarriers(object, identity, { parts, stores: [] });
  const stores = await readStores(first.carriers, identity.namespaces[0]!, parts);
  const found = stores.length === 0 ? first : findCarriers(object, identity, { parts, stores });
  return judgeFound(found, { object, question, parts });
}

/** Judges what was found in an object, or a part of it. */
export async function judgeFound(found: FoundInObject, about: { readonly object: WireObject; readonly question: ObjectQuestion; readonly parts: JudgeParts }): Promise<JudgedObject> {
  const scope = scopeOf(about);
  const carried = await atOnce(found.carriers, WEBHOOK_LIMITS.examinedAtOnce, (carrier) => judgeCarrier(carrier, scope));
  const judged = [...carried.flat(), ...found.faults.map((fault) => unread(fault, scope))];
  return { judged, faults: [...scope.faults], evaluations: scope.evaluations };
}

interface Scope {
  readonly parts: JudgeParts;
  readonly question: ObjectQuestion;
  readonly now: string;
  readonly faults: Set<string>;
  readonly evaluations: Evaluation[];
  /** The policies of a reference; each reference is asked for once. */
  readonly applied: (reference: string) => AppliedPolicies;
  readonly pullSecrets: (names: readonly string[]) => Promise<readonly string[]>;
}

function scopeOf({ object, question, parts }: { readonly object: WireObject; readonly question: ObjectQuestion; readonly parts: JudgeParts }): Scope {
  const faults = new Set<string>();
  const known = new Map<string, AppliedPolicies>();
  const secrets = new Map<string, Promise<readonly string[]>>();
  const [namespace] = question.identity.namespaces;
  return {
    parts, question, faults, now: parts.now().toISOString(), evaluations: [],
    applied(reference) {
      const before = known.get(reference);
      if (before !== undefined) return before;
      const asked = askPolicies(reference, question, parts);
      asked.faults.forEach((fault) => faults.add(fault));
      known.set(reference, asked);
      return asked;
    },
    pullSecrets(names) {
      if (!parts.settings.readPullSecrets || namespace === null || namespace === undefined) return Promise.resolve([]);
      const key = names.join('\n');
      const before = secrets.get(key);
      if (before !== undefined) return before;
      const asked = parts.cluster.pullSecrets(namespace, names.filter(isObjectName), serviceAccountOf(object, question.identity));
      secrets.set(key, asked);
      return asked;
    },
  };
}

/** Under every kind and in every namespace that the object may be of, all together. */
function askPolicies(reference: string, { identity, views }: ObjectQuestion, { policies }: JudgeParts): AppliedPolicies {
  const all = identity.kinds.flatMap(({ kind }) => views.map((namespace) => policies.for({ reference, kind, namespace })));
  if (all.length === 1) return all[0]!;
  const merged = <Item>(list: (one: AppliedPolicies) => readonly Item[]): readonly Item[] => [...new Set(all.flatMap(list))];
  return { enforce: merged((one) => one.enforce), warn: merged((one) => one.warn), audit: merged((one) => one.audit), faults: merged((one) => one.faults) };
}

/** The account whose pull secrets count where a pod lists none; null: the object makes no pods. */
function serviceAccountOf(object: WireObject, { kinds }: Identity): string | null {
  for (const { apiVersion, kind } of kinds) {
    for (const { path, is } of rowsOf(apiVersion, kind).flatMap(({ pods }) => pods ?? [])) {
      const spec = expand(rootNode(object), is === 'template' ? `${path}.spec` : path)[0];
      if (spec === undefined) continue;
      const name = textOf(child(spec, 'serviceAccountName')) ?? '';
      return isObjectName(name) ? name : 'default';
    }
  }
  return null;
}

/** Rounds in which what is found may turn out to fall under policies that were not known when it was examined. */
const ROUNDS = 3;

async function judgeCarrier(carrier: Carrier, scope: Scope): Promise<readonly Judged[]> {
  const { parts: { examiner, settings }, question: { deadline } } = scope;
  const pullSecrets = carrier.scheme === 'oci' ? await scope.pullSecrets(carrier.pullSecrets) : [];
  const onDeny = settings.workloads === 'deny' ? 'deny' : carrier.onDeny;
  let policies = everyOne(scope.applied(carrier.reference));
  for (let round = 0; round < ROUNDS; round++) {
    const found = await examiner.examine(carrier, { policies, pullSecrets, deadline });
    if (found.length === 0) return [{ ...unread(`Nothing is known of ${carrier.reference}`, scope), carrier, onDeny }];
    const asked = [...new Set([...policies, ...found.flatMap(({ reference }) => everyOne(scope.applied(reference)))])];
    if (asked.length === policies.length) return found.map((one) => judgeOne(one, { carrier, onDeny, rootDigest: one.rootDigest }, scope));
    policies = asked;
  }
  throw new Error(`The policies of ${carrier.reference} do not settle`);
}

function judgeOne(one: Examined, parts: Pick<Judged, 'carrier' | 'onDeny' | 'rootDigest'>, scope: Scope): Judged {
  return { ...parts, ...judgedBy(scope.applied(one.reference), (policies) => one.judge(policies, scope.now), scope) };
}

/** A part of the object that could not be read: not analysed, for what onError of every policy that may apply says. */
function unread(message: string, scope: Scope): Judged {
  const { question: { identity }, parts: { settings } } = scope;
  const entry = (policies: readonly JudgingPolicy[]): ScanEntry => failureEntry(`${identity.kinds[0]!.kind} ${identity.name}`, { kind: 'unreadable', code: 'not-read', message }, { ...judgeUnread(policies, scope.now), policies: shown(policies) });
  const rows = identity.kinds.flatMap(({ apiVersion, kind }) => rowsOf(apiVersion, kind));
  const onDeny = settings.workloads === 'warn' && rows.length > 0 && rows.every((row) => row.onDeny === 'warn') ? 'warn' : 'deny';
  return { carrier: null, rootDigest: null, onDeny, ...judgedBy(scope.applied(''), entry, scope) };
}

function judgedBy({ enforce, warn, audit }: AppliedPolicies, judge: (policies: readonly JudgingPolicy[]) => ScanEntry, scope: Scope): Pick<Judged, 'enforce' | 'warn' | 'audit'> {
  const enforced = judge(enforce);
  const warned = warn.length === 0 ? null : isSame(warn, enforce) ? enforced : judge(warn);
  const listed = audit.length === 0 ? null : isSame(audit, enforce) ? enforced : warned !== null && isSame(audit, warn) ? warned : judge(audit);
  const count = (mode: Evaluation['mode'], policies: readonly JudgingPolicy[], entry: ScanEntry | null): void => {
    for (const { level } of policies) scope.evaluations.push({ level: level.name, version: level.version, mode, decision: entry?.verdict ?? '' });
  };
  count('enforce', enforce, enforced);
  count('warn', warn, warned);
  count('audit', audit, listed);
  return { enforce: enforced, warn: warned, audit: listed };
}

function isSame(a: readonly JudgingPolicy[], b: readonly JudgingPolicy[]): boolean {
  return a === b || (a.length === b.length && a.every((policy, index) => policy === b[index]));
}

function everyOne({ enforce, warn, audit }: AppliedPolicies): readonly JudgingPolicy[] {
  return warn.length === 0 && audit.length === 0 ? [...new Set(enforce)] : [...new Set([...enforce, ...warn, ...audit])];
}
