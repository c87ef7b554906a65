import type { Module } from '../../wasm/module.ts';
import type { Classes } from './classes.ts';

/**
 * The graph in columns. Nodes below `functions` are functions, the others target classes of indirect calls. The edges of a node are
 * `targets` from `first[node]` up to `first[node + 1]`.
 */
export interface Edges {
  readonly functions: number;
  readonly nodes: number;
  readonly first: Uint32Array;
  readonly targets: Uint32Array;
}

/** Direct calls lead to functions, indirect calls to a class, a class to its members and to the classes it includes. */
export function buildEdges(module: Module, classes: Classes): Edges {
  const calls = module.code?.callEdges ?? new Uint32Array();
  const { callers, chosen } = indirectCalls(module, classes);
  const functions = module.functionTypes.length;
  const nodes = functions + classes.count;
  const first = new Uint32Array(nodes + 1);
  for (let at = 0; at < calls.length; at += 2) first[calls[at]! + 1]!++;
  for (const caller of callers) first[caller + 1]!++;
  for (let place = 0; place < classes.count; place++) first[functions + place + 1] = classes.functions[place]!.length + classes.includes[place]!.length;
  for (let node = 0; node < nodes; node++) first[node + 1]! += first[node]!;
  const targets = new Uint32Array(first[nodes]!);
  const next = first.slice();
  for (let at = 0; at < calls.length; at += 2) targets[next[calls[at]!]!++] = calls[at + 1]!;
  callers.forEach((caller, at) => (targets[next[caller]!++] = functions + chosen[at]!));
  for (let place = 0; place < classes.count; place++) {
    targets.set(classes.functions[place]!, first[functions + place]);
    targets.set(classes.includes[place]!.map((other) => functions + other), first[functions + place]! + classes.functions[place]!.length);
  }
  return { functions, nodes, first, targets };
}

/** Callers and the classes they call, each pair of neighbours once. */
function indirectCalls({ code }: Module, classes: Classes): { readonly callers: readonly number[]; readonly chosen: readonly number[] } {
  const callers: number[] = [];
  const chosen: number[] = [];
  if (code === null) return { callers, chosen };
  const { indirectCalls: calls, indirectSlots: slots } = code;
  for (let call = 0; 3 * call < calls.length; call++) {
    const caller = calls[3 * call]!;
    const place = classes.of(calls[3 * call + 2]!, calls[3 * call + 1]!, { first: slots[2 * call]!, last: slots[2 * call + 1]! });
    if (caller === callers.at(-1) && place === chosen.at(-1)) continue;
    callers.push(caller);
    chosen.push(place);
  }
  return { callers, chosen };
}

