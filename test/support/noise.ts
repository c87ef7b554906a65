/** Bytes that look random and are the same each time (xorshift32). */
export function noise(length: number, seed = 0x9e3779b9): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 11;
  });
}
