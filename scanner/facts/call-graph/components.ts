import type { Edges } from './edges.ts';

/** Strongly connected components: functions that can all call one another. */
export interface Components {
  readonly count: number;
  /** Component of each node. A component has a higher number than all those it calls. */
  readonly of: Uint32Array;
}

/** Tarjan's algorithm with its stacks in columns, because the depth of a chain of calls is the author's choice. Linear in the edges. */
export function findComponents(edges: Edges): Components {
  const walk = new Walk(edges);
  for (let node = 0; node < edges.nodes; node++) walk.from(node);
  return { count: walk.count, of: walk.of };
}

const UNSEEN = 0;

class Walk {
  count = 0;
  readonly of: Uint32Array;
  readonly #edges: Edges;
  /** Order of discovery from 1, and the earliest node on the stack that is known to be reached. */
  readonly #order: Uint32Array;
  readonly #low: Uint32Array;
  readonly #next: Uint32Array;
  readonly #onStack: Uint8Array;
  readonly #stack: Uint32Array;
  readonly #calls: Uint32Array;
  #seen = 0;
  #height = 0;
  #depth = 0;

  constructor(edges: Edges) {
    const { nodes } = edges;
    this.#edges = edges;
    this.of = new Uint32Array(nodes);
    this.#order = new Uint32Array(nodes);
    this.#low = new Uint32Array(nodes);
    this.#next = edges.first.slice(0, nodes);
    this.#onStack = new Uint8Array(nodes);
    this.#stack = new Uint32Array(nodes);
    this.#calls = new Uint32Array(nodes);
  }

  from(root: number): void {
    if (this.#order[root] !== UNSEEN) return;
    this.#enter(root);
    while (this.#depth > 0) {
      const node = this.#calls[this.#depth - 1]!;
      if (this.#next[node]! < this.#edges.first[node + 1]!) this.#step(node, this.#edges.targets[this.#next[node]!++]!);
      else this.#leave(node);
    }
  }

  #enter(node: number): void {
    this.#order[node] = ++this.#seen;
    this.#low[node] = this.#seen;
    this.#stack[this.#height++] = node;
    this.#onStack[node] = 1;
    this.#calls[this.#depth++] = node;
  }

  #step(node: number, target: number): void {
    if (this.#order[target] === UNSEEN) this.#enter(target);
    else if (this.#onStack[target] === 1) this.#lower(node, this.#order[target]!);
  }

  #leave(node: number): void {
    this.#depth--;
    if (this.#low[node] === this.#order[node]) this.#close(node);
    if (this.#depth > 0) this.#lower(this.#calls[this.#depth - 1]!, this.#low[node]!);
  }

  #lower(node: number, to: number): void {
    if (to < this.#low[node]!) this.#low[node] = to;
  }

  #close(node: number): void {
    for (let member = -1; member !== node; ) {
      member = this.#stack[--this.#height]!;
      this.#onStack[member] = 0;
      this.of[member] = this.count;
    }
    this.count++;
  }
}
