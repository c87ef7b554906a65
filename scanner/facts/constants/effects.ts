/*
 * How many operands instructions take and leave, where nothing else about them matters to a search for constants. Core
 * specification 5.4.
 */

/** Operands taken times 4, plus operands left. */
export type Effect = number;
const effect = (takes: number, leaves: number): Effect => takes * 4 + leaves;

/** By opcode of one byte; 255: more than that has to be known. */
export const EFFECTS = new Uint8Array(256).fill(255);
const set = (first: number, last: number, value: Effect): void => { EFFECTS.fill(value, first, last + 1); };
set(0x01, 0x01, effect(0, 0));
set(0x1a, 0x1a, effect(1, 0));
set(0x25, 0x25, effect(1, 1));
set(0x26, 0x26, effect(2, 0));
set(0x28, 0x35, effect(1, 1));
set(0x3f, 0x3f, effect(0, 1));
set(0x40, 0x40, effect(1, 1));
set(0x43, 0x44, effect(0, 1));
for (const [first, last] of [[0x45, 0x45], [0x50, 0x50], [0x67, 0x69], [0x79, 0x7b], [0x8b, 0x91], [0x99, 0x9f], [0xa7, 0xbf], [0xc0, 0xc4], [0xd1, 0xd1]] as const) set(first, last, effect(1, 1));
for (const [first, last] of [[0x46, 0x4f], [0x51, 0x66], [0x6a, 0x78], [0x7c, 0x8a], [0x92, 0x98], [0xa0, 0xa6]] as const) set(first, last, effect(2, 1));
set(0xd2, 0xd2, effect(0, 1));

/** By number after the prefix FC: conversions, then memory and tables. */
export const MISC_EFFECTS: readonly Effect[] = [
  ...Array.from({ length: 8 }, () => effect(1, 1)),
  effect(3, 0), effect(0, 0), effect(3, 0), effect(3, 0), effect(3, 0), effect(0, 0), effect(3, 0), effect(2, 1), effect(0, 1), effect(3, 0),
];

/** Immediates of the same, in numbers of unsigned integers. */
export const MISC_IMMEDIATES: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];

/** By number after the prefix FE: wait, notify, loads, stores, operations on one place. Threads proposal. */
export function atomicEffect(sub: number): Effect {
  if (sub === 0x03) return effect(0, 0);
  if (sub === 0x01 || sub === 0x02 || sub >= 0x48) return effect(3, 1);
  if (sub >= 0x10 && sub <= 0x16) return effect(1, 1);
  return sub >= 0x17 && sub <= 0x1d ? effect(2, 0) : effect(2, 1);
}

/** By number after the prefix FD; null: the operands before it are forgotten. */
export function vectorEffect(sub: number): Effect | null {
  if (sub <= 10 || sub === 92 || sub === 93 || (sub >= 15 && sub <= 20)) return effect(1, 1);
  if (sub === 11 || (sub >= 88 && sub <= 91)) return effect(2, 0);
  if (sub === 12) return effect(0, 1);
  return sub === 13 || (sub >= 84 && sub <= 87) ? effect(2, 1) : null;
}
