import type { PolicyDocument } from '../../scanner/policy/document.generated.ts';
import type { NamespaceView } from '../policy-source.ts';

/** `match.namespaceSelector` of a policy. */
export type NamespaceSelector = NonNullable<NonNullable<PolicyDocument['spec']['match']>['namespaceSelector']>;

type Requirement = NonNullable<NamespaceSelector['matchExpressions']>[number];

/**
 * Whether a selector takes a namespace in, as Kubernetes reads selectors. Where nothing is known of the labels, and for what belongs to no
 * namespace, it does: a policy must not be left out because a look-up failed.
 */
export function selects(selector: NamespaceSelector | null, namespace: NamespaceView | null): boolean {
  const labels = namespace?.labels ?? null;
  if (selector === null || labels === null) return true;
  return Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labelOf(labels, key) === value) && (selector.matchExpressions ?? []).every((requirement) => holds(requirement, labels));
}

/** The labels that a selector looks at. */
export function selectorKeys({ matchLabels = {}, matchExpressions = [] }: NamespaceSelector): readonly string[] {
  return [...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)];
}

/** A label, never something that every object inherits. */
export function labelOf(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function holds({ key, operator, values = [] }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labelOf(labels, key);
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value);
    case 'NotIn': return value === undefined || !values.includes(value);
    case 'Exists': return value !== undefined;
    default: return value === undefined;
  }
}
