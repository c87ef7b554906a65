import type { CompositionFact, ModuleComposition } from '../facts/composition/model.ts';
import type { ImportFact } from '../facts/facts.ts';
import type { Outline } from '../facts/outline.ts';
import type { FactsSummary } from '../facts/summary.ts';

/** Imports shown of one artifact. */
const MOST_IMPORTS = 1_000;
/** Core modules of one component shown with their powers. */
const MOST_MODULES = 100;

/** What only a report to look at shows of an artifact: plain data of bounded size. */
export interface EntryDetail {
  readonly outline: Outline | null;
  /** The first ones, in the order of the binary. */
  readonly imports: readonly DetailImport[];
  readonly importCount: number;
  /** Of components: what is asked for inside, and what of it reaches the host; null where that is not known. */
  readonly composition: DetailComposition | null;
}

export interface DetailComposition extends Pick<CompositionFact, 'declared' | 'effective' | 'entered'> {
  /** The first ones, in file order. */
  readonly modules: readonly ModuleComposition[];
  readonly moduleCount: number;
}

export interface DetailImport extends Pick<ImportFact, 'module' | 'name' | 'kind' | 'capability' | 'abi' | 'reachable'> {
  /** A shortest chain of calls to it, with names; null: none, or not known. */
  readonly path: readonly string[] | null;
}

/** The detail of what is known of an artifact. */
export function entryDetail({ outline, imports, reachPaths, composition }: FactsSummary): EntryDetail {
  const paths = new Map(reachPaths.map((path) => [path.import, path.steps]));
  return {
    outline,
    importCount: imports.length,
    composition: composition && { declared: composition.declared, effective: composition.effective, entered: composition.entered, modules: composition.modules.slice(0, MOST_MODULES), moduleCount: composition.modules.length },
    imports: imports.slice(0, MOST_IMPORTS).map(({ module, name, kind, capability, abi, reachable }, position) => ({ module, name, kind, capability, abi, reachable, path: paths.get(position) ?? null })),
  };
}
