import type { GraphReport } from './graph.ts';
import type { GraphView } from './graph-view.ts';
import { harmlessName } from './harmless.ts';

/** Edges that a drawing may have. Mermaid refuses more than 500; Graphviz takes minutes for more than some thousand. */
const EDGES = { dot: 4_000, mermaid: 400 } as const;

/** The Graphviz form: one cluster for each module. What is too large to draw whole shows the shortest chains to the imports. */
export function graphDot(reports: readonly GraphReport[]): string {
  const lines = ['digraph calls {', '  rankdir=LR;', '  node [shape=box, style=rounded, fontname="sans-serif"];'];
  eachDrawing(reports, EDGES.dot, ({ title, drawing, prefix, view }, place) => {
    lines.push(`  subgraph cluster_${place} {`, `    label=${quoted(title)};`);
    for (const index of drawing.nodes) lines.push(`    ${prefix}${index} [label=${quoted(label(view, index))}${dotShape(view, index)}];`);
    lines.push('  }');
    for (const [from, to] of drawing.edges) lines.push(`  ${prefix}${from} -> ${prefix}${to};`);
  });
  return `${[...lines, '}'].join('\n')}\n`;
}

/** The Mermaid form, for Markdown; see `graphDot`. */
export function graphMermaid(reports: readonly GraphReport[]): string {
  const lines = ['flowchart LR'];
  eachDrawing(reports, EDGES.mermaid, ({ title, drawing, prefix, view }, place) => {
    lines.push(`  subgraph s${place}["${entities(title)}"]`);
    for (const index of drawing.nodes) lines.push(`    ${prefix}${index}${mermaidShape(view, index)}`);
    for (const [from, to] of drawing.edges) lines.push(`    ${prefix}${from} --> ${prefix}${to}`);
    lines.push('  end');
  });
  return `${lines.join('\n')}\n`;
}

interface Drawing {
  readonly nodes: readonly number[];
  readonly edges: readonly (readonly [from: number, to: number])[];
}

interface Drawn {
  readonly title: string;
  readonly drawing: Drawing;
  /** Of the node names of this module. */
  readonly prefix: string;
  readonly view: GraphView;
}

function eachDrawing(reports: readonly GraphReport[], limit: number, draw: (one: Drawn, place: number) => void): void {
  const all = reports.flatMap(({ artifact, views }) => views.map((view) => ({ name: artifact.name, view })));
  all.forEach(({ name, view }, place) => {
    const whole = wholeDrawing(view, Math.floor(limit / all.length));
    const drawing = whole ?? chainDrawing(view, Math.floor(limit / all.length));
    const title = `${name}${view.path === '' ? '' : ` ${view.path}`}${whole === null ? ' (shortest chains to imports)' : ''}`;
    draw({ title, drawing, prefix: `m${place}f`, view }, place);
  });
}

/** Every reached function and call; null where there are more calls than the limit. */
function wholeDrawing({ reach, graph }: GraphView, limit: number): Drawing | null {
  const nodes: number[] = [];
  const edges: (readonly [number, number])[] = [];
  for (const [index, reached] of reach.reached.entries()) {
    if (reached === 0) continue;
    nodes.push(index);
    if (nodes.length > limit) return null;
    for (const callee of graph.calleesOf(index)) edges.push([index, callee]);
    if (edges.length > limit) return null;
  }
  return { nodes, edges };
}

/** The chains to the imports, as many as the limit allows; they share their beginnings, because each is a path in one tree. */
function chainDrawing({ imports }: GraphView, limit: number): Drawing {
  const nodes = new Set<number>();
  const edges: (readonly [number, number])[] = [];
  for (const { path } of imports) {
    if (path === null || edges.length + path.length > limit) continue;
    for (const [at, index] of path.entries()) {
      if (nodes.has(index)) continue;
      nodes.add(index);
      if (at > 0) edges.push([path[at - 1]!, index]);
    }
  }
  return { nodes: [...nodes].sort((a, b) => a - b), edges };
}

function label({ nameOf }: GraphView, index: number): string {
  return harmlessName(nameOf(index), 60);
}

function dotShape({ graph, roots }: GraphView, index: number): string {
  if (index < graph.importedFunctions) return ', shape=component';
  return roots.includes(index) ? ', penwidth=2' : '';
}

function mermaidShape(view: GraphView, index: number): string {
  const text = `"${entities(label(view, index))}"`;
  if (index < view.graph.importedFunctions) return `[[${text}]]`;
  return view.roots.includes(index) ? `([${text}])` : `[${text}]`;
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Letters, digits and harmless punctuation as they are; everything else as the entity codes that Mermaid reads, so that a name stays text. */
function entities(text: string): string {
  return text.replace(/[^\w .:/@$+*-]/gu, (character) => `#${character.codePointAt(0)};`);
}
