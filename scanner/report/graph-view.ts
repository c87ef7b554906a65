import { functionNamer, type FunctionNamer } from '../facts/call-graph/names.ts';
import type { Reach } from '../facts/call-graph/reach.ts';
import type { CallGraph } from '../facts/call-graph/build.ts';
import type { Facts, ModuleFact } from '../facts/facts.ts';
import { LIMITS } from '../wasm/limits.ts';

/** What a report of a call graph shows of one core module. */
export interface GraphView {
  /** Place of the module in the artifact: '' for the artifact itself. */
  readonly path: string;
  readonly graph: CallGraph;
  /** Where reaching starts: the entry points, or the export that was asked about. Ascending. */
  readonly roots: readonly number[];
  readonly reach: Reach;
  readonly imports: readonly ImportView[];
  readonly nameOf: FunctionNamer;
}

/** One import of the module. Only functions are reached or not. */
export interface ImportView {
  readonly module: string;
  readonly name: string;
  readonly reachable: boolean | null;
  /** A shortest chain of calls from a root to it; null: none, or too long to list. */
  readonly path: readonly number[] | null;
  /** Roots that reach it, ascending; null: no function, or too many to find out. */
  readonly entryPoints: readonly number[] | null;
}

/** The call graph of one module from its entry points, or from one export; null where there is no graph, or no such export of a function. */
export function graphView(facts: Pick<Facts, 'customs'>, fact: ModuleFact, from?: string): GraphView | null {
  const graph = fact.callGraph;
  if (graph === null) return null;
  const roots = from === undefined ? [...graph.entryPoints] : exportsNamed(fact, from);
  if (from !== undefined && roots.length === 0) return null;
  const reach = graph.reachFrom(roots);
  const list = new Listing();
  let functions = 0;
  const imports = fact.module.imports.map(({ module, name, type }): ImportView => {
    if (type.kind !== 'func') return { module, name, reachable: null, path: null, entryPoints: null };
    const index = functions++;
    if (reach.reached[index] !== 1) return { module, name, reachable: false, path: null, entryPoints: [] };
    return { module, name, reachable: true, path: list.add(() => reach.pathTo(index)), entryPoints: from === undefined ? list.add(() => graph.entryPointsOf(index), roots.length) : roots };
  });
  return { path: fact.path, graph, roots, reach, imports, nameOf: functionNamer(fact, facts.customs) };
}

/** Names of the functions that a module exports, for a hint. */
export function exportedFunctions({ module: { exports } }: Pick<ModuleFact, 'module'>): readonly string[] {
  const names: string[] = [];
  for (const { kind, name } of exports) if (kind === 'func') names.push(name);
  return names;
}

function exportsNamed({ module: { exports } }: ModuleFact, wanted: string): readonly number[] {
  for (const { kind, name, index } of exports) if (kind === 'func' && name === wanted) return [index];
  return [];
}

/** Lists kept for one report, until together they have reached the limit. */
class Listing {
  #kept = 0;

  /** `cost` is what finding the list takes, where that can be more than its length. */
  add(find: () => readonly number[] | null, cost = 0): readonly number[] | null {
    if (this.#kept > LIMITS.callGraphListed) return null;
    const list = find();
    this.#kept += Math.max(cost, list?.length ?? 0);
    return list;
  }
}
