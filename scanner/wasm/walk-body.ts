import { DecodeError } from './error.ts';
import { FeatureTally } from './feature-tally.ts';
import type { Code, Module } from './module.ts';
import { IMMEDIATES, SLOT_IMMEDIATES } from './opcodes.ts';
import { ByteReader } from './reader.ts';
import { readValueType } from './sections/value-types.ts';

/** One instruction. `operand` is the index it names (of a local, label, function, global, type), or -1. */
export type VisitInstruction = (opcode: number, operand: number) => void;

/**
 * Reads one body again, for the few whose instructions matter one by one; the decoder has found it well-formed. Returns false
 * where it uses more than the instructions of the first version of Wasm: then the visits end at the first such instruction.
 */
export function walkBody({ bytes, types }: Pick<Module, 'bytes' | 'types'>, { bodyOffset, bodyLength }: Code, body: number, visit: VisitInstruction): boolean {
  const start = bodyOffset[body]!;
  const reader = new ByteReader(bytes, start, start + bodyLength[body]!);
  const scope = { typeLimit: types.length, features: new FeatureTally() };
  try {
    for (let runs = reader.u32(); runs > 0; runs--) {
      reader.u32();
      readValueType(reader, scope);
    }
    while (!reader.done) {
      const opcode = reader.byte();
      const operand = readOperand(reader, SLOT_IMMEDIATES[opcode]!);
      if (operand === null) return false;
      visit(opcode, operand);
    }
    return true;
  } catch (error) {
    if (error instanceof DecodeError) return false;
    throw error;
  }
}

/** Reads what follows an opcode; null: an instruction that is not read here. */
function readOperand(reader: ByteReader, kind: number): number | null {
  switch (kind) {
    case IMMEDIATES.none: case IMMEDIATES.end: case IMMEDIATES.else:
      return -1;
    case IMMEDIATES.local: case IMMEDIATES.label: case IMMEDIATES.func: case IMMEDIATES.global: case IMMEDIATES.memory:
      return reader.u32();
    case IMMEDIATES.block: case IMMEDIATES.loop: case IMMEDIATES.if:
      return readBlockType(reader);
    case IMMEDIATES['type-table']: {
      const type = reader.u32();
      reader.u32();
      return type;
    }
    case IMMEDIATES['label-table']:
      for (let labels = reader.u32(); labels >= 0; labels--) reader.u32();
      return -1;
    default:
      return readNumber(reader, kind);
  }
}

function readNumber(reader: ByteReader, kind: number): number | null {
  if (kind === IMMEDIATES.i32) reader.s32();
  else if (kind === IMMEDIATES.i64) reader.s64();
  else if (kind === IMMEDIATES.f32) reader.skip(4);
  else if (kind === IMMEDIATES.f64) reader.skip(8);
  else if (kind === IMMEDIATES.memarg) {
    if (reader.u32() >= MEMORY_INDEX) return null;
    reader.u32();
  } else return null;
  return -1;
}

/** Alignments from here on name a memory. */
const MEMORY_INDEX = 0x40;

/** Nothing, one number, or the index of a function type, all as a signed integer of 33 bits; references are left alone. */
function readBlockType(reader: ByteReader): number | null {
  const type = reader.s33();
  return type >= FIRST_NUMBER || type === NOTHING ? type : null;
}

const NOTHING = -0x40;
/** f64, f32, i64 and i32 are -4 to -1. */
const FIRST_NUMBER = -4;
