import { DecodeError } from '../wasm/error.ts';
import type { ByteRange, Module } from '../wasm/module.ts';
import { ByteReader } from '../wasm/reader.ts';

/** The most expensive of a module's function bodies. */
export interface CompileCost {
  readonly body: Extreme | null;
  /** Parameters are not counted: the format of types limits them. */
  readonly locals: Extreme | null;
}

export interface Extreme extends ByteRange {
  /** In the function index space. */
  readonly functionIndex: number;
  /** Bytes for bodies, declared locals for locals. */
  readonly amount: number;
}

/** Finds the longest body and the one with the most locals. Counts runs of locals as they are declared, and expands none. */
export function compileCost({ bytes, code, importedFunctions }: Module): CompileCost {
  let body: Extreme | null = null;
  let locals: Extreme | null = null;
  const reader = new ByteReader(bytes);
  for (let index = 0; index < (code?.functions ?? 0); index++) {
    const range = { offset: code!.bodyOffset[index]!, length: code!.bodyLength[index]! };
    const functionIndex = importedFunctions + index;
    if (body === null || range.length > body.amount) body = { ...range, functionIndex, amount: range.length };
    const declared = declaredLocals(reader, range);
    if (declared > (locals?.amount ?? 0)) locals = { ...range, functionIndex, amount: declared };
  }
  return { body, locals };
}

/** Core specification 5.5.13. A body that ends too soon is the decoder's problem, and has the locals read so far. */
function declaredLocals(reader: ByteReader, { offset, length }: ByteRange): number {
  reader.position = offset;
  let total = 0;
  try {
    for (let runs = reader.u32(); runs > 0 && reader.position < offset + length; runs--) {
      total += reader.u32();
      // (ref null heaptype) and (ref heaptype) are followed by the heap type.
      const type = reader.byte();
      if (type === 0x63 || type === 0x64) skipHeapType(reader);
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return total;
}

/** A shared or an exact heap type has a prefix of one byte. */
function skipHeapType(reader: ByteReader): void {
  const next = reader.peek();
  if (next === 0x65 || next === 0x62) reader.byte();
  reader.s33();
}
