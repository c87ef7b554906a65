import type { Location } from '../../location.ts';
import type { Component } from '../../wasm/component.ts';
import type { ByteRange, Import, Module, TableType } from '../../wasm/module.ts';
import { INSTRUCTIONS, type Instruction } from '../../wasm/opcodes.ts';
import type { Facts, ModuleFact } from '../facts.ts';
import { placeAt } from '../place.ts';
import type { Conditions, Predicate } from './model.ts';
import { matchesPattern } from './pattern.ts';

/** What of an artifact meets a condition, in words, and where. */
export interface Witness {
  /** Completes "it ...": `uses table.grow`. */
  readonly text: string;
  readonly location: Location;
}

/** The first thing in an artifact that meets a condition; null: nothing does. Nesting of conditions is that of the data. */
export function witnessOf(predicate: Predicate, facts: Facts): Witness | null {
  const key = Object.keys(predicate)[0] as keyof Conditions;
  const test = TESTS[key] as (wanted: unknown, facts: Facts) => Witness | null;
  return test((predicate as unknown as Conditions)[key], facts);
}

const TESTS: { readonly [Key in keyof Conditions]: (wanted: Conditions[Key], facts: Facts) => Witness | null } = {
  engine: (_, facts) => ({ text: 'is a module like any other', location: { path: 'file', offset: 0, length: facts.size } }),
  feature: (feature, facts) => {
    const use = facts.features.find((one) => one.feature === feature);
    return use === undefined ? null : { text: `needs ${feature}`, location: { path: placeAt(facts, use.offset), offset: use.offset, length: 1 } };
  },
  opcodes: (patterns, facts) => first(facts.modules, (placed) => instructionUse(placed, patterns)),
  imports: (patterns, facts) => first(facts.imports, ({ module, interface: face, name, location }) => {
    const texts = facts.kind === 'component' ? componentTexts(face, name) : [`${module}.${name}`];
    return patterns.some((pattern) => texts.some((text) => matchesPattern(pattern, text))) ? { text: `imports ${facts.kind === 'component' ? `${face}#${name}` : texts[0]}`, location } : null;
  }),
  table64: (_, facts) => tableWith(facts, ({ index64 }) => index64, 'has a 64-bit table'),
  memory64: (_, facts) => memoryWith(facts, ({ index64 }) => index64, 'has a 64-bit memory'),
  sharedMemory: (_, facts) => memoryWith(facts, ({ shared }) => shared, 'shares a memory'),
  tableMinimum: (least, facts) => tableWith(facts, ({ minimum }) => minimum >= least, `has a table of ${least} elements or more`),
  elementType: (type, facts) => first(facts.modules, ({ path, module }) =>
    first(module.elements.map((element, index) => ({ element, index })), ({ element, index }) =>
      (longForm(element.type) === longForm(type) ? at(path, `element[${index}]`, { range: element, text: `has a segment of ${type}` }) : null))),
  hostReferences: (_, facts) => first(facts.modules, hostReference),
  arrayGlobal: (_, facts) => first(facts.modules, arrayGlobal),
  exportResults: (types, facts) => first(facts.modules, (placed) => resultsOfExports(placed, types)),
  stringEncodings: (encodings, facts) => first(components(facts), ({ path, component }) =>
    first(component.canonicals.map((canonical, index) => ({ canonical, index })), ({ canonical, index }) =>
      (canonical.stringEncoding !== null && encodings.includes(canonical.stringEncoding) ? at(path, `canon[${index}]`, { range: canonical, text: `passes strings in ${canonical.stringEncoding}` }) : null))),
  nestedComponents: (least, facts) => {
    const inner = components(facts).filter(({ path }) => path !== '');
    return inner.length < least ? null : { text: `holds ${inner.length} component${inner.length === 1 ? '' : 's'}`, location: { path: inner[0]!.path, ...rangeOf(inner[0]!.component) } };
  },
  nesting: (least, facts) => first(components(facts), ({ path, component, depth }) => (depth < least ? null : { text: `nests components ${depth} deep`, location: { path, ...rangeOf(component) } })),
  flagsType: (_, facts) => first(components(facts), ({ component: { firstFlags } }) =>
    (firstFlags === null ? null : { text: 'has a type of flags', location: { path: placeAt(facts, firstFlags), offset: firstFlags, length: 1 } })),
  anyOf: (predicates, facts) => first(predicates, (predicate) => witnessOf(predicate, facts)),
  allOf: (predicates, facts) => {
    const found = predicates.map((predicate) => witnessOf(predicate, facts));
    return found.every((one) => one !== null) ? { text: [...new Set(found.map(({ text }) => text))].join(', '), location: found[0]!.location } : null;
  },
};

function first<Item>(items: Iterable<Item>, test: (item: Item) => Witness | null): Witness | null {
  for (const item of items) {
    const found = test(item);
    if (found !== null) return found;
  }
  return null;
}

function at(path: string, place: string, { range: { offset, length }, text }: { readonly range: ByteRange; readonly text: string }): Witness {
  return { text, location: { path: path === '' ? place : `${path}/${place}`, offset, length } };
}

const SLOTS = new Map<string, readonly Instruction[]>();

/** Patterns come from the table alone, so that the memory of them is bounded. */
function instructionsNamed(pattern: string): readonly Instruction[] {
  const known = SLOTS.get(pattern) ?? INSTRUCTIONS.filter(({ name }) => matchesPattern(pattern, name));
  SLOTS.set(pattern, known);
  return known;
}

/** Counts are kept for each instruction and places for each feature, so that the place may be that of a sibling, or the whole section. */
function instructionUse({ path, module }: ModuleFact, patterns: readonly string[]): Witness | null {
  const { code } = module;
  if (code === null) return null;
  for (const { slot, name, feature } of patterns.flatMap(instructionsNamed)) {
    if (code.opcodes[slot] === 0) continue;
    const section = module.sections.find((one) => one.name === 'code') ?? module.range;
    const use = module.features.find((one) => one.feature === feature);
    const inside = use !== undefined && use.offset >= section.offset && use.offset < section.offset + section.length;
    return at(path, 'code', { range: inside ? { offset: use.offset, length: 1 } : section, text: `uses ${name}` });
  }
  return null;
}

/** `wasi:http/types@0.3.0` and `x` give `wasi:http/types#x` and `wasi:http/types@0.3#x`. */
function componentTexts(face: string, name: string): readonly string[] {
  const [, base = face, version] = /^([^@]*)@(\d+\.\d+)/.exec(face) ?? [];
  return version === undefined ? [`${base}#${name}`] : [`${base}#${name}`, `${base}@${version}#${name}`];
}

function tableWith({ modules }: Facts, wanted: (type: TableType) => boolean, text: string): Witness | null {
  return first(modules, ({ path, module }) => {
    const imported = module.imports.filter(({ type }) => type.kind === 'table');
    return first(module.imports, (item) => (item.type.kind === 'table' && wanted(item.type) ? importWitness(path, module, { item, text }) : null))
      ?? first(module.tables.map((table, index) => ({ table, index })), ({ table, index }) => (wanted(table.type) ? at(path, `table[${imported.length + index}]`, { range: table, text }) : null));
  });
}

function memoryWith({ modules }: Facts, wanted: (type: { readonly index64: boolean; readonly shared: boolean }) => boolean, text: string): Witness | null {
  return first(modules, ({ path, module }) => {
    const imported = module.imports.filter(({ type }) => type.kind === 'memory');
    return first(module.imports, (item) => (item.type.kind === 'memory' && wanted(item.type) ? importWitness(path, module, { item, text }) : null))
      ?? first(module.memories.map((memory, index) => ({ memory, index })), ({ memory, index }) => (wanted(memory.type) ? at(path, `memory[${imported.length + index}]`, { range: memory, text }) : null));
  });
}

function importWitness(path: string, module: Module, { item, text }: { readonly item: Import; readonly text: string }): Witness {
  return at(path, `import[${module.imports.indexOf(item)}] ${item.module}.${item.name}`, { range: item, text });
}

const HOST_REFERENCE = /\bextern(ref)?\b/;

function hostReference({ path, module }: ModuleFact): Witness | null {
  const text = 'keeps references of the host';
  return first(module.types.map((type, index) => ({ type, index })), ({ type, index }) =>
    (type.type.kind === 'func' && [...type.type.params, ...type.type.results].some((one) => HOST_REFERENCE.test(one)) ? at(path, `type[${index}]`, { range: type, text }) : null))
    ?? first(module.imports, (item) => (importedReference(item) ? importWitness(path, module, { item, text }) : null))
    ?? first(module.globals, (global) => (HOST_REFERENCE.test(global.type.type) ? at(path, 'global', { range: global, text }) : null))
    ?? first(module.tables, (table) => (HOST_REFERENCE.test(table.type.element) ? at(path, 'table', { range: table, text }) : null))
    ?? first(module.elements, (element) => (HOST_REFERENCE.test(element.type) ? at(path, 'element', { range: element, text }) : null));
}

function importedReference({ type }: Import): boolean {
  return (type.kind === 'global' && HOST_REFERENCE.test(type.type)) || (type.kind === 'table' && HOST_REFERENCE.test(type.element));
}

/** Constant expressions of more than one instruction are kept as `other`, so that one that takes an array from elsewhere counts too. */
function arrayGlobal({ path, module }: ModuleFact): Witness | null {
  return first(module.globals, (global) => {
    const [, index] = /^\(ref (?:null )?(\d+)\)$/.exec(global.type.type) ?? [];
    const array = index === undefined ? /\barray(ref)?\b/.test(global.type.type) : module.types[Number(index)]?.type.kind === 'array';
    return array && global.init.kind === 'other' ? at(path, 'global', { range: global, text: 'starts a global with an array' }) : null;
  });
}

function resultsOfExports({ path, module }: ModuleFact, types: readonly string[]): Witness | null {
  const missing = new Set(types.map(longForm));
  let range: ByteRange | null = null;
  for (const one of module.exports) {
    if (one.kind !== 'func') continue;
    const type = module.types[module.functionTypes[one.index] ?? -1]?.type;
    if (type?.kind !== 'func') continue;
    for (const result of type.results) if (missing.delete(longForm(result))) range ??= one;
    if (missing.size === 0 && range !== null) return at(path, 'export', { range, text: `exports functions that give ${types.join(' and ')}` });
  }
  return null;
}

/** `externref` is short for `(ref null extern)`. */
function longForm(type: string): string {
  return type.replace(/^([a-z]+)ref$/, '(ref null $1)');
}

interface PlacedComponent { readonly path: string; readonly component: Component; readonly depth: number }

/** Every component, the outermost first. Iterative: nesting is the input's. */
function components({ component }: Facts): readonly PlacedComponent[] {
  const all: PlacedComponent[] = component === null ? [] : [{ path: '', component, depth: 0 }];
  for (const { path, component: outer, depth } of all) {
    for (const [index, inner] of outer.components.entries()) all.push({ path: path === '' ? `component[${index}]` : `${path}/component[${index}]`, component: inner, depth: depth + 1 });
  }
  return all;
}

function rangeOf({ range: { offset, length } }: Component): ByteRange {
  return { offset, length };
}
