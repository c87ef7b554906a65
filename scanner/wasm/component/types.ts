import { LIMITS } from '../limits.ts';
import type { ByteReader } from '../reader.ts';
import { readTypeAlias } from './aliases.ts';
import { readCoreType } from './core-types.ts';
import { checkNameFits, readExternName } from './extern-names.ts';
import type { ComponentType, FunctionNode, InstanceType, ItemType, ResourceType, TypeNode } from './model.ts';
import { readItem, Scope } from './scope.ts';
import { deeper, type Depth, readDefinedValueType, readFlag, readLabelled, readValueType } from './value-types.ts';

/** Core functions that the component model calls on its own: destructors. */
export type NoteCall = (coreFunction: number) => void;

const RESOURCE = 0x3f;
const FUNCTION = 0x40;
const ASYNC_FUNCTION = 0x43;
const COMPONENT = 0x41;
const INSTANCE = 0x42;
const I32 = 0x7f;
const I64 = 0x7e;

/** One entry of the type section, added to the type index space. Component model "Binary.md", type definitions. Throws DecodeError. */
export function readType(reader: ByteReader, scope: Scope, noteCall: NoteCall): void {
  scope.add(reader, 'type', readTypeNode(reader, scope, noteCall));
}

/** An extern type: what an import or an ascribed export is. Throws DecodeError. */
export function readItemType(reader: ByteReader, scope: Scope): ItemType {
  const start = reader.position;
  const code = reader.byte();
  switch (code) {
    case 0x00:
      return readModuleItem(reader, scope, start);
    case 0x01:
      return { sort: 'func', type: readTypeOfKind(reader, scope, 'func') };
    case 0x02:
      return readValueItem(reader, scope, start);
    case 0x03:
      return { sort: 'type', type: readFlag(reader, 'type bound') ? { kind: 'resource', depth: 0 } : readItem(reader, scope, 'type').item };
    case 0x04:
      return { sort: 'component', type: readTypeOfKind(reader, scope, 'component') };
    case 0x05:
      return { sort: 'instance', type: readTypeOfKind(reader, scope, 'instance') };
    default:
      return reader.fail('invalid-kind', `Malformed kind of an import or export: byte 0x${code.toString(16)}`, start);
  }
}

/** The index of a type of one kind. Throws DecodeError. */
export function readTypeOfKind<K extends TypeNode['kind']>(reader: ByteReader, scope: Scope, kind: K): Extract<TypeNode, { kind: K }> {
  const start = reader.position;
  const { index, item } = readItem(reader, scope, 'type');
  if (item.kind === 'unknown') return unknownOfKind(kind) as Extract<TypeNode, { kind: K }>;
  if (item.kind !== kind) reader.fail('invalid-type', `Type ${index} is of kind ${item.kind}, not ${kind}`, start);
  return item as Extract<TypeNode, { kind: K }>;
}

function unknownOfKind(kind: TypeNode['kind']): TypeNode {
  if (kind === 'func') return { kind, depth: 0, async: false, holders: [] };
  if (kind === 'instance') return { kind, depth: 0, exports: new Map(), partial: true };
  return { kind: 'component', depth: 0, imports: new Map(), exports: new Map(), partial: true };
}

function readTypeNode(reader: ByteReader, scope: Scope, noteCall: NoteCall): TypeNode {
  const start = reader.position;
  const defined = readDefinedValueType(reader, scope);
  if (defined) return defined;
  const code = reader.byte();
  switch (code) {
    case RESOURCE:
      return readResource(reader, scope, noteCall);
    case FUNCTION:
    case ASYNC_FUNCTION:
      return readFunction(reader, scope, code);
    case COMPONENT:
    case INSTANCE:
      return readDeclarations(reader, scope, code);
    default:
      return reader.fail('invalid-type', `Malformed defined type: byte 0x${code.toString(16)}`, start);
  }
}

function readResource(reader: ByteReader, scope: Scope, noteCall: NoteCall): ResourceType {
  const start = reader.position;
  if (scope.declaration) reader.fail('invalid-type', 'A resource type can only be defined in a component itself', start - 1);
  const representation = reader.byte();
  if (representation === I64) scope.notes.features.add('component-memory64', start);
  else if (representation !== I32) reader.fail('invalid-type', `Malformed resource representation: byte 0x${representation.toString(16)}`, start);
  if (readFlag(reader, 'destructor')) noteCall(readItem(reader, scope, 'core-func').index);
  return { kind: 'resource', depth: 0 };
}

function readFunction(reader: ByteReader, scope: Scope, code: number): FunctionNode {
  const start = reader.position - 1;
  const isAsync = code === ASYNC_FUNCTION;
  if (isAsync) scope.notes.features.add('component-async', start);
  const into: Depth = { depth: 0 };
  readLabelled(reader, { what: 'parameter', least: 0 }, () => readValueType(reader, scope, into));
  const resultAt = reader.position;
  const form = reader.byte();
  if (form === 0x00) readValueType(reader, scope, into);
  else if (form !== 0x01 || reader.byte() !== 0x00) reader.fail('invalid-type', 'Malformed results of a function type', resultAt);
  return { kind: 'func', async: isAsync, depth: deeper(reader, into, start), holders: into.holders ?? [] };
}

/** The body of a component or instance type: declarations with index spaces of their own. */
function readDeclarations(reader: ByteReader, outer: Scope, code: number): ComponentType | InstanceType {
  const start = reader.position - 1;
  const kind = code === COMPONENT ? 'component' : 'instance';
  const scope = new Scope(outer.notes, outer, 'declaration');
  // Nesting is held against the limit on the way in too, because this function calls itself.
  const level = levelOf(scope);
  deeper(reader, { depth: level - 1 }, start);
  const into: Depth = { depth: 0 };
  for (let left = reader.count(LIMITS.componentItems, 'type declarations'); left > 0; left--) readDeclaration(reader, scope, { kind, into });
  scope.close();
  const depth = deeper(reader, into, start);
  if (kind === 'instance') return { kind, depth, exports: scope.exports, partial: false };
  return { kind, depth, imports: scope.imports, exports: scope.exports, partial: false };
}

function levelOf(scope: Scope): number {
  let level = 0;
  for (let at: Scope | null = scope; at?.declaration; at = at.parent) level++;
  return level;
}

function readDeclaration(reader: ByteReader, scope: Scope, { kind, into }: { kind: 'component' | 'instance'; into: Depth }): void {
  const start = reader.position;
  const code = reader.byte();
  if (code === 0x00) readCoreType(reader, scope);
  else if (code === 0x01) {
    readType(reader, scope, () => {});
    into.depth = Math.max(into.depth, scope.at('type', scope.size('type') - 1).depth);
  } else if (code === 0x02) readTypeAlias(reader, scope);
  else if (code === 0x04) readDeclared(reader, scope, { side: 'export', into });
  else if (code === 0x03 && kind === 'component') readDeclared(reader, scope, { side: 'import', into });
  else reader.fail('invalid-kind', `Malformed declaration in a type of kind ${kind}: byte 0x${code.toString(16)}`, start);
}

function readDeclared(reader: ByteReader, scope: Scope, { side, into }: { side: 'import' | 'export'; into: Depth }): void {
  const name = readExternName(reader, scope, side);
  const item = readItemType(reader, scope);
  checkNameFits(reader, name, item.sort);
  scope[side === 'import' ? 'importNames' : 'exportNames'].add(reader, name.name.name, name.offset);
  scope[side === 'import' ? 'imports' : 'exports'].set(name.name.name, item);
  scope.addItem(reader, item);
  if (item.type && 'depth' in item.type) into.depth = Math.max(into.depth, item.type.depth);
}

function readModuleItem(reader: ByteReader, scope: Scope, start: number): ItemType {
  if (reader.byte() !== 0x11) reader.fail('invalid-kind', 'Malformed kind of an import or export: byte 0x0 not followed by 0x11', start);
  const indexAt = reader.position;
  const { index, item } = readItem(reader, scope, 'core-type');
  if (!item) return reader.fail('invalid-type', `Core type ${index} is not a module type`, indexAt);
  return { sort: 'core-module', type: item };
}

/**
 * A value import is `02` and a value type as tools write it. The text of the specification puts a bound first (`00`
 * and a value index, `01` and a value type), but no tool ever wrote that form.
 */
function readValueItem(reader: ByteReader, scope: Scope, start: number): ItemType {
  scope.notes.features.add('component-values', start);
  readValueType(reader, scope, { depth: 0 });
  return { sort: 'value', type: null };
}
