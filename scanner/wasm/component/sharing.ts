import type { SharedItem } from '../component.ts';
import { lookupOf } from './core-lookup.ts';
import { type LinkBudget, memberOf, type ModuleInstance, NONE } from './linking-values.ts';
import { readTrampoline } from './trampoline.ts';

type Kind = SharedItem['kind'];

const KINDS: readonly Kind[] = ['memory', 'table', 'global', 'tag'];

interface Sharing { readonly kind: Kind; readonly owner: ModuleInstance; readonly instances: Set<ModuleInstance> }

/** What core instances define and others import, in the order in which the first of the others imports it. Throws DecodeError. */
export function sharedItems(instances: readonly ModuleInstance[], budget: LinkBudget): SharedItem[] {
  const found = new Map<string, Sharing>();
  for (const instance of instances) for (const kind of KINDS) addImported(found, instance, { kind, budget });
  return [...found.values()].map(({ kind, owner, instances: users }) => ({
    kind, owner: owner.number, instances: [...users].map(({ number }) => number).sort((a, b) => a - b), exact: kind === 'table' && [...users].every((user) => isShim(user, budget)),
  }));
}

function addImported(found: Map<string, Sharing>, user: ModuleInstance, { kind, budget }: { kind: Kind; budget: LinkBudget }): void {
  for (let index = 0; index < lookupOf(user.module).importsOf[kind].length; index++) {
    const at = definer(user, { kind, index, budget });
    if (at) add(found, { ...at, kind, user });
  }
}

function add(found: Map<string, Sharing>, { owner, index, kind, user }: { owner: ModuleInstance; index: number; kind: Kind; user: ModuleInstance }): void {
  const key = `${kind} ${owner.number} ${index}`;
  const before = found.get(key);
  if (before) before.instances.add(user);
  else found.set(key, { kind, owner, instances: new Set([owner, user]) });
}

/** The instance that defines what another imports, through as many re-exports as it takes; null: the host does. Instances only see earlier ones, so this ends. */
function definer(instance: ModuleInstance, { kind, index, budget }: { kind: Kind; index: number; budget: LinkBudget }): { owner: ModuleInstance; index: number } | null {
  let at = { owner: instance, index };
  for (;;) {
    budget.step();
    const imported = lookupOf(at.owner.module).importsOf[kind][at.index];
    if (!imported) return { owner: at.owner, index: at.index };
    const value = memberOf(at.owner.args.get(imported.module) ?? NONE, imported.name);
    const found = value.kind === 'core-export' ? lookupOf(value.instance.module).exports.get(value.name) : null;
    if (value.kind !== 'core-export' || found?.kind !== kind) return null;
    at = { owner: value.instance, index: found.index };
  }
}

/** All functions of a module, if it has any, jump to a constant slot and do nothing else. Throws DecodeError. */
function isShim({ module }: ModuleInstance, budget: LinkBudget): boolean {
  const end = module.functionTypes.length;
  for (let index = module.importedFunctions; index < end; index++) {
    budget.step();
    if (!readTrampoline(module, index)) return false;
  }
  return true;
}
