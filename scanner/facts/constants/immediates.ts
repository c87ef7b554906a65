import { IMMEDIATES, SLOT_IMMEDIATES } from '../../wasm/opcodes.ts';
import type { ByteReader } from '../../wasm/reader.ts';
import { MISC_IMMEDIATES } from './effects.ts';

/** The number that follows an alignment, and maybe a memory, in a load or store. */
export function memoryOffset(reader: ByteReader): number {
  if (reader.u32() >= 0x40) reader.u32();
  return reader.u64();
}

/** Passes what follows an opcode of one byte; throws DecodeError at instructions that are not followed. Core specification 5.4. */
export function skipImmediates(reader: ByteReader, op: number): void {
  switch (SLOT_IMMEDIATES[op]!) {
    case IMMEDIATES.none: case IMMEDIATES.end: case IMMEDIATES.else: case IMMEDIATES['catch-all']: return;
    case IMMEDIATES.local: case IMMEDIATES.label: case IMMEDIATES.func: case IMMEDIATES.global: case IMMEDIATES.memory: case IMMEDIATES.table: case IMMEDIATES['func-reference']:
    case IMMEDIATES.tag: case IMMEDIATES.catch: case IMMEDIATES.delegate:
      reader.u32();
      return;
    case IMMEDIATES['type-table']:
      reader.u32();
      reader.u32();
      return;
    case IMMEDIATES['value-types']: case IMMEDIATES['label-table']:
      return skipList(reader, op);
    case IMMEDIATES.block: case IMMEDIATES.loop: case IMMEDIATES.if: case IMMEDIATES.try: case IMMEDIATES['heap-type']: {
      const type = reader.s33();
      if (op !== 0xd0 && (type === -0x1c || type === -0x1d)) reader.s33();
      return;
    }
    default:
      skipNumber(reader, op);
  }
}

function skipList(reader: ByteReader, op: number): void {
  for (let left = reader.u32() + (op === 0x0e ? 1 : 0); left > 0; left--) if (op === 0x0e) reader.u32(); else reader.s33();
}

function skipNumber(reader: ByteReader, op: number): void {
  if (op === 0x41) reader.s32();
  else if (op === 0x42) reader.s64();
  else if (op === 0x43) reader.skip(4);
  else if (op === 0x44) reader.skip(8);
  else if (op >= 0x28 && op <= 0x3e) memoryOffset(reader);
  else if (op === 0xfc) skipMisc(reader);
  else if (op === 0xfd || op === 0xfe) skipWide(reader, op, reader.u32());
  else reader.fail('unknown-encoding', 'Not followed');
}

function skipMisc(reader: ByteReader): void {
  const sub = reader.u32();
  if (sub >= MISC_IMMEDIATES.length) reader.fail('unknown-encoding', 'Not followed');
  for (let left = MISC_IMMEDIATES[sub]!; left > 0; left--) reader.u32();
}

/** Immediates of vector and atomic instructions. */
export function skipWide(reader: ByteReader, op: number, sub: number): void {
  if (op === 0xfe) {
    if (sub === 3) reader.byte();
    else memoryOffset(reader);
  } else if (sub <= 11 || (sub >= 84 && sub <= 93)) {
    memoryOffset(reader);
    if (sub >= 84 && sub <= 91) reader.byte();
  } else if (sub === 12 || sub === 13) reader.skip(16);
  else if (sub >= 21 && sub <= 34) reader.byte();
}
