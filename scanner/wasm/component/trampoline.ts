import type { Module } from '../module.ts';
import { ByteReader } from '../reader.ts';

const LOCAL_GET = 0x20;
const I32_CONST = 0x41;
const CALL_INDIRECT = 0x11;
const RETURN_CALL_INDIRECT = 0x13;
const END = 0x0b;

/** Where a trampoline jumps: a constant slot of a table. */
export interface Slot { readonly table: number; readonly slot: number }

/**
 * Recognises a function that passes all its parameters on to a constant slot of a table and does nothing else, as the
 * shims of component tools do. `index` counts over imported and defined functions. null: any other body.
 */
export function readTrampoline(module: Module, index: number): Slot | null {
  const body = index - module.importedFunctions;
  const typeIndex = module.functionTypes[index];
  if (!module.code || body < 0 || body >= module.code.functions || typeIndex === undefined) return null;
  const type = module.types[typeIndex]?.type;
  if (type?.kind !== 'func') return null;
  const start = module.code.bodyOffset[body]!;
  const reader = new ByteReader(module.bytes, start, start + module.code.bodyLength[body]!);
  // No locals, then the parameters in order.
  if (reader.u32() !== 0) return null;
  for (let local = 0; local < type.params.length; local++) if (reader.byte() !== LOCAL_GET || reader.u32() !== local) return null;
  return readJump(reader, typeIndex);
}

function readJump(reader: ByteReader, typeIndex: number): Slot | null {
  if (reader.byte() !== I32_CONST) return null;
  const slot = reader.s32();
  const call = reader.byte();
  if ((call !== CALL_INDIRECT && call !== RETURN_CALL_INDIRECT) || reader.u32() !== typeIndex) return null;
  const table = reader.u32();
  return reader.byte() === END && reader.done && slot >= 0 ? { table, slot } : null;
}
