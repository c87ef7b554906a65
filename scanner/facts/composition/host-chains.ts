import type { FunctionPlace, InnerImport, Linking } from '../../wasm/component.ts';
import { LIMITS } from '../../wasm/limits.ts';
import type { CallGraph } from '../call-graph/build.ts';
import { functionNamer, type FunctionNamer } from '../call-graph/names.ts';
import { indicesOf } from '../call-graph/references.ts';
import type { CustomFact, ModuleFact } from '../facts.ts';

/**
 * Names of the functions on a chain of calls from an entry point of the component to a host function, given as `interface#function`, which
 * comes last. A name has its module in front where the chain enters it; null among them stands for what was left out to keep to `most` names.
 * null: no chain is known.
 */
export type HostChains = (host: string, most: number) => readonly (string | null)[] | null;

interface Parts { readonly linking: Linking; readonly modules: readonly ModuleFact[]; readonly customs: readonly CustomFact[] }

/** Where a chain passes from one instance to the next: the function entered, the calls within that instance, and where it came from. */
interface Passage { readonly instance: number; readonly calls: readonly number[]; readonly from: Passage | null }

/** Functions kept of the calls within one instance; of more the middle is left out. */
const MOST_CALLS = 12;
/** Stands for the functions that were left out. */
const GAP = -1;

/**
 * Follows calls from module to module, breadth first: a chain has as few passages between modules as can be, and within each a shortest way. Code that
 * runs because it stands in a table that several share is not followed, so a host function can be reached without a known chain.
 */
export function hostChains(parts: Parts): HostChains {
  const found = new Search(parts).run();
  const facts = new Map(parts.modules.map((fact) => [fact.path, fact]));
  const namers = new Map<string, FunctionNamer>();
  const nameOf = (path: string, index: number): string => {
    let namer = namers.get(path);
    if (!namer) namers.set(path, (namer = functionNamer(facts.get(path)!, parts.customs)));
    return namer(index);
  };
  let work = 0;
  return (host, most) => {
    const last = found.get(host);
    if (!last || work > LIMITS.chainSteps) return null;
    const all = stepsOf(last, parts.linking);
    work += all.length;
    const steps = shortened(all, most - 1);
    return [...steps.map((step, at) => step && (steps[at - 1]?.path === step.path ? nameOf(step.path, step.index) : `${step.path} ${nameOf(step.path, step.index)}`)), host];
  };
}

interface Step { readonly path: string; readonly index: number }

function stepsOf(last: Passage, { instances }: Linking): (Step | null)[] {
  const passages: Passage[] = [];
  for (let at: Passage | null = last; at; at = at.from) passages.push(at);
  return passages.reverse().flatMap(({ instance, calls }) => calls.map((index) => (index === GAP ? null : { path: instances[instance]!.path, index })));
}

function shortened<T>(steps: readonly T[], most: number): readonly (T | null)[] {
  if (steps.length <= most) return steps;
  const head = steps.slice(0, Math.ceil(most / 2));
  const tail = steps.slice(head.length + 1 - most);
  // What was cut within a module stands beside no second gap.
  return [...head.slice(0, head.at(-1) === null ? -1 : undefined), null, ...(tail[0] === null ? tail.slice(1) : tail)];
}

interface Waiting { readonly place: FunctionPlace; readonly from: Passage | null }

class Search {
  readonly #linking: Linking;
  readonly #graphs: ReadonlyMap<string, ModuleFact>;
  readonly #imports: readonly (readonly InnerImport[])[];
  readonly #seen = new Set<string>();
  readonly #open: Waiting[] = [];
  readonly #found = new Map<string, Passage>();
  #steps = 0;

  constructor({ linking, modules }: Parts) {
    this.#linking = linking;
    this.#graphs = new Map(modules.map((fact) => [fact.path, fact]));
    const imports = linking.instances.map((): InnerImport[] => []);
    for (const one of linking.inner) imports[one.instance]!.push(one);
    this.#imports = imports;
  }

  run(): ReadonlyMap<string, Passage> {
    for (const place of this.#linking.entries.functions) this.#meet({ place, from: null });
    for (let at = 0; at < this.#open.length && this.#steps <= LIMITS.chainSteps; at++) this.#follow(this.#open[at]!);
    return this.#found;
  }

  #meet(waiting: Waiting): void {
    const { instance, index } = waiting.place;
    const key = `${instance} ${index}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#open.push(waiting);
  }

  #follow({ place: { instance, index }, from }: Waiting): void {
    const graph = this.#graphs.get(this.#linking.instances[instance]!.path)?.callGraph ?? null;
    this.#steps++;
    if (graph === null) return;
    const reach = graph.reachFrom([index]);
    this.#steps += graph.functions >> 3;
    for (const at of indicesOf(reach.reached.subarray(0, graph.importedFunctions))) {
      const one = this.#imports[instance]![at];
      if (one !== undefined && this.#leadsOn(one)) this.#pass(one, { instance, calls: this.#callsTo(at, reach), from });
    }
  }

  /** Whether an import leads to something that was not met yet. */
  #leadsOn({ host, targets }: InnerImport): boolean {
    this.#steps += 1 + host.length + targets.length;
    return host.some((name) => !this.#found.has(name)) || targets.some((place) => !this.#seen.has(`${place.instance} ${place.index}`));
  }

  #pass({ host, targets }: InnerImport, passage: Passage): void {
    for (const name of host) if (!this.#found.has(name)) this.#found.set(name, passage);
    for (const place of targets) this.#meet({ place, from: passage });
  }

  /** The functions that lead to an import; the import itself is told as what it stands for. */
  #callsTo(imported: number, reach: ReturnType<CallGraph['reachFrom']>): readonly number[] {
    const calls = (reach.pathTo(imported) ?? []).slice(0, -1);
    this.#steps += calls.length;
    return calls.length <= MOST_CALLS ? calls : [...calls.slice(0, MOST_CALLS / 2), GAP, ...calls.slice(-MOST_CALLS / 2)];
  }
}
