import { LIMITS } from '../limits.ts';
import type { CompositeType, DefinedType, StructType } from '../module.ts';
import type { ModuleDraft } from '../module-draft.ts';
import type { ByteReader } from '../reader.ts';
import { readTypeIndex, readValueType } from './value-types.ts';

const NONE: readonly never[] = [];

/** The type section: recursion groups of sub types. Core specification 5.3.10 to 5.3.12. */
export function readTypeSection(reader: ByteReader, draft: ModuleDraft): void {
  const groups = reader.count(LIMITS.types, 'types');
  for (let index = 0; index < groups; index++) readGroup(reader, draft);
}

/** One entry of the section; also a core type in a component. */
export function readGroup(reader: ByteReader, draft: ModuleDraft): void {
  const start = reader.position;
  let size = 1;
  if (reader.peek() === 0x4e) {
    reader.position++;
    draft.features.add('gc', start);
    size = reader.count(LIMITS.types, 'types of a recursion group');
  }
  const group = draft.types.length;
  if (group + size > LIMITS.types) reader.fail('limit-exceeded', `Too many types: more than ${LIMITS.types}`, start);
  draft.typeLimit = group + size;
  for (let index = 0; index < size; index++) draft.types.push(readSubType(reader, draft, { group, groupSize: size }));
}

function readSubType(reader: ByteReader, draft: ModuleDraft, group: { group: number; groupSize: number }): DefinedType {
  const offset = reader.position;
  const code = reader.peek();
  let supertypes: readonly number[] = NONE;
  if (code === 0x50 || code === 0x4f) {
    reader.position++;
    draft.features.add('gc', offset);
    supertypes = readSupertypes(reader, draft);
  }
  const shared = readPrefixes(reader, draft);
  const type = readCompositeType(reader, draft);
  return { type, final: code !== 0x50, supertypes, shared, ...group, offset, length: reader.position - offset };
}

function readSupertypes(reader: ByteReader, draft: ModuleDraft): readonly number[] {
  const count = reader.count(LIMITS.types, 'supertypes');
  const supertypes: number[] = [];
  for (let index = 0; index < count; index++) supertypes.push(readTypeIndex(reader, draft));
  return supertypes;
}

/** `shared`, `describes` and `descriptor`, in this order, before a composite type. */
function readPrefixes(reader: ByteReader, draft: ModuleDraft): boolean {
  const shared = reader.peek() === 0x65;
  if (shared) draft.features.add('shared-everything-threads', reader.position++);
  for (const prefix of [0x4c, 0x4d]) {
    if (reader.peek() !== prefix) continue;
    draft.features.add('custom-descriptors', reader.position++);
    readTypeIndex(reader, draft);
  }
  return shared;
}

function readCompositeType(reader: ByteReader, draft: ModuleDraft): CompositeType {
  const start = reader.position;
  const code = reader.byte();
  switch (code) {
    case 0x60: {
      const params = readResultType(reader, draft);
      const resultsAt = reader.position;
      const results = readResultType(reader, draft);
      if (results.length > 1) draft.features.add('multi-value', resultsAt);
      return { kind: 'func', params, results };
    }
    case 0x5f:
      draft.features.add('gc', start);
      return readStruct(reader, draft);
    case 0x5e: {
      draft.features.add('gc', start);
      const { type: element, mutable } = readField(reader, draft);
      return { kind: 'array', element, mutable };
    }
    case 0x5d:
      draft.features.add('stack-switching', start);
      return { kind: 'cont', type: readContinuation(reader, draft) };
    default:
      return reader.fail('invalid-type', `Malformed definition type: byte 0x${code.toString(16)}`, start);
  }
}

function readResultType(reader: ByteReader, draft: ModuleDraft): readonly string[] {
  const count = reader.count(LIMITS.valueTypes, 'value types');
  if (count === 0) return NONE;
  const types: string[] = [];
  for (let index = 0; index < count; index++) types.push(readValueType(reader, draft));
  return types;
}

function readStruct(reader: ByteReader, draft: ModuleDraft): StructType {
  const count = reader.count(LIMITS.structFields, 'struct fields');
  const fields: { type: string; mutable: boolean }[] = [];
  for (let index = 0; index < count; index++) fields.push(readField(reader, draft));
  return { kind: 'struct', fields };
}

function readField(reader: ByteReader, draft: ModuleDraft): { type: string; mutable: boolean } {
  const packed = reader.peek() === 0x78 ? 'i8' : reader.peek() === 0x77 ? 'i16' : null;
  if (packed) reader.position++;
  const type = packed ?? readValueType(reader, draft);
  const flagAt = reader.position;
  const flag = reader.byte();
  if (flag > 1) reader.fail('invalid-flags', `Malformed mutability: byte 0x${flag.toString(16)}`, flagAt);
  return { type, mutable: flag === 1 };
}

function readContinuation(reader: ByteReader, draft: ModuleDraft): number {
  const start = reader.position;
  const index = reader.s33();
  if (index < 0) reader.fail('invalid-type', 'Malformed continuation type', start);
  if (index >= draft.typeLimit) reader.fail('invalid-index', `Unknown type ${index}: there are ${draft.typeLimit}`, start);
  return index;
}
