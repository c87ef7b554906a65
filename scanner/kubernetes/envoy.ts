import { LIMITS } from '../wasm/limits.ts';
import { envoyAt } from './envoy-vm.ts';
import type { Find } from './texts-find.ts';
import { searchLines } from './texts-lines.ts';
import { type Budget, documentTree, newBudget, type Visit, walk, yamlTrees } from './texts-walk.ts';

/** A reference in a Wasm VM configuration of Envoy, with the settings next to it. */
export type EnvoyFind = Find;

/**
 * Searches values at any depth, and YAML or JSON inside texts, for Wasm VM configurations of Envoy. Never throws.
 * @param pointer of the root, in its document
 * @param budget shared by all searches of one object; says afterwards whether everything was seen
 */
export function* searchEnvoy(root: unknown, pointer: string, budget: Budget = newBudget()): Iterable<EnvoyFind> {
  for (const visit of walk([documentTree(root, pointer)], budget)) {
    for (const { find } of envoyAt(visit.tree, visit.node)) yield find;
    yield* textFinds(visit, budget);
  }
}

function* textFinds(visit: Visit, budget: Budget): Iterable<EnvoyFind> {
  const { node, tree, textDepth } = visit;
  if (typeof node.value !== 'string' || node.key === LAST_APPLIED || !mayHoldConfiguration(node.value)) return;
  if (textDepth >= LIMITS.kubernetesTextDepth) {
    budget.exceeded = true;
    return;
  }
  const { trees, faulty } = yamlTrees(node.value, (offset) => tree.place(node, offset), budget);
  visit.inside = trees;
  if (!faulty) return;
  yield* searchLines(tree, node);
  // Envoy's own reader is more lenient than this one, so that a module may hide here.
  if (/vm_?config/i.test(node.value)) budget.exceeded = true;
}

/** What kubectl keeps of an object for itself: the object once more. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Texts with an escape count, since they may spell the words with it. */
function mayHoldConfiguration(text: string): boolean {
  return /[:{]/.test(text) && /vm_?config|\bcode\b|dynamic_?module_?config|\\[ux]/i.test(text);
}
