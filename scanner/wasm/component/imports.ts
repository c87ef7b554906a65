import type { ComponentExport, ComponentImport } from '../component.ts';
import type { ByteReader } from '../reader.ts';
import type { Definition } from './definitions.ts';
import { checkNameFits, readExternName } from './extern-names.ts';
import { summarise } from './functions.ts';
import { itemAt, readSortIndex } from './instances.ts';
import type { ItemType } from './model.ts';
import type { Scope } from './scope.ts';
import { readItemType } from './types.ts';
import { readFlag } from './value-types.ts';

const NOTHING = { functions: [], typeOnly: false, async: false } as const;

/** One entry of the import section. Component model "Binary.md", import and export definitions. Throws DecodeError. */
export function readImport(reader: ByteReader, scope: Scope): { readonly entry: ComponentImport; readonly definition: Definition } {
  const read = readExternName(reader, scope, 'import');
  const item = readItemType(reader, scope);
  checkNameFits(reader, read, item.sort);
  const { name } = read.name;
  scope.importNames.add(reader, name, read.offset);
  scope.imports.set(name, item);
  scope.addItem(reader, item);
  const entry: ComponentImport = { ...read.name, kind: item.sort, ...about(reader, scope, item), offset: read.offset, length: reader.position - read.offset };
  return { entry, definition: { op: 'import', name, item } };
}

/** One entry of the export section, which also gives the item a new index. Throws DecodeError. */
export function readExport(reader: ByteReader, scope: Scope): { readonly entry: ComponentExport; readonly definition: Definition } {
  const read = readExternName(reader, scope, 'export');
  const sortAt = reader.position;
  const { sort, index } = readSortIndex(reader, scope);
  checkNameFits(reader, read, sort);
  const ascribed = readFlag(reader, 'ascribed type') ? readItemType(reader, scope) : null;
  if (ascribed && ascribed.sort !== sort) reader.fail('invalid-type', `Ascribed type is of sort ${ascribed.sort}, the export of sort ${sort}`, sortAt);
  const own = itemAt(scope, sort, index);
  const item = ascribed ?? own;
  if (ascribed) scope.notes.resources.pair(reader, scope.notes.budget, ascribed, own);
  const { name } = read.name;
  scope.exportNames.add(reader, name, read.offset);
  scope.exports.set(name, item);
  scope.addItem(reader, item);
  const { functions } = about(reader, scope, item);
  const entry: ComponentExport = { ...read.name, kind: sort, index, functions, offset: read.offset, length: reader.position - read.offset };
  return { entry, definition: { op: 'export', name, sort, index } };
}

function about(reader: ByteReader, scope: Scope, item: ItemType): Pick<ComponentImport, 'functions' | 'typeOnly' | 'async'> {
  if (item.sort === 'instance') return summarise(reader, item.type, scope.notes.budget);
  return item.sort === 'func' ? { ...NOTHING, async: item.type.async } : NOTHING;
}
