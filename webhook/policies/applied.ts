import type { Level } from '../../scanner/policy/policy.ts';
import type { JudgingPolicy } from '../judging.ts';
import { POLICY_LIMITS } from '../limits.ts';
import type { AppliedPolicies, NamespaceView, PolicyQuestion } from '../policy-source.ts';
import type { PolicyInForce } from './in-force.ts';
import { LEVEL_LABELS, readLabels, type LabelledLevels } from './labels.ts';
import { labelOf, selectorKeys, selects } from './namespace-selector.ts';

/** Every policy at one moment. */
export interface PolicySet {
  /** Those that hold in the whole cluster. */
  readonly cluster: readonly PolicyInForce[];
  /** Those of namespaces, by namespace: they only tighten. */
  readonly namespaced: ReadonlyMap<string, readonly PolicyInForce[]>;
  /** What applies where no cluster policy does. */
  readonly fallback: PolicyInForce;
  /** `ignored`: nobody looks namespaces up, so they all stand under the policies as they are written. */
  readonly labels: 'read' | 'ignored';
}

/** What chooses the policies of a question, with a memory for the questions that come again and again. */
export function chooser(set: PolicySet): (question: PolicyQuestion) => AppliedPolicies {
  const known = new Map<string, AppliedPolicies>();
  const keyOf = keysOf(set);
  return (question) => {
    const key = keyOf(question);
    const before = known.get(key);
    if (before !== undefined) return before;
    const applied = choose(set, question);
    if (key.length > POLICY_LIMITS.question) return applied;
    known.set(key, applied);
    if (known.size > POLICY_LIMITS.answers) known.delete(known.keys().next().value!);
    return applied;
  };
}

/** Every policy that an answer may hold, copies for labels aside. */
export function everyPolicy({ cluster, namespaced, fallback }: PolicySet): readonly JudgingPolicy[] {
  return [...cluster, ...[...namespaced.values()].flat(), fallback].map(({ policy }) => policy);
}

/**
 * Cluster policies that match, or the default where none does; policies of the namespace on top; and for each of the former a copy at the
 * level that a label asks for. The copy comes beside its original, unless every matching cluster policy lets namespaces choose.
 */
function choose(set: PolicySet, question: PolicyQuestion): AppliedPolicies {
  const { namespace } = question;
  const matching = set.cluster.filter((policy) => applies(policy, question));
  const usable = matching.filter(({ fault }) => fault === null);
  const broken = matching.filter(({ fault }) => fault !== null);
  const local = (namespace === null ? [] : (set.namespaced.get(namespace.name) ?? [])).filter((policy) => applies(policy, question));
  // One that has never been usable takes the place of nothing.
  const bounds = usable.length > 0 ? usable : [set.fallback];
  const labels = set.labels === 'ignored' && namespace?.labels === null ? readLabels(null) : readLabels(namespace);
  const own = mayReplace(matching, labels) ? [] : bounds.map(({ policy }) => policy);
  return {
    enforce: unique([...own, ...copies(bounds, labels.enforce?.level), ...[...broken, ...local].map(({ policy }) => policy)]),
    warn: unique(copies(bounds, labels.warn?.level)),
    audit: unique(copies(bounds, labels.audit?.level)),
    faults: [...labels.faults, ...[...broken, ...local].map(({ fault }) => fault).filter((fault) => fault !== null)],
  };
}

function applies({ policy, selector, kinds }: PolicyInForce, { reference, kind, namespace }: PolicyQuestion): boolean {
  return (kinds === null || kinds.has(kind)) && selects(selector, namespace) && policy.matches(reference);
}

function mayReplace(matching: readonly PolicyInForce[], { enforce }: LabelledLevels): boolean {
  return enforce?.certain === true && matching.length > 0 && matching.every(({ allowsOverride }) => allowsOverride);
}

function copies(bounds: readonly PolicyInForce[], level: Level | undefined): readonly JudgingPolicy[] {
  return level === undefined ? [] : bounds.map((policy) => policy.atLevel(level));
}

function unique(policies: readonly JudgingPolicy[]): readonly JudgingPolicy[] {
  return [...new Set(policies)];
}

/** What an answer depends on, as text. Lengths keep the parts apart whatever an object writes into them. */
function keysOf(set: PolicySet): (question: PolicyQuestion) => string {
  const selectors = [...set.cluster, ...[...set.namespaced.values()].flat()].map(({ selector }) => selector).filter((selector) => selector !== null);
  const keys = [...new Set([...LEVEL_LABELS, ...selectors.flatMap(selectorKeys)])];
  const texts = new WeakMap<object, string>();
  const labelText = (labels: Readonly<Record<string, string>>): string => {
    const known = texts.get(labels);
    if (known !== undefined) return known;
    const text = JSON.stringify(keys.map((key) => labelOf(labels, key) ?? null));
    texts.set(labels, text);
    return text;
  };
  return ({ kind, reference, namespace }) => `${kind.length}:${kind}${reference.length}:${reference}${namespaceKey(namespace, set, labelText)}`;
}

function namespaceKey(namespace: NamespaceView | null, { namespaced }: PolicySet, labelText: (labels: Readonly<Record<string, string>>) => string): string {
  if (namespace === null) return '-';
  const { name, labels } = namespace;
  if (labels === null) return `?${name}`;
  return `${namespaced.has(name) ? `/${name}` : ''}${labelText(labels)}`;
}
