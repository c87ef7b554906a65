import type { FunctionPlace, InnerImport, LinkEntries, Linking, OtherImport, Reexport } from '../component.ts';
import { ByteReader } from '../reader.ts';
import { lookupOf } from './core-lookup.ts';
import type { Body } from './definitions.ts';
import { summarise } from './functions.ts';
import { handleCrossings } from './handles.ts';
import { instantiate } from './instantiate.ts';
import { hostInstanceType, LinkBudget, memberOf, type ModuleInstance, NONE, type Value } from './linking-values.ts';
import { originOf } from './origins.ts';
import { type Ends, importOf, Resolver } from './resolve.ts';
import type { ResourceLinks } from './resource-links.ts';
import type { Budget } from './scope.ts';
import { sharedItems } from './sharing.ts';
import { Tables } from './tables.ts';

interface Link {
  readonly tables: Tables;
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
export function link(body: Body, listing: Budget, resources: ResourceLinks): Linking {
  const budget = new LinkBudget();
  const { exports, modules, escapes, handovers } = instantiate(body, budget);
  const tables = new Tables(modules, budget);
  const about: Link = { tables, resolver: new Resolver(tables, budget), budget, listing, hosts: new Set() };
  const inner: InnerImport[] = [];
  const others: OtherImport[] = [];
  for (const instance of modules) {
    addInnerImports(instance, about, inner);
    addOtherImports(instance, about, others);
  }
  const entries = entriesOf(escapes, { modules, others }, about);
  for (const host of entries.hosts) about.hosts.add(host);
  for (const definition of body.definitions) if (definition.op === 'import') resources.nameHost(definition.name, definition.item, budget);
  return {
    hostFunctions: [...about.hosts].sort(), inner, others, entries, instances: modules.map(({ path }) => ({ path })), reexports: reexportsOf(exports, budget),
    shared: sharedItems(modules, budget), handles: handleCrossings({ exports, handovers }, resources, budget),
  };
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

function addInnerImports(instance: ModuleInstance, { resolver, tables, budget, hosts }: Link, into: InnerImport[]): void {
  const { functionImports } = lookupOf(instance.module);
  budget.step(functionImports.length);
  for (const [index, { module, name }] of functionImports.entries()) {
    const value = importOf(instance, index);
    const ends = resolver.resolve(value);
    for (const host of ends.hosts) hosts.add(host);
    into.push({
      instance: instance.number, modulePath: instance.path, module, name, satisfiedBy: satisfier(ends), host: [...ends.hosts].sort(),
      origin: originOf(value, tables, budget), targets: placesOf(ends),
    });
  }
}

function addOtherImports(instance: ModuleInstance, { tables, budget }: Link, into: OtherImport[]): void {
  budget.step(instance.module.imports.length);
  for (const { module, name, type } of instance.module.imports) {
    if (type.kind === 'func') continue;
    const origin = originOf(memberOf(instance.args.get(module) ?? NONE, name), tables, budget);
    into.push({ instance: instance.number, modulePath: instance.path, module, name, kind: type.kind, origin });
  }
}

function placesOf({ functions }: Ends): FunctionPlace[] {
  return [...functions].flatMap(([{ number }, indices]) => Array.from(indices, (index) => ({ instance: number, index })));
}

function satisfier({ hosts, inner, builtin }: Ends): InnerImport['satisfiedBy'] {
  if (hosts.size > 0) return 'host';
  if (inner) return 'inner';
  return builtin ? 'builtin' : 'unresolved';
}

/** What runs without a call from inside: what is handed to unseen code, exported, called by the canonical ABI itself, or at the start of a core instance. */
function entriesOf(escapes: readonly Value[], { modules, others }: { readonly modules: readonly ModuleInstance[]; readonly others: readonly OtherImport[] }, { resolver, budget, listing }: Link): LinkEntries {
  const hosts = new Set<string>();
  const functions: FunctionPlace[] = modules.flatMap(({ number, module }) => (module.start ? [{ instance: number, index: module.start.functionIndex }] : []));
  // What the host gives may be a table, from which it calls.
  const instances = new Set(others.filter(({ kind, origin }) => kind !== 'memory' && origin.kind === 'host').map(({ instance }) => instance));
  const open = [...escapes];
  const seen = new Set<Value>();
  for (let value = open.pop(); value; value = open.pop()) {
    budget.step();
    if (seen.has(value)) continue;
    seen.add(value);
    if (value.kind === 'instance' || value.kind === 'core-bag') open.push(...value.exports.values());
    else if (value.kind === 'module-instance') {
      instances.add(value.number);
      open.push(...functionsOf(value));
    } else if (value.kind === 'host' && value.item.sort !== 'func') for (const path of hostFunctions(value, listing)) hosts.add(path);
    else {
      const ends = resolver.resolve(value);
      for (const path of ends.hosts) hosts.add(path);
      functions.push(...placesOf(ends));
      if (value.kind === 'core-export' && lookupOf(value.instance.module).exports.get(value.name)?.kind !== 'func') instances.add(value.instance.number);
    }
  }
  return { hosts: [...hosts].sort(), functions, instances: [...instances].sort((a, b) => a - b) };
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
