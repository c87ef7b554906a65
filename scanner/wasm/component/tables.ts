import type { ElementSegment } from '../module.ts';
import { lookupOf } from './core-lookup.ts';
import { type LinkBudget, memberOf, type ModuleInstance, NONE } from './linking-values.ts';

/** Instances that share another one's table, and so may fill its slots. */
export interface Filler { readonly instance: ModuleInstance; readonly segments: readonly ElementSegment[] }

/** Who fills whose tables: the second half of the shim and fix-up pattern of component tools. */
export class Tables {
  readonly #fillers = new Map<ModuleInstance, Map<number, Filler[]>>();
  readonly #budget: LinkBudget;

  constructor(modules: readonly ModuleInstance[], budget: LinkBudget) {
    this.#budget = budget;
    for (const instance of modules) this.#note(instance);
  }

  /** All instances that see the table an instance knows under an index, the one that defines it included. */
  fillers(instance: ModuleInstance, table: number): readonly Filler[] {
    const owner = this.#owner(instance, table);
    return (owner && this.#fillers.get(owner.instance)?.get(owner.table)) ?? [];
  }

  #note(instance: ModuleInstance): void {
    const { module } = instance;
    const tables = lookupOf(module).tableImports.length + module.tables.length;
    for (let index = 0; index < tables; index++) {
      this.#budget.step(1 + module.elements.length);
      const owner = this.#owner(instance, index);
      if (!owner) continue;
      let byTable = this.#fillers.get(owner.instance);
      if (!byTable) this.#fillers.set(owner.instance, (byTable = new Map()));
      const filler = { instance, segments: module.elements.filter((segment) => segment.mode === 'active' && segment.table === index) };
      const before = byTable.get(owner.table);
      if (before) before.push(filler);
      else byTable.set(owner.table, [filler]);
    }
  }

  /** The instance that defines a table, through as many re-exports as it takes. Instances only see earlier ones, so this ends. */
  #owner(instance: ModuleInstance, table: number): { instance: ModuleInstance; table: number } | null {
    let at = { instance, table };
    for (;;) {
      this.#budget.step();
      const { tableImports } = lookupOf(at.instance.module);
      const imported = tableImports[at.table];
      if (!imported) return at;
      const value = memberOf(at.instance.args.get(imported.module) ?? NONE, imported.name);
      const found = value.kind === 'core-export' ? lookupOf(value.instance.module).exports.get(value.name) : null;
      if (value.kind !== 'core-export' || found?.kind !== 'table') return null;
      at = { instance: value.instance, table: found.index };
    }
  }
}

/** Entry of an active segment at a slot: a function index, or null when the segment does not say. */
export function entryAt(segment: ElementSegment, slot: number): number | null {
  if (segment.start?.kind !== 'i32') return null;
  const place = slot - Number(BigInt.asUintN(32, segment.start.value));
  const entry = place >= 0 && place < segment.functions.length ? segment.functions[place]! : -1;
  return entry >= 0 ? entry : null;
}
