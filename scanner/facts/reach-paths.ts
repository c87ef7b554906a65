import type { CustomFact, ImportFact, ModuleFact, ReachPath } from './facts.ts';
import { namedFunctions } from './function-names.ts';

/** Imports with a path: more are never shown. */
const MOST_PATHS = 1_000;
/** Steps of one path; of a longer one the middle is left out. */
const MOST_STEPS = 12;
/** Steps of all paths together, shown or not: a chain can be as long as the module has functions. */
const MOST_WORK = 2_000_000;
/** Stands for the steps that were left out. */
const GAP = -1;

/** A path to each reachable imported function of a core module; empty where there is no call graph. */
export function reachPaths(fact: ModuleFact, customs: readonly CustomFact[]): readonly ReachPath[] {
  const paths = indexPaths(fact);
  const names = namesOf(new Set(paths.flatMap(({ indices }) => indices)), fact, customs);
  return paths.map(({ position, indices }) => ({ import: position, steps: indices.map((one) => (one === GAP ? '…' : (names.get(one) ?? `func[${one}]`))) }));
}

/** Names on a chain of calls to an import of a component, at most so many; null among them: what was left out. null: no chain is known. */
export type ImportChains = (found: ImportFact, most: number) => readonly (string | null)[] | null;

/** A path to each function that a component imports, where a chain through its modules is known. */
export function componentPaths(imports: readonly ImportFact[], chain: ImportChains): readonly ReachPath[] {
  return imports.slice(0, MOST_PATHS).flatMap((found, position) => {
    const steps = chain(found, MOST_STEPS);
    return steps === null ? [] : [{ import: position, steps: steps.map((step) => step ?? '…') }];
  });
}

interface IndexPath { readonly position: number; readonly indices: readonly number[] }

function indexPaths({ callGraph, module }: ModuleFact): IndexPath[] {
  const paths: IndexPath[] = [];
  let index = 0;
  let work = 0;
  for (const [position, { type }] of module.imports.entries()) {
    if (type.kind !== 'func') continue;
    const indices = callGraph?.pathTo(index++) ?? null;
    work += indices?.length ?? 0;
    if (indices !== null) paths.push({ position, indices: shortened(indices) });
    if (work > MOST_WORK || paths.length === MOST_PATHS) break;
  }
  return paths;
}

function shortened(indices: readonly number[]): readonly number[] {
  if (indices.length <= MOST_STEPS) return indices;
  return [...indices.slice(0, MOST_STEPS / 2), GAP, ...indices.slice(1 - MOST_STEPS / 2)];
}

/** A function is called what it is exported as, else by the name section; an import by both its names. */
function namesOf(wanted: ReadonlySet<number>, fact: ModuleFact, customs: readonly CustomFact[]): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { index, name, from, position } of namedFunctions(fact, customs)) {
    if (!wanted.has(index) || names.has(index) || name === '') continue;
    names.set(index, from === 'import' ? `${fact.module.imports[position]?.module ?? ''}.${name}` : name);
  }
  return names;
}
