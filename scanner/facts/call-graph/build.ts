import type { Module } from '../../wasm/module.ts';
import { Classes } from './classes.ts';
import { findComponents } from './components.ts';
import { buildEdges, type Edges } from './edges.ts';
import { exportedIndices, type Exported } from './exported.ts';
import { widestClass } from './widest.ts';
import { importSets, type ImportSets } from './import-sets.ts';
import { reachFrom, type Reach } from './reach.ts';
import { findReferences, indicesOf, mark, type References } from './references.ts';
import { tableSpaces, type TableSpace } from './tables.ts';
import { typeIds } from './type-ids.ts';

/** Who can call whom in a core module; functions are named by their index, imported ones first. */
export interface CallGraph {
  readonly functions: number;
  readonly importedFunctions: number;
  /** Functions that run without a call from within, ascending: see `findEntryPoints`. */
  readonly entryPoints: Uint32Array;
  /** 1 for each function that an entry point reaches. A superset of what any run can reach. */
  readonly reachable: Uint8Array;
  /**
   * Every table is closed and no reference passes in or out, so that what is unreachable here is so whatever the host does. Otherwise
   * that rests on the host playing by the rules of the specification only.
   */
  readonly closed: boolean;
  /** References can pass between the module and whoever holds it, in other ways than tables. */
  readonly exchanged: boolean;
  /** What some functions reach, themselves included. */
  reachFrom(roots: Iterable<number>): Reach;
  /** Imported functions that some functions reach, ascending. */
  importReach(roots: Iterable<number>): readonly number[];
  /** A shortest chain of calls from an entry point to a function, both included; null: unreachable. */
  pathTo(index: number): readonly number[] | null;
  /** Entry points that reach an imported function, ascending; null: too large a module to say. */
  entryPointsOf(imported: number): readonly number[] | null;
  /** The indirect call with the most targets: its function, the first one of several, and their number; null: there is none. */
  widestCall(): { readonly caller: number; readonly targets: number } | null;
  /** Functions that a function can call, each once, in the order in which it names them. */
  calleesOf(index: number): readonly number[];
}

/**
 * Builds the call graph of a module that was decoded in full. Indirect calls go to the functions of a fitting type that the table can
 * hold, fewer where the index is known and nothing ever changes the table. Time and memory are linear in the size of the module.
 */
export function buildCallGraph(module: Module): CallGraph {
  const exported = exportedIndices(module);
  const references = findReferences(module, exported);
  const tables = tableSpaces(module, exported);
  const classes = new Classes({ module, exported, references, tables, types: typeIds(module.types) });
  const edges = buildEdges(module, classes);
  const entryPoints = findEntryPoints({ module, exported, references, tables });
  return new BuiltGraph(edges, { imported: module.importedFunctions, entryPoints, exchanged: references.exchanged, closed: !references.exchanged && tables.every(({ closed }) => closed) });
}

interface Known { readonly module: Module; readonly exported: Exported; readonly references: References; readonly tables: readonly TableSpace[] }

/**
 * Exported functions, the start function, functions in a table that others see, in exported globals, and where references pass out of
 * the module every function whose reference exists. Core specification 4.5.4 and 4.5.5.
 */
function findEntryPoints({ module, exported, references, tables }: Known): Uint32Array {
  const marks = new Uint8Array(module.functionTypes.length);
  mark(marks, exported.func);
  if (module.start) mark(marks, [module.start.functionIndex]);
  const importedGlobals = module.imports.filter(({ type }) => type.kind === 'global').length;
  for (const index of exported.global) {
    const init = module.globals[index - importedGlobals]?.init;
    if (init?.kind === 'func') mark(marks, [init.index]);
  }
  const seen = tables.filter(({ visible }) => visible);
  const mixed = seen.some(({ copies }) => copies.length > 0) || module.code?.tableChanges.some((_, at, all) => at % 3 === 0 && all[at] === 0 && tables[all[at + 1]!]?.visible === true) === true;
  if (references.exchanged || mixed) mark(marks, references.taken);
  else for (const { segments, initial } of seen) {
    for (const { functions } of segments) mark(marks, functions);
    mark(marks, [initial]);
  }
  return indicesOf(marks);
}

class BuiltGraph implements CallGraph {
  readonly functions: number;
  readonly importedFunctions: number;
  readonly entryPoints: Uint32Array;
  readonly closed: boolean;
  readonly exchanged: boolean;
  readonly #edges: Edges;
  readonly #reach: Reach;
  #sets: ImportSets | null = null;

  constructor(edges: Edges, about: { readonly imported: number; readonly entryPoints: Uint32Array; readonly closed: boolean; readonly exchanged: boolean }) {
    this.#edges = edges;
    this.functions = edges.functions;
    this.importedFunctions = about.imported;
    this.entryPoints = about.entryPoints;
    this.closed = about.closed;
    this.exchanged = about.exchanged;
    this.#reach = reachFrom(edges, about.entryPoints);
  }

  get reachable(): Uint8Array {
    return this.#reach.reached;
  }

  reachFrom(roots: Iterable<number>): Reach {
    return reachFrom(this.#edges, roots);
  }

  importReach(roots: Iterable<number>): readonly number[] {
    const { reached } = this.reachFrom(roots);
    return [...indicesOf(reached.subarray(0, this.importedFunctions))];
  }

  pathTo(index: number): readonly number[] | null {
    return this.#reach.pathTo(index);
  }

  entryPointsOf(imported: number): readonly number[] | null {
    const sets = (this.#sets ??= importSets(this.#edges, findComponents(this.#edges), this.importedFunctions));
    const found: number[] = [];
    for (const entry of this.entryPoints) {
      const reaches = sets.reaches(entry, imported);
      if (reaches === null) return null;
      if (reaches) found.push(entry);
    }
    return found;
  }

  widestCall(): { readonly caller: number; readonly targets: number } | null {
    return widestClass(this.#edges);
  }

  calleesOf(index: number): readonly number[] {
    const { first, targets, functions } = this.#edges;
    const callees = new Set<number>();
    const seen = new Set([index]);
    const open = [index];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (let at = first[node]!; at < first[node + 1]!; at++) {
        const target = targets[at]!;
        if (target < functions) callees.add(target);
        else if (!seen.has(target)) open.push(target);
        seen.add(target);
      }
    }
    return [...callees];
  }
}
