import { lookupOf } from './core-lookup.ts';
import { type LinkBudget, memberOf, type ModuleInstance, NONE, type Value } from './linking-values.ts';
import { entryAt, type Filler, type Tables } from './tables.ts';
import { readTrampoline, type Slot } from './trampoline.ts';

/** Where the chains behind a function end. */
export interface Ends {
  readonly hosts: Set<string>;
  /** Functions inside that a call runs on its way or at its end, those of shims included. */
  readonly functions: Map<ModuleInstance, Set<number>>;
  /** Code of a core module inside. */
  inner: boolean;
  /** A function of the component model without authority of its own. */
  builtin: boolean;
}

type Step = Value | { readonly kind: 'function'; readonly instance: ModuleInstance; readonly index: number };

/** Follows functions to where they come from. */
export class Resolver {
  readonly #tables: Tables;
  readonly #budget: LinkBudget;

  constructor(tables: Tables, budget: LinkBudget) {
    this.#tables = tables;
    this.#budget = budget;
  }

  /** The ends of every chain behind a function. A work list instead of recursion: chains can be long and can run in circles. */
  resolve(start: Value): Ends {
    const ends: Ends = { hosts: new Set(), functions: new Map(), inner: false, builtin: false };
    const open: Step[] = [start];
    const seen = new Set<Step>();
    for (let step = open.pop(); step; step = open.pop()) {
      this.#budget.step();
      if (seen.has(step)) continue;
      seen.add(step);
      // Functions that only jump to each other in a circle are code inside.
      if (step.kind === 'function' && wasSeen(ends.functions, step)) ends.inner = true;
      else open.push(...this.#follow(step, ends));
    }
    return ends;
  }

  #follow(step: Step, ends: Ends): Step[] {
    switch (step.kind) {
      case 'host':
      case 'host-core-export':
        ends.hosts.add(step.path);
        return [];
      case 'lift':
      case 'lower':
        return [step.func];
      case 'builtin':
        ends.builtin = true;
        return [];
      case 'core-export': {
        const found = lookupOf(step.instance.module).exports.get(step.name);
        return found?.kind === 'func' ? [{ kind: 'function', instance: step.instance, index: found.index }] : [];
      }
      case 'function':
        return this.#followFunction(step.instance, step.index, ends);
      default:
        return [];
    }
  }

  #followFunction(instance: ModuleInstance, index: number, ends: Ends): Step[] {
    const { functionImports } = lookupOf(instance.module);
    if (index < functionImports.length) return [importOf(instance, index)];
    const slot = readTrampoline(instance.module, index);
    if (slot) return this.#followSlot(instance, slot, ends);
    ends.inner = true;
    // A module that asks for nothing and whose table others fill may pass calls on in a way not recognised here.
    return functionImports.length === 0 ? this.#followAll(instance) : [];
  }

  #followSlot(instance: ModuleInstance, { table, slot }: Slot, ends: Ends): Step[] {
    const fillers = this.#tables.fillers(instance, table);
    this.#budget.step(fillers.length);
    const found = fillers.flatMap((filler) => this.#entries(filler, slot));
    if (found.length === 0) ends.inner = true;
    // Of a segment whose place is not plain any entry may stand in the slot.
    const unplaced = found.length === 0 ? fillers : fillers.filter(({ segments }) => segments.some(({ start }) => start?.kind !== 'i32'));
    return [...found, ...unplaced.flatMap(allImports)];
  }

  #entries({ instance, segments }: Filler, slot: number): Step[] {
    this.#budget.step(segments.length);
    return segments.map((segment) => entryAt(segment, slot)).filter((index) => index !== null).map((index) => ({ kind: 'function', instance, index }));
  }

  /** Sound where the pattern does not match: whatever the instances that fill its tables could have put there. */
  #followAll(instance: ModuleInstance): Step[] {
    const tables = lookupOf(instance.module).tableImports.length + instance.module.tables.length;
    const fillers = Array.from({ length: tables }, (_, index) => this.#tables.fillers(instance, index)).flat().filter((filler) => filler.instance !== instance);
    return fillers.flatMap(allImports);
  }
}

/** What an instance was given for one of its function imports. */
export function importOf(instance: ModuleInstance, index: number): Value {
  const { module, name } = lookupOf(instance.module).functionImports[index]!;
  return memberOf(instance.args.get(module) ?? NONE, name);
}

const IMPORTS = new WeakMap<Filler, readonly Step[]>();

/** Looked up once for each filler: programs linked at run time come here for every slot of their shims. */
function allImports(filler: Filler): readonly Step[] {
  const known = IMPORTS.get(filler);
  if (known !== undefined) return known;
  const { instance } = filler;
  const steps = [...new Set(lookupOf(instance.module).functionImports.map((_, index) => importOf(instance, index)))];
  IMPORTS.set(filler, steps);
  return steps;
}

function wasSeen(visited: Map<ModuleInstance, Set<number>>, { instance, index }: { instance: ModuleInstance; index: number }): boolean {
  let indices = visited.get(instance);
  if (!indices) visited.set(instance, (indices = new Set()));
  if (indices.has(index)) return true;
  indices.add(index);
  return false;
}
