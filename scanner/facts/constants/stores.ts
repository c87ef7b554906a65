import { IMAGE, type Value } from './values.ts';

/** Bytes that the stores from i32.store on write. */
export const STORE_WIDTH = [4, 8, 4, 8, 1, 2, 1, 2, 4];

/** A value put into memory, and how many bytes of it. */
export interface Stored { readonly at: Value; readonly value: Value; readonly width: number }

/** Stretches of constant addresses that stores copy to one place, as pairs of address and length. */
export function copiedRuns(stores: readonly Stored[]): readonly (readonly [number, number])[] {
  const copies = stores.filter(({ value }) => value.base === IMAGE).sort((a, b) => a.value.offset - b.value.offset);
  const runs: { address: number; end: number; base: number; delta: number }[] = [];
  for (const { at, value, width } of copies) {
    const delta = at.offset - value.offset;
    const run = runs.at(-1);
    if (run !== undefined && run.base === at.base && run.delta === delta && value.offset <= run.end) run.end = Math.max(run.end, value.offset + width);
    else runs.push({ address: value.offset, end: value.offset + width, base: at.base, delta });
  }
  return runs.map(({ address, end }) => [address, end - address] as const);
}

/** Values that stand side by side in memory: an address and a length, maybe. */
export function pairsOf(stores: readonly Stored[]): readonly (readonly [Value, Value])[] {
  return stores.flatMap(({ at, value, width }) => {
    const next = stores.findLast((other) => other.at.base === at.base && other.at.offset === at.offset + width && other.width === width);
    return next === undefined ? [] : [[value, next.value] as const];
  });
}
