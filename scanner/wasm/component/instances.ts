import type { ComponentSort } from '../component.ts';
import { LIMITS } from '../limits.ts';
import type { ByteReader } from '../reader.ts';
import type { Definition, NamedItem } from './definitions.ts';
import { checkNameFits, readExternName } from './extern-names.ts';
import { type ComponentType, type CoreInstanceShape, type ItemType, type ModuleShape, SORT_OF_KIND } from './model.ts';
import { readItem, type Scope, UniqueNames } from './scope.ts';
import { CORE_ITEM_SORTS, ITEM_SORTS, readCoreSort, readSort } from './sorts.ts';
import { deeper } from './value-types.ts';

const CORE_INSTANCE = 0x12;

/** One entry of the core instance section. Component model "Binary.md", instance definitions. Throws DecodeError. */
export function readCoreInstance(reader: ByteReader, scope: Scope): Definition {
  const start = reader.position;
  const code = reader.byte();
  if (code === 0x00) return readCoreInstantiation(reader, scope);
  if (code === 0x01) return readCoreBag(reader, scope);
  return reader.fail('invalid-kind', `Malformed core instance: byte 0x${code.toString(16)}`, start);
}

/** One entry of the instance section. Throws DecodeError. */
export function readInstance(reader: ByteReader, scope: Scope): Definition {
  const start = reader.position;
  const code = reader.byte();
  if (code === 0x00) return readInstantiation(reader, scope);
  if (code === 0x01) return readBag(reader, scope);
  return reader.fail('invalid-kind', `Malformed instance: byte 0x${code.toString(16)}`, start);
}

function readCoreInstantiation(reader: ByteReader, scope: Scope): Definition {
  const start = reader.position;
  const { index: module, item: shape } = readItem(reader, scope, 'core-module');
  const args: NamedItem[] = [];
  const given = new Map<string, CoreInstanceShape>();
  for (let left = reader.count(LIMITS.componentItems, 'instantiation arguments'); left > 0; left--) {
    const argAt = reader.position;
    const name = reader.name();
    const kindAt = reader.position;
    if (reader.byte() !== CORE_INSTANCE) reader.fail('invalid-kind', 'Malformed instantiation argument: only core instances can be given', kindAt);
    if (given.has(name)) reader.fail('duplicate-name', 'Duplicate name of an instantiation argument', argAt);
    const { index, item } = readItem(reader, scope, 'core-instance');
    given.set(name, item);
    args.push({ name, sort: 'core-instance', index });
  }
  matchCoreImports(reader, scope, { shape, given, start });
  scope.add(reader, 'core-instance', { exports: new KindsAsSorts(shape.exports), partial: shape.partial });
  return { op: 'core-instantiate', module, args };
}

/** Every import must be given, of its kind: what is missing here could not be followed later. */
function matchCoreImports(reader: ByteReader, { notes }: Scope, about: { shape: ModuleShape; given: ReadonlyMap<string, CoreInstanceShape>; start: number }): void {
  for (const { module, name, kind } of about.shape.imports) {
    notes.budget.spend(reader);
    const instance = about.given.get(module);
    if (!instance) reader.fail('invalid-index', `No instantiation argument "${module.slice(0, 100)}", which the module imports from`, about.start);
    else if (!instance.partial && instance.exports.get(name) !== SORT_OF_KIND[kind]) {
      reader.fail('invalid-index', `Instantiation argument "${module.slice(0, 100)}" has no ${kind} "${name.slice(0, 100)}"`, about.start);
    }
  }
}

function readCoreBag(reader: ByteReader, scope: Scope): Definition {
  const exports: NamedItem[] = [];
  const kinds = new Map<string, ComponentSort>();
  for (let left = reader.count(LIMITS.componentItems, 'exports of a core instance'); left > 0; left--) {
    const start = reader.position;
    const name = reader.name();
    const sort = readCoreSort(reader);
    if (!CORE_ITEM_SORTS.includes(sort)) reader.fail('invalid-kind', `Malformed export of a core instance: sort ${sort}`, start);
    if (kinds.has(name)) reader.fail('duplicate-name', 'Duplicate export name in a core instance', start);
    kinds.set(name, sort);
    exports.push({ name, sort, index: readItem(reader, scope, sort).index });
  }
  scope.add(reader, 'core-instance', { exports: kinds, partial: false });
  return { op: 'core-bag', exports };
}

function readInstantiation(reader: ByteReader, scope: Scope): Definition {
  const start = reader.position;
  const { index: component, item: type } = readItem(reader, scope, 'component');
  const args: NamedItem[] = [];
  const given = new Map<string, ComponentSort>();
  for (let left = reader.count(LIMITS.componentItems, 'instantiation arguments'); left > 0; left--) {
    const argAt = reader.position;
    const name = reader.name();
    if (given.has(name)) reader.fail('duplicate-name', 'Duplicate name of an instantiation argument', argAt);
    const { sort, index } = readSortIndex(reader, scope);
    given.set(name, sort);
    args.push({ name, sort, index });
    const declared = type.imports.get(name);
    if (declared) scope.notes.resources.pair(reader, scope.notes.budget, declared, itemAt(scope, sort, index));
  }
  matchImports(reader, scope, { type, given, start });
  scope.add(reader, 'instance', { kind: 'instance', depth: type.depth, exports: type.exports, partial: type.partial });
  return { op: 'instantiate', component, args };
}

function matchImports(reader: ByteReader, { notes }: Scope, about: { type: ComponentType; given: ReadonlyMap<string, ComponentSort>; start: number }): void {
  for (const [name, { sort }] of about.type.imports) {
    notes.budget.spend(reader);
    if (about.given.get(name) !== sort) reader.fail('invalid-index', `No instantiation argument "${name.slice(0, 100)}" of sort ${sort}, which the component imports`, about.start);
  }
}

function readBag(reader: ByteReader, scope: Scope): Definition {
  const items: NamedItem[] = [];
  const exports = new Map<string, ItemType>();
  const names = new UniqueNames('export');
  let depth = 0;
  for (let left = reader.count(LIMITS.componentItems, 'exports of an instance'); left > 0; left--) {
    const name = readExternName(reader, scope, 'export');
    const { sort, index } = readSortIndex(reader, scope);
    checkNameFits(reader, name, sort);
    names.add(reader, name.name.name, name.offset);
    const item = itemAt(scope, sort, index);
    if (item.type && 'depth' in item.type) depth = Math.max(depth, item.type.depth);
    exports.set(name.name.name, item);
    items.push({ name: name.name.name, sort, index });
  }
  scope.add(reader, 'instance', { kind: 'instance', depth: deeper(reader, { depth }, reader.position), exports, partial: false });
  return { op: 'bag', exports: items };
}

/** A sort that can be imported or exported, and an index of it. Throws DecodeError. */
export function readSortIndex(reader: ByteReader, scope: Scope): { sort: ComponentSort; index: number } {
  const start = reader.position;
  const sort = readSort(reader);
  if (!ITEM_SORTS.includes(sort)) reader.fail('invalid-kind', `Malformed item: sort ${sort} can be neither imported nor exported`, start);
  return { sort, index: readItem(reader, scope, sort).index };
}

/** What an index space keeps of an item, as the type of an export. */
export function itemAt(scope: Scope, sort: ComponentSort, index: number): ItemType {
  return { sort, type: scope.at(sort, index) } as ItemType;
}

/** A module's exports, whose kinds are read as sorts; made without copying, since one module can be instantiated often. */
class KindsAsSorts {
  readonly #exports: ModuleShape['exports'];

  constructor(exports: ModuleShape['exports']) {
    this.#exports = exports;
  }

  get(name: string): ComponentSort | undefined {
    const kind = this.#exports.get(name);
    return kind && SORT_OF_KIND[kind];
  }
}
