import type { ByteRange, Module } from '../wasm/module.ts';

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

/** Finds the longest body and the one with the most locals, the first of them where there are several. */
export function compileCost({ code, importedFunctions }: Module): CompileCost {
  if (code === null) return { body: null, locals: null };
  const extreme = (body: number, amount: number): Extreme => ({ functionIndex: importedFunctions + body, amount, offset: code.bodyOffset[body]!, length: code.bodyLength[body]! });
  const longest = longestOf(code.bodyLength);
  return {
    body: longest < 0 ? null : extreme(longest, code.bodyLength[longest]!),
    locals: code.mostLocals && extreme(code.mostLocals.body, code.mostLocals.locals),
  };
}

/** -1 where there are none. */
function longestOf(lengths: Uint32Array): number {
  let longest = lengths.length === 0 ? -1 : 0;
  for (let body = 1; body < lengths.length; body++) if (lengths[body]! > lengths[longest]!) longest = body;
  return longest;
}
