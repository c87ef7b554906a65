import type { InnerImport, Linking, Reexport } from '../component.ts';
import { ByteReader } from '../reader.ts';
import { lookupOf } from './core-lookup.ts';
import type { Body } from './definitions.ts';
import { summarise } from './functions.ts';
import { instantiate } from './instantiate.ts';
import { hostInstanceType, LinkBudget, type ModuleInstance, type Value } from './linking-values.ts';
import { type Ends, importOf, Resolver } from './resolve.ts';
import type { Budget } from './scope.ts';
import { Tables } from './tables.ts';

interface Link {
  readonly resolver: Resolver;
  readonly budget: LinkBudget;
  /** Pays for the functions that instance types list. */
  readonly listing: Budget;
  readonly hosts: Set<string>;
}

/**
 * Instantiates a component symbolically and says where each core import ends up: with the host, with code inside, or
 * with a built-in of the component model. An adapter inside may serve an import and call the host itself, and a
 * component inside may pretend to be the host: only the end of each chain counts. Throws DecodeError beyond a limit.
 */
export function link(body: Body, listing: Budget): Linking {
  const budget = new LinkBudget();
  const { exports, modules, escapes } = instantiate(body, budget);
  const about: Link = { resolver: new Resolver(new Tables(modules, budget), budget), budget, listing, hosts: new Set() };
  const inner: InnerImport[] = [];
  for (const instance of modules) addInnerImports(instance, about, inner);
  followEscapes(escapes, about);
  return { hostFunctions: [...about.hosts].sort(), inner, reexports: reexportsOf(exports, budget) };
}

function reexportsOf(exports: ReadonlyMap<string, Value>, budget: LinkBudget): Reexport[] {
  return [...exports].flatMap(([exported, value]) => {
    const imported = importWithin(value, budget);
    return imported === null ? [] : [{ exported, imported }];
  });
}

/** Name of the first import that a value is or hands out; not of those behind functions that code inside wraps around them. */
function importWithin(value: Value, budget: LinkBudget): string | null {
  const open = [value];
  const seen = new Set<Value>();
  for (let next = open.pop(); next; next = open.pop()) {
    budget.step();
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.kind === 'host') return next.path.split('#')[0]!;
    if (next.kind === 'instance') open.push(...next.exports.values());
  }
  return null;
}

function addInnerImports(instance: ModuleInstance, { resolver, budget, hosts }: Link, into: InnerImport[]): void {
  const { functionImports } = lookupOf(instance.module);
  budget.step(functionImports.length);
  for (const [index, { module, name }] of functionImports.entries()) {
    const ends = resolver.resolve(importOf(instance, index));
    for (const host of ends.hosts) hosts.add(host);
    into.push({ modulePath: instance.path, module, name, satisfiedBy: satisfier(ends), host: [...ends.hosts].sort() });
  }
}

function satisfier({ hosts, inner, builtin }: Ends): InnerImport['satisfiedBy'] {
  if (hosts.size > 0) return 'host';
  if (inner) return 'inner';
  return builtin ? 'builtin' : 'unresolved';
}

/** Notes the host functions in what leaves: handed to unseen code, re-exported, or called by the canonical ABI itself. */
function followEscapes(escapes: readonly Value[], { resolver, budget, listing, hosts }: Link): void {
  const open = [...escapes];
  const seen = new Set<Value>();
  for (let value = open.pop(); value; value = open.pop()) {
    budget.step();
    if (seen.has(value)) continue;
    seen.add(value);
    if (value.kind === 'instance' || value.kind === 'core-bag') open.push(...value.exports.values());
    else if (value.kind === 'module-instance') open.push(...functionsOf(value));
    else if (value.kind === 'host' && value.item.sort !== 'func') for (const path of hostFunctions(value, listing)) hosts.add(path);
    else for (const path of resolver.resolve(value).hosts) hosts.add(path);
  }
}

function functionsOf(instance: ModuleInstance): Value[] {
  const exports = [...lookupOf(instance.module).exports.values()];
  return exports.filter(({ kind }) => kind === 'func').map(({ name }) => ({ kind: 'core-export', instance, name }));
}

/** The functions of an instance that the host gives. A component or module of the host's has none before it is instantiated. */
function hostFunctions({ path, item }: Extract<Value, { kind: 'host' }>, listing: Budget): string[] {
  const type = item.sort === 'component' ? null : hostInstanceType(item);
  return type ? summarise(new ByteReader(new Uint8Array(0)), type, listing).functions.map((name) => `${path}#${name}`) : [];
}
