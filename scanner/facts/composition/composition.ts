import type { Problem } from '../../problem.ts';
import type { Component, InnerImport, Linking, SharedItem } from '../../wasm/component.ts';
import { LIMITS } from '../../wasm/limits.ts';
import type { ImportFact, ModuleFact } from '../facts.ts';
import { effectiveReach, type Effective } from './effective.ts';
import type { CompositionFact, ModuleComposition, SharedThing, VirtualisedFunction } from './model.ts';

interface Parts { readonly component: Component; readonly modules: readonly ModuleFact[]; readonly imports: readonly ImportFact[] }

/**
 * Puts together what linking and the call graphs of the parts say. null where the component could not be linked. `imports` are the
 * outer ones.
 */
export function compositionOf({ component, modules, imports }: Parts): CompositionFact | null {
  const { linking, witPackage } = component;
  if (linking === null || witPackage) return null;
  const graphs = new Map(modules.map((fact) => [fact.path, fact]));
  const effective = effectiveReach(linking, (path) => graphs.get(path)?.callGraph ?? null);
  const powers = new Powers(imports);
  const served = hostServed(linking);
  const numbers = Map.groupBy(linking.instances.keys(), (number) => linking.instances[number]!.path);
  const each = modules.map((fact) => moduleComposition(fact, { numbers, effective, powers, served }));
  return {
    modules: each,
    declared: sorted(each.flatMap(({ declared }) => declared)),
    effective: powers.of(effective.hosts),
    hostFunctions: [...effective.hosts].sort(),
    entered: linking.entries.functions.length + linking.entries.hosts.length + linking.entries.instances.length > 0,
    virtualised: virtualisedFunctions(linking, effective),
    handles: linking.handles,
    shared: sharedThings(linking),
    problem: disagreement(effective, linking, powers),
  };
}

interface Known { readonly numbers: ReadonlyMap<string, readonly number[]>; readonly effective: Effective; readonly powers: Powers; readonly served: ReadonlyMap<string, string> }

function moduleComposition({ path, imports }: ModuleFact, { numbers, effective, powers, served }: Known): ModuleComposition {
  const own = numbers.get(path) ?? [];
  const hosts = effective.reachedByImports(own);
  return { path, instances: own.length, declared: sorted(imports.flatMap((found) => asked(found, served.get(importKey(path, found)), powers))), effective: powers.of(hosts) };
}

/** What an import asks for by its name. Shims and fix-ups use names that mean nothing: then what the host gives for it, if it does. */
function asked({ capability }: ImportFact, host: string | undefined, powers: Powers): readonly string[] {
  if (capability !== 'unknown') return [capability];
  return host === undefined ? [] : [powers.capability(host) ?? capability];
}

/** Host functions that imports are, by module and name of the import. */
function hostServed({ inner }: Linking): Map<string, string> {
  return new Map(inner.flatMap((one) => (one.origin.kind === 'host' ? [[importKey(one.modulePath, one), one.origin.function]] : [])));
}

function importKey(path: string, { module, name }: { readonly module: string; readonly name: string }): string {
  return JSON.stringify([path, module, name]);
}

/** What each host function of the outer imports can do. */
class Powers {
  readonly #byName: ReadonlyMap<string, string>;
  /** Modules and components that the host gives: their functions are not classified one by one. */
  readonly #whole: ReadonlyMap<string, string>;
  readonly #known = new WeakMap<ReadonlySet<string>, readonly string[]>();

  constructor(imports: readonly ImportFact[]) {
    this.#byName = new Map(imports.map(({ module, name, capability }) => [name === '' ? module : `${module}#${name}`, capability]));
    this.#whole = new Map(imports.flatMap(({ module, name, kind, capability }) => (name === '' && kind !== 'instance' && kind !== 'func' ? [[module, capability]] : [])));
  }

  /** null: no import declares it. */
  capability(host: string): string | null {
    return this.#byName.get(host) ?? this.#whole.get(host.split('#')[0]!) ?? null;
  }

  of(hosts: ReadonlySet<string>): readonly string[] {
    let found = this.#known.get(hosts);
    if (!found) this.#known.set(hosts, (found = sorted(Array.from(hosts, (host) => this.capability(host) ?? 'unknown'))));
    return found;
  }
}

/** Sorted, unique, without what is no power. */
function sorted(capabilities: Iterable<string>): string[] {
  const found = new Set(capabilities);
  found.delete('runtime-support');
  return [...found].sort();
}

function virtualisedFunctions({ inner, instances }: Linking, effective: Effective): VirtualisedFunction[] {
  const byOrigin = new Map<string, { readonly module: string; readonly export: string; readonly imports: InnerImport[] }>();
  for (const one of inner) {
    const { origin } = one;
    if (origin.kind !== 'virtualised') continue;
    const key = `${origin.instance} ${origin.export}`;
    const before = byOrigin.get(key);
    if (before) before.imports.push(one);
    else if (byOrigin.size < LIMITS.compositionListed) byOrigin.set(key, { module: instances[origin.instance]!.path, export: origin.export, imports: [one] });
  }
  return Array.from(byOrigin.values(), ({ module, export: name, imports }) => ({
    module, export: name, asked: [...new Set(imports.map((one) => `${one.module} ${one.name}`))].sort(), reaches: [...effective.reachedFrom(imports.flatMap(({ targets }) => targets))].sort(),
  }));
}

function sharedThings({ shared, instances }: Linking): SharedThing[] {
  return shared.flatMap((item) => {
    const things = sharedThing(item, instances);
    return things.modules.length > 1 && (things.kind === 'memory' || things.kind === 'table') ? [{ ...things, kind: things.kind }] : [];
  }).slice(0, LIMITS.compositionListed);
}

function sharedThing({ kind, owner, instances: users, exact }: SharedItem, instances: Linking['instances']): Omit<SharedThing, 'kind'> & Pick<SharedItem, 'kind'> {
  const home = instances[owner]!.path;
  return { kind, owner: home, modules: [...new Set([home, ...users.map((user) => instances[user]!.path)])], instances: users.length, shim: exact };
}

/** Running code can reach no more of the host than was linked, and nothing that no import declares: else one of these was read wrongly. */
function disagreement({ hosts }: Effective, { hostFunctions }: Linking, powers: Powers): Problem | null {
  const linked = new Set(hostFunctions);
  const astray = [...hosts, ...hostFunctions].find((host) => !linked.has(host) || powers.capability(host) === null);
  if (astray === undefined) return null;
  return {
    code: 'composition-disagrees', offset: 0, section: null, effect: 'degraded',
    message: `Parts of the component reach the host function "${astray.slice(0, 200)}", which its imports do not declare`,
  };
}
