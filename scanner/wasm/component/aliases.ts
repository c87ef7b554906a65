import type { ComponentSort } from '../component.ts';
import type { ByteReader } from '../reader.ts';
import { addCoreType } from './core-types.ts';
import type { Definition } from './definitions.ts';
import { unknownItem } from './model.ts';
import { readItem, type Scope } from './scope.ts';
import { CORE_ITEM_SORTS, readSort } from './sorts.ts';

const OUTER_SORTS: readonly ComponentSort[] = ['core-module', 'core-type', 'type', 'component'];
const DECLARED_SORTS: readonly ComponentSort[] = ['core-type', 'type'];

/** One entry of the alias section. Component model "Binary.md", alias definitions. Throws DecodeError. */
export function readAlias(reader: ByteReader, scope: Scope): Definition {
  const sort = readSort(reader);
  const start = reader.position;
  const target = reader.byte();
  switch (target) {
    case 0x00:
      return readExportAlias(reader, scope, sort);
    case 0x01:
      return readCoreExportAlias(reader, scope, sort);
    case 0x02:
      return readOuterAlias(reader, scope, { sort, allowed: OUTER_SORTS });
    default:
      return reader.fail('invalid-kind', `Malformed alias target: byte 0x${target.toString(16)}`, start);
  }
}

/** An alias inside a component or instance type: an exported type or instance, or a type of an enclosing scope. Throws DecodeError. */
export function readTypeAlias(reader: ByteReader, scope: Scope): void {
  const start = reader.position;
  const sort = readSort(reader);
  const target = reader.byte();
  if (target === 0x00 && (sort === 'type' || sort === 'instance')) readExportAlias(reader, scope, sort);
  else if (target === 0x02) readOuterAlias(reader, scope, { sort, allowed: DECLARED_SORTS });
  else reader.fail('invalid-kind', `Malformed alias in a type: sort ${sort}, target 0x${target.toString(16)}`, start);
}

function readExportAlias(reader: ByteReader, scope: Scope, sort: ComponentSort): Definition {
  const start = reader.position;
  const { index, item } = readItem(reader, scope, 'instance');
  const name = reader.name();
  const found = item.exports.get(name) ?? (item.partial ? unknownItem(sort) : null);
  if (!found) return reader.fail('invalid-index', `Instance ${index} has no export of that name`, start);
  if (found.sort !== sort) reader.fail('invalid-index', `Export of instance ${index} is of sort ${found.sort}, not ${sort}`, start);
  scope.addItem(reader, found);
  return { op: 'alias-export', sort, instance: index, name };
}

function readCoreExportAlias(reader: ByteReader, scope: Scope, sort: ComponentSort): Definition {
  const start = reader.position;
  if (!CORE_ITEM_SORTS.includes(sort)) reader.fail('invalid-kind', `Malformed alias of a core export: sort ${sort}`, start - 1);
  const { index, item } = readItem(reader, scope, 'core-instance');
  const name = reader.name();
  const found = item.exports.get(name) ?? (item.partial ? sort : null);
  if (found === null) return reader.fail('invalid-index', `Core instance ${index} has no export of that name`, start);
  if (found !== sort) reader.fail('invalid-index', `Export of core instance ${index} is of sort ${found}, not ${sort}`, start);
  scope.add(reader, sort, null);
  return { op: 'alias-core-export', sort, instance: index, name };
}

function readOuterAlias(reader: ByteReader, scope: Scope, { sort, allowed }: { sort: ComponentSort; allowed: readonly ComponentSort[] }): Definition {
  const start = reader.position;
  if (!allowed.includes(sort)) reader.fail('invalid-kind', `Malformed outer alias: sort ${sort}`, start - 1);
  const count = reader.u32();
  let outer: Scope | null = scope;
  for (let left = count; left > 0 && outer; left--) outer = outer.parent;
  if (!outer) return reader.fail('invalid-index', `Outer alias reaches ${count} scopes up: there are not so many`, start);
  const { index } = readItem(reader, outer, sort);
  if (sort === 'core-type') addCoreType(reader, scope, outer.at('core-type', index));
  else scope.add(reader, sort, outer.at(sort, index));
  return { op: 'alias-outer', sort, count, index };
}
