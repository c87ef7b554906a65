import { LIMITS } from '../../wasm/limits.ts';
import type { Edges } from './edges.ts';

/**
 * The target class with the most functions that some function calls, and the first function that does; null where nothing is called
 * indirectly. Where classes include one another so much that counting would take too long, those that are left count for less.
 */
export function widestClass(edges: Edges): { readonly caller: number; readonly targets: number } | null {
  const count = new Counter(edges);
  const { functions, first, targets } = edges;
  const seen = new Uint8Array(edges.nodes - functions);
  let widest: { caller: number; targets: number } | null = null;
  for (let caller = 0; caller < functions; caller++) {
    for (let at = first[caller]!; at < first[caller + 1]!; at++) {
      const place = targets[at]! - functions;
      if (place < 0 || seen[place] === 1) continue;
      seen[place] = 1;
      const size = count.of(targets[at]!);
      if (widest === null || size > widest.targets) widest = { caller, targets: size };
    }
  }
  return widest;
}

/** Counts the functions of a class and of all it includes, each once. */
class Counter {
  readonly #edges: Edges;
  /** The class for which a node was counted last, plus one. */
  readonly #counted: Uint32Array;
  #work = 0;

  constructor(edges: Edges) {
    this.#edges = edges;
    this.#counted = new Uint32Array(edges.nodes);
  }

  of(place: number): number {
    const { first, targets, functions } = this.#edges;
    const open = [place];
    let size = 0;
    for (let node = open.pop(); node !== undefined && this.#work <= LIMITS.callGraphWork; node = open.pop()) {
      for (let at = first[node]!; at < first[node + 1]!; at++) {
        this.#work++;
        const target = targets[at]!;
        if (this.#counted[target] === place + 1) continue;
        this.#counted[target] = place + 1;
        if (target < functions) size++;
        else open.push(target);
      }
    }
    return size;
  }
}
