import type { ExternKind, GlobalType, Limits, MemoryType, TableType, TagType } from '../module.ts';
import type { ModuleDraft } from '../module-draft.ts';
import type { ByteReader } from '../reader.ts';
import { readElementType, readTypeIndex, readValueType } from './value-types.ts';

/** By the byte of imports and exports. */
export const EXTERN_KINDS: readonly ExternKind[] = ['func', 'table', 'memory', 'global', 'tag'];

const MAXIMUM = 1;
const SHARED = 2;
const INDEX_64 = 4;
const PAGE_SIZE = 8;
const ORDINARY_PAGE = 65_536;

/** A memory type: limits, and with custom page sizes the page. Core specification 5.3.14. */
export function readMemoryType(reader: ByteReader, draft: ModuleDraft): MemoryType {
  const start = reader.position;
  const flags = readFlags(reader, MAXIMUM | SHARED | INDEX_64 | PAGE_SIZE);
  const limits = readLimits(reader, flags);
  if (flags & SHARED) draft.features.add('threads', start);
  if (flags & INDEX_64) draft.features.add('memory64', start);
  if ((flags & PAGE_SIZE) === 0) return { ...limits, pageSize: ORDINARY_PAGE };
  draft.features.add('custom-page-sizes', start);
  const sizeAt = reader.position;
  const exponent = reader.u32();
  if (exponent !== 0 && exponent !== 16) reader.fail('invalid-flags', `Invalid custom page size: 2^${exponent} bytes`, sizeAt);
  return { ...limits, pageSize: 2 ** exponent };
}

/** A table type. Core specification 5.3.15. */
export function readTableType(reader: ByteReader, draft: ModuleDraft): TableType {
  const element = readElementType(reader, draft);
  const start = reader.position;
  const flags = readFlags(reader, MAXIMUM | SHARED | INDEX_64);
  if (flags & SHARED) draft.features.add('shared-everything-threads', start);
  if (flags & INDEX_64) draft.features.add('memory64', start);
  return { element, ...readLimits(reader, flags) };
}

/** A global type: value type and flags. Core specification 5.3.16. */
export function readGlobalType(reader: ByteReader, draft: ModuleDraft): GlobalType {
  const type = readValueType(reader, draft);
  const start = reader.position;
  const flags = reader.byte();
  if (flags > 3) reader.fail('invalid-flags', `Malformed mutability: byte 0x${flags.toString(16)}`, start);
  if (flags & SHARED) draft.features.add('shared-everything-threads', start);
  return { type, mutable: (flags & 1) === 1, shared: (flags & SHARED) !== 0 };
}

/** A tag type: attribute zero and the type of its values. Core specification 5.3.17. */
export function readTagType(reader: ByteReader, draft: ModuleDraft): TagType {
  const start = reader.position;
  const attribute = reader.byte();
  if (attribute !== 0) reader.fail('invalid-flags', `Malformed tag attribute: byte 0x${attribute.toString(16)}`, start);
  draft.features.add('exceptions', start);
  return { typeIndex: readFunctionTypeIndex(reader, draft) };
}

/** The index of a function type. */
export function readFunctionTypeIndex(reader: ByteReader, draft: ModuleDraft): number {
  const start = reader.position;
  const index = readTypeIndex(reader, draft);
  if (draft.types[index]!.type.kind !== 'func') reader.fail('invalid-index', `Type ${index} is not a function type`, start);
  return index;
}

function readFlags(reader: ByteReader, known: number): number {
  const start = reader.position;
  const flags = reader.byte();
  if (flags & ~known) reader.fail('invalid-flags', `Malformed limits flags: byte 0x${flags.toString(16)}`, start);
  return flags;
}

function readLimits(reader: ByteReader, flags: number): Limits {
  const minimum = readBound(reader, flags);
  const maximum = flags & MAXIMUM ? readBound(reader, flags) : null;
  return { minimum, maximum, shared: (flags & SHARED) !== 0, index64: (flags & INDEX_64) !== 0 };
}

/** Bounds are 64-bit integers in the grammar of 3.0, also where larger ones than 32 bits are then refused. */
function readBound(reader: ByteReader, flags: number): number {
  const start = reader.position;
  const bound = reader.u64();
  if ((flags & INDEX_64) === 0 && bound > 0xffff_ffff) reader.fail('leb-too-large', `Limit too large for a 32-bit index: ${bound}`, start);
  return bound;
}
