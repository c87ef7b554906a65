/** Scans over runs of bytes that were bounds-checked before. */

/** Whether two runs of the same length hold equal bytes. */
export function sameBytes(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (bytes[a + index] !== bytes[b + index]) return false;
  return true;
}

/** Whether every byte of a run is ASCII, and so needs no UTF-8 check. */
export function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let seen = 0;
  for (let at = start; at < end; at++) seen |= bytes[at]!;
  return seen < 0x80;
}

/** A 32-bit hash of a run from at most some 64 of its bytes, spread evenly; not safe against chosen collisions. FNV-1a, its high bits folded in. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  const step = ((end - start) >> 6) + 1;
  let hash = 0x811c9dc5 ^ (end - start);
  for (let at = end - 1; at >= start; at -= step) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ (hash >>> 15);
}
