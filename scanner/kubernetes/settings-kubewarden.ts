import type { Grant, Setting } from '../grant.ts';
import { child, type ConcernsOf, grant, items, listGrant, type Loose, type Node, setting, textOf } from './grants-node.ts';
import { plainHttp } from './settings-common.ts';

type Found = Iterable<Loose<Grant> | Loose<Setting>>;

/** What surrounds the module of a policy or of a member of a policy group. */
export const policy: ConcernsOf = function* (root, reference) {
  const spec = child(root, 'spec');
  yield* plainHttp(reference);
  const failure = child(spec, 'failurePolicy');
  if (textOf(failure) === 'Ignore') yield setting(failure, 'fail-open', { meaning: 'Objects are admitted unjudged when the policy fails' });
  const mode = child(spec, 'mode');
  if (textOf(mode) === 'monitor') yield setting(mode, 'fail-open', { meaning: 'The policy only writes down what it would refuse', confidence: 'medium' });
  if (reference.up) yield* policyGrants(reference.up);
};

/** What a policy may ask of the cluster and of its host, where it is written: in an object or a list of policies. */
export function* policyGrants(entry: Node): Found {
  yield* clusterResources(child(entry, 'contextAwareResources'));
  yield* listGrant(child(entry, 'hostCapabilities'), 'capabilities', isAll);
}

function* clusterResources(list: Node): Found {
  if (!Array.isArray(list.value)) return;
  const kinds = [...items(list)].map((item) => ({ item, kind: textOf(child(item, 'kind')) ?? '', version: textOf(child(item, 'apiVersion')) ?? '' }));
  yield grant(list, 'cluster-resources', kinds.map(({ kind, version }) => `${version}/${kind}`), { everything: kinds.some(({ kind }) => kind === '*') });
  for (const { item, kind, version } of kinds) {
    const secrets = kind === 'Secret' && version === 'v1';
    if (!secrets && kind !== '*') continue;
    const words = { text: `contextAwareResources: ${version}/${kind}`, meaning: secrets ? 'The policy reads every Secret of the cluster' : 'The policy reads every kind of object of the cluster' };
    yield setting(child(item, 'kind'), 'broad-scope', words);
    return;
  }
}

/** What a policy server allows its policies, and how it fetches them. */
export const policyServer: ConcernsOf = function* (root) {
  const spec = child(root, 'spec');
  for (const host of items(child(spec, 'insecureSources'))) {
    yield setting(host, 'insecure-transport', { text: `insecureSources: ${textOf(host) ?? ''}`, meaning: 'Policies come from this registry without checking who answers' });
  }
  const capabilities = child(spec, 'namespacedPoliciesCapabilities');
  yield* listGrant(capabilities, 'capabilities', isAll);
  const all = [...items(capabilities)].find((item) => isAll(textOf(item) ?? ''));
  if (all) yield setting(all, 'broad-scope', { text: 'namespacedPoliciesCapabilities: *', meaning: 'Policies that namespace owners write may call everything the host offers' });
  else if (!Array.isArray(capabilities.value)) {
    yield setting(capabilities, 'broad-scope', { text: 'no namespacedPoliciesCapabilities', meaning: 'Policies that namespace owners write may call everything the host offers by default', confidence: 'medium' });
  }
};

function isAll(value: string): boolean {
  return value === '*' || value === '**';
}
