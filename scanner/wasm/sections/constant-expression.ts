import type { ConstantValue } from '../module.ts';
import type { ModuleDraft } from '../module-draft.ts';
import type { ByteReader } from '../reader.ts';
import { PREFIX_SLOTS, slotOf } from '../opcodes.ts';
import { readHeapType, readIndex, readTypeIndex } from './value-types.ts';

const OTHER: ConstantValue = { kind: 'other' };
const NULL: ConstantValue = { kind: 'null' };
const END = 0x0b;
const GC = PREFIX_SLOTS[0xfb];
const SIMD = PREFIX_SLOTS[0xfd];

/**
 * A constant expression up to and with its `end`. Of a single constant the value is returned, anything longer is
 * `other`. Instructions that are not constant are refused. Core specification 3.4.13.
 */
export function readConstantExpression(reader: ByteReader, draft: ModuleDraft): ConstantValue {
  let value = OTHER;
  for (let count = 0; ; count++) {
    const done = reader.peek() === END;
    if (done && count === 1) {
      reader.position++;
      return value;
    }
    if (value.kind === 'func') draft.constantReferences.add(value.index);
    if (done) {
      reader.position++;
      return OTHER;
    }
    value = readInstruction(reader, draft);
  }
}

/** A constant expression whose one value is a function reference or null, as in element segments: its index, -1 for null, -2 for anything else. */
export function readFunctionExpression(reader: ByteReader, draft: ModuleDraft): number {
  const value = readConstantExpression(reader, draft);
  return value.kind === 'func' ? value.index : value.kind === 'null' ? -1 : -2;
}

function readInstruction(reader: ByteReader, draft: ModuleDraft): ConstantValue {
  const start = reader.position;
  const opcode = reader.byte();
  switch (opcode) {
    case 0x41:
      return { kind: 'i32', value: BigInt(reader.s32()) };
    case 0x42:
      return { kind: 'i64', value: reader.s64() };
    case 0x43:
      reader.skip(4);
      return OTHER;
    case 0x44:
      reader.skip(8);
      return OTHER;
    case 0x23:
      return { kind: 'global', index: readIndex(reader, draft.globalCount, 'global') };
    case 0xd0:
      draft.features.add('reference-types', start);
      readHeapType(reader, draft);
      return NULL;
    case 0xd2:
      draft.features.add('reference-types', start);
      return { kind: 'func', index: readIndex(reader, draft.functionCount, 'function') };
    case 0x6a: case 0x6b: case 0x6c: case 0x7c: case 0x7d: case 0x7e:
      draft.features.add('extended-const', start);
      return OTHER;
    case 0xfb: case 0xfc: case 0xfd: case 0xfe:
      readPrefixed(reader, draft, opcode);
      return OTHER;
    default:
      return refuse(reader, opcode, start);
  }
}

function readPrefixed(reader: ByteReader, draft: ModuleDraft, prefix: 0xfb | 0xfc | 0xfd | 0xfe): void {
  const start = reader.position - 1;
  const slot = slotOf(prefix, reader.u32());
  switch (slot) {
    case SIMD + 0x0c:
      draft.features.add('simd', start);
      reader.skip(16);
      return;
    case GC + 0x00: case GC + 0x01: case GC + 0x06: case GC + 0x07: // struct.new and array.new, with and without values
      draft.features.add('gc', start);
      readTypeIndex(reader, draft);
      return;
    case GC + 0x08: // array.new_fixed
      draft.features.add('gc', start);
      readTypeIndex(reader, draft);
      reader.u32();
      return;
    case GC + 0x1a: case GC + 0x1b: case GC + 0x1c: // conversions and ref.i31
      draft.features.add('gc', start);
      return;
    case GC + 0x20: case GC + 0x21: // struct.new_desc
      draft.features.add('custom-descriptors', start);
      readTypeIndex(reader, draft);
      return;
    case GC + 0x1f: case PREFIX_SLOTS[0xfe] + 0x72: // ref.i31_shared, in both encodings of the draft
      draft.features.add('shared-everything-threads', start);
      return;
    default:
      refuse(reader, prefix, start);
  }
}

function refuse(reader: ByteReader, opcode: number, start: number): never {
  return reader.fail('invalid-constant', `Constant expression required: opcode 0x${opcode.toString(16)} is not constant`, start);
}
