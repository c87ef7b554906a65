import type { Origin } from '../component.ts';
import type { Export, Import } from '../module.ts';
import { lookupOf } from './core-lookup.ts';
import { type LinkBudget, memberOf, type ModuleInstance, NONE, type Value } from './linking-values.ts';
import { entryAt, type Tables } from './tables.ts';
import { readTrampoline } from './trampoline.ts';

type CoreExport = Extract<Value, { kind: 'core-export' }>;

/**
 * The one thing behind an import: follows it through hands that pass it on unchanged, and through shims whose slot is filled
 * exactly once. Where a chain could go several ways it stops, at the export of the instance that decides. Throws DecodeError.
 */
export function originOf(start: Value, tables: Tables, budget: LinkBudget): Origin {
  let lifted = false;
  const seen = new Map<ModuleInstance, Set<string>>();
  for (let value = start; ; ) {
    budget.step();
    switch (value.kind) {
      case 'host':
      case 'host-core-export':
        return { kind: 'host', function: value.path };
      case 'builtin':
        return { kind: 'builtin', name: value.name };
      case 'lower':
        value = value.func;
        break;
      case 'lift':
        lifted = true;
        value = value.func;
        break;
      case 'core-export': {
        const next = isNew(seen, value) ? passedOn(value, tables, budget) : null;
        if (!next) return { kind: lifted ? 'virtualised' : 'sibling', instance: value.instance.number, export: value.name };
        value = next;
        break;
      }
      default:
        return { kind: 'unresolved' };
    }
  }
}

/** Shims can jump to each other in circles. */
function isNew(seen: Map<ModuleInstance, Set<string>>, { instance, name }: CoreExport): boolean {
  let names = seen.get(instance);
  if (!names) seen.set(instance, (names = new Set()));
  if (names.has(name)) return false;
  names.add(name);
  return true;
}

/** What an export is when its instance only hands on what it was given; null: it is its own. */
function passedOn({ instance, name }: CoreExport, tables: Tables, budget: LinkBudget): Value | null {
  const { exports, importsOf } = lookupOf(instance.module);
  const found = exports.get(name);
  if (!found) return null;
  const imported = importsOf[found.kind][found.index];
  if (imported) return givenFor(instance, imported);
  return found.kind === 'func' ? behindShim(instance, found, tables, budget) : null;
}

/** What an instance was given for an import. */
function givenFor(instance: ModuleInstance, { module, name }: Pick<Import, 'module' | 'name'>): Value {
  return memberOf(instance.args.get(module) ?? NONE, name);
}

/** What the only entry of a shim's slot is, when that is an import of the instance that filled it. */
function behindShim(instance: ModuleInstance, { index }: Export, tables: Tables, budget: LinkBudget): Value | null {
  const slot = readTrampoline(instance.module, index);
  if (!slot) return null;
  const fillers = tables.fillers(instance, slot.table);
  const entries: Value[] = [];
  for (const filler of fillers) {
    budget.step(1 + filler.segments.length);
    if (filler.segments.some(({ start }) => start?.kind !== 'i32')) return null;
    for (const segment of filler.segments) {
      const entry = entryAt(segment, slot.slot);
      const imported = entry === null ? undefined : lookupOf(filler.instance.module).functionImports[entry];
      if (entry !== null && !imported) return null;
      if (imported) entries.push(givenFor(filler.instance, imported));
    }
  }
  return entries.length === 1 ? entries[0]! : null;
}
