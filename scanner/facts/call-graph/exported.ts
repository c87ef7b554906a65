import type { ExternKind, Module } from '../../wasm/module.ts';

/** Indices of what a module exports, by kind, in the order of the list and with repetitions. */
export type Exported = Readonly<Record<ExternKind, readonly number[]>>;

/** One pass over the exports, of which there can be 75,000. */
export function exportedIndices({ exports }: Module): Exported {
  const exported: Record<ExternKind, number[]> = { func: [], table: [], memory: [], global: [], tag: [] };
  for (const { kind, index } of exports) exported[kind].push(index);
  return exported;
}
