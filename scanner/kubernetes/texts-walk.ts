import { LIMITS } from '../wasm/limits.ts';
import type { Position } from '../yaml.ts';
import { readYaml } from '../yaml.ts';
import { fields, items, type Node, pathOf, rootNode } from './grants-node.ts';
import type { InnerPlace, Tree } from './texts-find.ts';

/** What a search of one object may still visit. Shared by all searches of the object. */
export interface Budget {
  left: number;
  /** The search ended before it had seen everything: the object was not analysed whole. */
  exceeded: boolean;
}

/** A value met by a walk. */
export interface Visit {
  readonly node: Node;
  readonly tree: Tree;
  /** Texts around it that it was read from. */
  readonly textDepth: number;
  /** Set by who reads the walk: what the text at this node holds, to be walked next. */
  inside?: readonly Tree[];
}

/** A fresh budget for one object. */
export function newBudget(): Budget {
  return { left: LIMITS.kubernetesValues, exceeded: false };
}

/** A tree of values that stand in a document. @param pointer of the root, in the document */
export function documentTree(root: unknown, pointer: string, name = ''): Tree {
  return { root: { ...rootNode(root), key: name }, place: (at, inside) => ({ pointer: pointer + pathOf(at), offset: inside }) };
}

/** Every value of trees and of what texts in them hold, in order. Iterative; stops where the budget ends. */
export function* walk(trees: readonly Tree[], budget: Budget): Iterable<Visit> {
  const stack: { readonly nodes: Iterator<Visit>; readonly depth: number }[] = [{ nodes: rootsOf(trees, 0), depth: 0 }];
  while (stack.length > 0) {
    const { nodes, depth } = stack.at(-1)!;
    const next = nodes.next();
    if (next.done === true) {
      stack.pop();
      continue;
    }
    if (budget.left-- <= 0) {
      budget.exceeded = true;
      return;
    }
    const visit = next.value;
    yield visit;
    const children = inside(visit);
    if (children === null) continue;
    if (depth >= LIMITS.kubernetesDepth) budget.exceeded = true;
    else stack.push({ nodes: children, depth: depth + 1 });
  }
}

/**
 * The YAML or JSON documents in a text, each as a tree; `faulty` where it is none. Takes from the budget what reading costs, and
 * does not begin what would cost too much, which the budget says.
 */
export function yamlTrees(text: string, place: (offset: number) => InnerPlace, budget: Budget): { readonly trees: readonly Tree[]; readonly faulty: boolean } {
  const marks = text.length > LIMITS.kubernetesInnerText ? Infinity : countMarks(text);
  if (marks > LIMITS.kubernetesInnerMarks || marks > budget.left) {
    budget.exceeded = true;
    return { trees: [], faulty: true };
  }
  budget.left -= marks;
  const { documents, faults } = readYaml(text, LIMITS.kubernetesInnerText);
  const offsetOf = offsets(text);
  let located = 0;
  // Finding a place takes time that grows with the map it is in, so that a flood of finds gets the place of the text.
  const locate = (position: () => Position): InnerPlace => place(located++ < PLACES ? offsetOf(position()) : 0);
  const trees = documents.map(({ value, positionOf, positionInside }) => ({
    root: rootNode(value),
    place: (at: Node, inside: number | null) => locate(() => (inside === null ? positionOf(pathOf(at)) : positionInside(pathOf(at), inside))),
  }));
  return { trees, faulty: faults.length > 0 };
}

/** Places told exactly per text. */
const PLACES = 2_000;

/** Characters that can make a value, a key or a line of their own. */
const MARKS = new Set([...'\n:,[]{}-?!&*#\\'].map((mark) => mark.charCodeAt(0)));

function countMarks(text: string): number {
  let marks = 0;
  for (let at = 0; at < text.length; at++) if (MARKS.has(text.charCodeAt(at))) marks++;
  return marks;
}

function offsets(text: string): (position: Position) => number {
  let starts: number[] | null = null;
  return ({ line, column }) => {
    starts ??= lineStarts(text);
    return Math.min((starts[line - 1] ?? 0) + column - 1, text.length);
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function* rootsOf(trees: readonly Tree[], textDepth: number): Iterator<Visit> {
  for (const tree of trees) yield { node: tree.root, tree, textDepth };
}

function inside({ node, tree, textDepth, inside }: Visit): Iterator<Visit> | null {
  if (inside) return rootsOf(inside, textDepth + 1);
  if (typeof node.value !== 'object' || node.value === null) return null;
  return (function* () {
    for (const one of Array.isArray(node.value) ? items(node) : fields(node)) yield { node: one, tree, textDepth };
  })();
}
