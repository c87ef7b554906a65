import type { Edges } from './edges.ts';

/** What a set of functions reaches, itself included, with the way to it. */
export interface Reach {
  /** 1 for each function that is reached. */
  readonly reached: Uint8Array;
  /** A shortest chain of calls to a function, from one of the roots to itself; null: not reached. */
  pathTo(index: number): readonly number[] | null;
}

const ROOT = 0xffff_ffff;

/** Breadth first, so that every chain is a shortest one in calls: a class costs nothing on the way. Roots that are no function are passed over. */
export function reachFrom(edges: Edges, roots: Iterable<number>): Reach {
  const search = new Search(edges);
  for (const root of roots) search.visit(root, ROOT);
  search.run();
  const { reached, parent } = search;
  return {
    reached: reached.subarray(0, edges.functions),
    pathTo(index) {
      if (index >= edges.functions || reached[index] !== 1) return null;
      const path: number[] = [];
      for (let at = index; at !== ROOT; at = parent[at]!) path.push(at);
      return path.reverse();
    },
  };
}

class Search {
  readonly reached: Uint8Array;
  readonly parent: Uint32Array;
  readonly #edges: Edges;
  readonly #queue: Uint32Array;
  readonly #classes: number[] = [];
  #head = 0;
  #tail = 0;

  constructor(edges: Edges) {
    this.#edges = edges;
    this.reached = new Uint8Array(edges.nodes);
    this.parent = new Uint32Array(edges.functions);
    this.#queue = new Uint32Array(edges.functions);
  }

  visit(index: number, from: number): void {
    if (index >= this.#edges.functions || this.reached[index] === 1) return;
    this.reached[index] = 1;
    this.parent[index] = from;
    this.#queue[this.#tail++] = index;
  }

  run(): void {
    while (this.#head < this.#tail) {
      const from = this.#queue[this.#head++]!;
      this.#follow(from, from);
      for (let place = this.#classes.pop(); place !== undefined; place = this.#classes.pop()) this.#follow(place, from);
    }
  }

  #follow(node: number, from: number): void {
    const { first, targets, functions } = this.#edges;
    const end = first[node + 1]!;
    for (let at = first[node]!; at < end; at++) {
      const target = targets[at]!;
      if (target < functions) this.visit(target, from);
      else if (this.reached[target] === 0) {
        this.reached[target] = 1;
        this.#classes.push(target);
      }
    }
  }
}
