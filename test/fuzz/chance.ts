/** A small, fast generator of numbers from 0 to 2^32 - 1: the same seed gives the same inputs. */
export type Chance = () => number;

/** Chance for one input of a run, so that any input can be made again without those before it (xorshift32 over a mixed seed). */
export function chanceFor(seed: number, index: number): Chance {
  // Zero is no valid state.
  let state = mix(mix(seed) ^ index) || 0x9e37_79b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

/** Neighbouring seeds and indices must not give similar numbers (finaliser of MurmurHash3). */
function mix(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
