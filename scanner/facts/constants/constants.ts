import type { Component } from '../../wasm/component.ts';
import { LIMITS } from '../../wasm/limits.ts';
import type { Module } from '../../wasm/module.ts';
import type { PlacedModule } from '../text-sources.ts';
import { codeConstants, isGo } from './code-constants.ts';
import type { Encoding } from './image.ts';
import { interestsOf, looksFor } from './interests.ts';
import { mentions } from './mentions.ts';
import type { Budget, ConstantArgument, ConstantRole, Interest } from './model.ts';
import type { ImportSink } from './sinks.ts';

/**
 * Large numbers of bytes or events that code asks of imports as constants. Of most programs nothing but the callers of a few imports
 * is looked at. Never throws.
 */
export function collectAmounts(modules: readonly PlacedModule[], component: Component | null): readonly ConstantArgument[] {
  const [origins, budget] = [originsOf(component), wholeBudget()];
  const found = modules.filter(isWhole).flatMap((placed) => {
    const imports = importedSinks(placed, origins, ({ role }) => role === 'amount');
    return codeConstants({ placed, imports, takers: new Map(), encoding: 'utf8', budget });
  });
  return found.slice(0, LIMITS.constants);
}

function isWhole({ module }: PlacedModule): boolean {
  return module.analysed === 'full' && module.problems.length === 0;
}

/**
 * Paths, hosts, names of variables and the like that code gives to imports, as far as they are constants: what a program reaches for.
 * Ordered by confidence, then by place. Nothing is computed for modules whose imports take no such thing. Never throws.
 */
export function collectConstants(modules: readonly PlacedModule[], component: Component | null): readonly ConstantArgument[] {
  const [origins, budget, encoding] = [originsOf(component), wholeBudget(), encodingOf(component)];
  const found: ConstantArgument[] = [];
  for (const placed of modules.filter(isWhole)) {
    const imports = importedSinks(placed, origins, ({ role }) => role !== 'amount');
    const takers = takersOf(placed.module, imports);
    const shown = codeConstants({ placed, imports, takers, encoding, budget });
    const told = (mention: ConstantArgument): boolean => shown.some(({ location: { offset, length } }) => offset < mention.location.offset + mention.location.length && mention.location.offset < offset + length);
    // Of Go nothing can be told from the data alone, because no text there has an end.
    found.push(...shown, ...(takers.size === 0 || isGo(placed.module) ? [] : mentions(placed, takers, budget).filter((mention) => !told(mention))));
  }
  const places = (one: ConstantArgument): number => ['high', 'medium', 'low'].indexOf(one.confidence);
  return found.sort((a, b) => places(a) - places(b) || a.location.offset - b.location.offset).slice(0, LIMITS.constants);
}

/** By function index what the arguments of an import mean, and by what name people know it. */
function importedSinks(placed: PlacedModule, origins: Origins, wanted: (interest: Interest) => boolean): ReadonlyMap<number, readonly ImportSink[]> {
  const own = origins === null ? null : (origins.get(placed.path) ?? new Map<string, string>());
  const sinks = new Map<number, readonly ImportSink[]>();
  importedFunctions(placed.module).forEach(({ module, name }, index) => {
    const [shown, all] = own === null ? [`${module}.${name}`, interestsOf(module, name)] : outer(own.get(`${module} ${name}`));
    const interests = all.filter(wanted);
    if (interests.length > 0) sinks.set(index, interests.map((interest) => ({ import: shown, interest })));
  });
  return sinks;
}

function outer(host: string | undefined): readonly [string, ReturnType<typeof interestsOf>] {
  const end = host?.indexOf('#') ?? -1;
  return host === undefined || end < 0 ? ['', []] : [host, interestsOf(host.slice(0, end), host.slice(end + 1))];
}

/** By the place of a module the host functions behind its imports; null: the module stands alone, or the component could not be linked. */
type Origins = ReadonlyMap<string, ReadonlyMap<string, string>> | null;

function originsOf(component: Component | null): Origins {
  if (component === null || component.linking === null) return null;
  const origins = new Map<string, Map<string, string>>();
  for (const { modulePath, module, name, host } of component.linking.inner) {
    if (host.length !== 1) continue;
    const own = origins.get(modulePath) ?? new Map<string, string>();
    origins.set(modulePath, own.set(`${module} ${name}`, host[0]!));
  }
  return origins;
}

function wholeBudget(): Budget {
  return { code: LIMITS.constantCodeBytes, texts: LIMITS.constantTexts, places: LIMITS.constantPlaces };
}

function importedFunctions({ imports }: Module): readonly { readonly module: string; readonly name: string }[] {
  return imports.filter(({ type }) => type.kind === 'func');
}

/** One encoding for all texts: a component that mixes them is read as UTF-8, as nearly all are. */
function encodingOf(component: Component | null): Encoding {
  const used = new Set((component?.canonicals ?? []).flatMap(({ name, stringEncoding }) => (name === 'lower' && stringEncoding !== null ? [stringEncoding] : [])));
  if (used.size !== 1) return 'utf8';
  return used.has('utf16') ? 'utf16' : used.has('latin1+utf16') ? 'tagged' : 'utf8';
}

/** By role the first import that takes such a text. */
function takersOf(module: Module, imports: ReadonlyMap<number, readonly ImportSink[]>): ReadonlyMap<ConstantRole, string> {
  const takers = new Map<ConstantRole, string>();
  for (const sinks of imports.values()) for (const { import: name, interest: { role } } of sinks) if (!takers.has(role)) takers.set(role, name);
  for (const { module: from, name } of importedFunctions(module)) {
    const role = looksFor(from, name);
    if (role !== null && !takers.has(role)) takers.set(role, `${from}${from.includes(':') ? '#' : '.'}${name}`);
  }
  return takers;
}
