import type { ExternKind, Module } from '../../wasm/module.ts';

/** Indices of what a module exports, by kind, in the order of the list and with repetitions. */
export type Exported = Readonly<Record<Exclude<ExternKind, 'memory'>, Uint32Array>>;

/** Reads no names: there can be 75,000. */
export function exportedIndices({ exports }: Module): Exported {
  return { func: exports.indices('func'), table: exports.indices('table'), global: exports.indices('global'), tag: exports.indices('tag') };
}
