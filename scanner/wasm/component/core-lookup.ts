import type { Export, ExternKind, Import, Module } from '../module.ts';

/** What linking asks of a core module again and again, prepared once. */
export interface CoreLookup {
  readonly exports: ReadonlyMap<string, Export>;
  /** Imports by their place in the index space of their kind. */
  readonly functionImports: readonly Import[];
  readonly tableImports: readonly Import[];
  /** Those of every kind, functions too. */
  readonly importsOf: Readonly<Record<ExternKind, readonly Import[]>>;
}

const known = new WeakMap<Module, CoreLookup>();

/** Exports by name and imports by index of a module. */
export function lookupOf(module: Module): CoreLookup {
  let lookup = known.get(module);
  if (!lookup) {
    const importsOf: Record<ExternKind, Import[]> = { func: [], table: [], memory: [], global: [], tag: [] };
    for (const item of module.imports) importsOf[item.type.kind].push(item);
    lookup = { exports: new Map(Array.from(module.exports, (entry) => [entry.name, entry])), functionImports: importsOf.func, tableImports: importsOf.table, importsOf };
    known.set(module, lookup);
  }
  return lookup;
}
