/** Round constants, FIPS 180-4 section 4.2.2: fractional parts of the cube roots of the first 64 primes. */
const K = new Uint32Array(64);
/** Initial hash value, section 5.3.3: of the square roots of the first eight. */
const INITIAL = new Uint32Array(8);
{
  let count = 0;
  for (let candidate = 2; count < 64; candidate++) {
    if (!isPrime(candidate)) continue;
    if (count < 8) INITIAL[count] = fraction(Math.sqrt(candidate));
    K[count++] = fraction(Math.cbrt(candidate));
  }
}

/** SHA-256 as 64 lower-case hexadecimal digits. For short inputs: artifacts are hashed by the shell that reads them. */
export function sha256Hex(bytes: Uint8Array): string {
  const state = INITIAL.slice();
  const padded = pad(bytes);
  const schedule = new Uint32Array(64);
  for (let at = 0; at < padded.length; at += 64) compress(state, schedule, padded.subarray(at, at + 64));
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
}

function pad(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(((bytes.length + 8) >> 6 << 6) + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x2000_0000));
  view.setUint32(padded.length - 4, bytes.length << 3);
  return padded;
}

function compress(state: Uint32Array, schedule: Uint32Array, block: Uint8Array): void {
  for (let index = 0; index < 16; index++) schedule[index] = (block[4 * index]! << 24) | (block[4 * index + 1]! << 16) | (block[4 * index + 2]! << 8) | block[4 * index + 3]!;
  for (let index = 16; index < 64; index++) {
    const w15 = schedule[index - 15]!;
    const w2 = schedule[index - 2]!;
    const s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
    const s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
    schedule[index] = schedule[index - 16]! + s0 + schedule[index - 7]! + s1;
  }
  const v = state.slice();
  for (let index = 0; index < 64; index++) {
    const [a, b, c, d, e, f, g, h] = v as unknown as [number, number, number, number, number, number, number, number];
    const t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + K[index]! + schedule[index]!;
    const t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    v.set([t1 + t2, a, b, c, d + t1, e, f, g]);
  }
  for (let index = 0; index < 8; index++) state[index]! += v[index]!;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false;
  return true;
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}
