import type { Module } from '../wasm/module.ts';

/** What direct calls from one function reach, itself included. */
export interface DirectReach {
  /** Functions, imported ones too. */
  readonly functions: number;
  /** Indices of imported functions, ascending. */
  readonly imports: readonly number[];
}

/** Follows direct calls only: what goes through tables and references is not seen, so more may be reachable. Iterative. */
export function directReach({ code, importedFunctions, functionTypes }: Module, start: number): DirectReach {
  const seen = new Uint8Array(functionTypes.length);
  const edges = code?.callEdges ?? new Uint32Array();
  const imports: number[] = [];
  const open: number[] = [];
  let functions = 0;
  const visit = (index: number): void => {
    if (index >= seen.length || seen[index] === 1) return;
    seen[index] = 1;
    functions++;
    if (index < importedFunctions) imports.push(index);
    else open.push(index);
  };
  visit(start);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (let at = firstEdge(edges, next); at < edges.length && edges[at] === next; at += 2) visit(edges[at + 1]!);
  }
  return { functions, imports: imports.sort((a, b) => a - b) };
}

/** Place of the first pair with this caller, or where it would stand: callers ascend, because bodies are decoded in order. */
function firstEdge(edges: Uint32Array, caller: number): number {
  let low = 0;
  let high = edges.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[2 * middle]! < caller) low = middle + 1;
    else high = middle;
  }
  return 2 * low;
}
