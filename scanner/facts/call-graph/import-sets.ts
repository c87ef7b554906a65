import { LIMITS } from '../../wasm/limits.ts';
import type { Components } from './components.ts';
import type { Edges } from './edges.ts';

/** Which imported functions each function reaches. */
export interface ImportSets {
  /** Whether a function reaches an imported one; null where it was too much to find out. */
  reaches(index: number, imported: number): boolean | null;
}

const BITS = 32;

/** Bit sets of imports, passed up from the callees, 32 imports in one pass over the edges; the passes that would go over the limit are left out. */
export function importSets(edges: Edges, { count, of }: Components, imported: number): ImportSets {
  const order = nodesByComponent(edges, { count, of });
  const steps = edges.targets.length + edges.nodes;
  const passes = Math.min(Math.ceil(imported / BITS), Math.floor(LIMITS.callGraphSteps / Math.max(1, steps)));
  const columns: (Uint32Array | undefined)[] = [];
  return {
    reaches(index, one) {
      const pass = Math.floor(one / BITS);
      if (pass >= passes || index >= edges.functions) return null;
      const column = (columns[pass] ??= bitsOf(edges, { count, of, order }, pass * BITS));
      return ((column[of[index]!]! >>> (one % BITS)) & 1) === 1;
    },
  };
}

/** Callees have lower numbers, so ascending components see finished ones. */
function bitsOf({ first, targets, nodes }: Edges, { count, of, order }: Components & { readonly order: Uint32Array }, from: number): Uint32Array {
  const bits = new Uint32Array(count);
  for (let bit = 0; bit < BITS && from + bit < nodes; bit++) bits[of[from + bit]!]! |= 1 << bit;
  for (const node of order) {
    const component = of[node]!;
    let set = bits[component]!;
    for (let at = first[node]!, end = first[node + 1]!; at < end; at++) set |= bits[of[targets[at]!]!]!;
    bits[component] = set;
  }
  return bits;
}

/** A counting sort. */
function nodesByComponent({ nodes }: Edges, { count, of }: Components): Uint32Array {
  const place = new Uint32Array(count + 1);
  for (let node = 0; node < nodes; node++) place[of[node]! + 1]!++;
  for (let component = 0; component < count; component++) place[component + 1]! += place[component]!;
  const order = new Uint32Array(nodes);
  for (let node = 0; node < nodes; node++) order[place[of[node]!]!++] = node;
  return order;
}
