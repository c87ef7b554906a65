import type { ExternKind } from '../module.ts';
import { LIMITS } from '../limits.ts';
import { ModuleDraft } from '../module-draft.ts';
import type { ByteReader } from '../reader.ts';
import { EXTERN_KINDS, readFunctionTypeIndex, readGlobalType, readMemoryType, readTableType, readTagType } from '../sections/extern-types.ts';
import { readGroup } from '../sections/types.ts';
import type { ModuleShape } from './model.ts';
import type { Scope } from './scope.ts';

const MODULE_TYPE = 0x50;
const NON_FINAL_SUB_TYPE = 0x00;

interface ModuleDeclarations {
  readonly draft: ModuleDraft;
  readonly imports: { readonly module: string; readonly name: string; readonly kind: ExternKind }[];
  readonly exports: Map<string, ExternKind>;
}

/**
 * One entry of the core type section, added to the core type index space. `50` alone starts a module type here, so a
 * non-final sub type has `00` before it. Component model "Binary.md", core type definitions. Throws DecodeError.
 */
export function readCoreType(reader: ByteReader, scope: Scope): void {
  const start = reader.position;
  if (reader.peek() === MODULE_TYPE) {
    reader.position++;
    addCoreType(reader, scope, readModuleType(reader, scope));
    return;
  }
  if (reader.peek() === NON_FINAL_SUB_TYPE) {
    reader.position++;
    if (reader.peek() !== MODULE_TYPE) reader.fail('invalid-type', 'Malformed core type: byte 0x0 not followed by 0x50', start);
  }
  readGroup(reader, scope.core);
  while (scope.size('core-type') < scope.core.types.length) scope.add(reader, 'core-type', null);
}

/** Appends a core type that is known already: a module type, or null for a plain one. Throws DecodeError. */
export function addCoreType(reader: ByteReader, scope: Scope, type: ModuleShape | null): void {
  scope.add(reader, 'core-type', type);
  addPlaceholder(scope.core, reader.position);
}

/** Keeps the core readers' index space in step; what the type says was judged where it was defined. */
function addPlaceholder(draft: ModuleDraft, offset: number): void {
  draft.types.push({ type: { kind: 'func', params: [], results: [] }, final: true, supertypes: [], shared: false, group: draft.types.length, groupSize: 1, offset, length: 0 });
  draft.typeLimit = draft.types.length;
}

function readModuleType(reader: ByteReader, scope: Scope): ModuleShape {
  const declarations: ModuleDeclarations = { draft: new ModuleDraft(reader.bytes), imports: [], exports: new Map() };
  for (let left = reader.count(LIMITS.componentItems, 'module type declarations'); left > 0; left--) readModuleDeclaration(reader, scope, declarations);
  for (const use of declarations.draft.features.list()) scope.notes.features.add(use.feature, use.offset, use.count);
  return { imports: declarations.imports, exports: declarations.exports, partial: false };
}

function readModuleDeclaration(reader: ByteReader, scope: Scope, { draft, imports, exports }: ModuleDeclarations): void {
  const start = reader.position;
  const code = reader.byte();
  if (code === 0x00) imports.push({ module: reader.name(), name: reader.name(), kind: readDescription(reader, draft) });
  else if (code === 0x01) readGroup(reader, draft);
  else if (code === 0x02) readCoreAlias(reader, scope, draft);
  else if (code === 0x03) {
    const name = reader.name();
    if (exports.has(name)) reader.fail('duplicate-name', 'Duplicate export name in a module type', start);
    exports.set(name, readDescription(reader, draft));
  } else reader.fail('invalid-kind', `Malformed declaration in a module type: byte 0x${code.toString(16)}`, start);
}

/** `10 01 count index`: a core type of an enclosing scope; count 0 is the module type itself. */
function readCoreAlias(reader: ByteReader, scope: Scope, draft: ModuleDraft): void {
  const start = reader.position;
  if (reader.byte() !== 0x10 || reader.byte() !== 0x01) reader.fail('invalid-kind', 'Malformed alias in a module type', start);
  const count = reader.u32();
  const indexAt = reader.position;
  const index = reader.u32();
  let outer: Scope | null = scope;
  for (let left = count; left > 1 && outer; left--) outer = outer.parent;
  if (!outer) return reader.fail('invalid-index', `Outer alias reaches ${count} scopes up: there are not so many`, start);
  const types = count === 0 ? draft.types.length : outer.size('core-type');
  if (index >= types) reader.fail('invalid-index', `Unknown core type ${index}: there are ${types}`, indexAt);
  const type = (count === 0 ? draft : outer.core).types[index]!;
  draft.types.push(type);
  draft.typeLimit = draft.types.length;
}

function readDescription(reader: ByteReader, draft: ModuleDraft): ExternKind {
  const start = reader.position;
  const code = reader.byte();
  const kind = EXTERN_KINDS[code];
  switch (kind) {
    case 'func':
      readFunctionTypeIndex(reader, draft);
      return kind;
    case 'table':
      readTableType(reader, draft);
      return kind;
    case 'memory':
      readMemoryType(reader, draft);
      return kind;
    case 'global':
      readGlobalType(reader, draft);
      return kind;
    case 'tag':
      readTagType(reader, draft);
      return kind;
    default:
      return reader.fail('invalid-kind', `Malformed kind in a module type: byte 0x${code.toString(16)}`, start);
  }
}
