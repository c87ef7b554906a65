import type { Export, Import, Module } from '../module.ts';

/** What linking asks of a core module again and again, prepared once. */
export interface CoreLookup {
  readonly exports: ReadonlyMap<string, Export>;
  /** Imports by their place in the index space of their kind. */
  readonly functionImports: readonly Import[];
  readonly tableImports: readonly Import[];
}

const known = new WeakMap<Module, CoreLookup>();

/** Exports by name and imports by index of a module. */
export function lookupOf(module: Module): CoreLookup {
  let lookup = known.get(module);
  if (!lookup) {
    lookup = {
      exports: new Map(Array.from(module.exports, (entry) => [entry.name, entry])),
      functionImports: module.imports.filter(({ type }) => type.kind === 'func'),
      tableImports: module.imports.filter(({ type }) => type.kind === 'table'),
    };
    known.set(module, lookup);
  }
  return lookup;
}
