/** Finds many short literals in one pass over bytes. */
export interface LiteralSearch {
  /** Calls back with the literal's number and where it starts, by ascending place of its rarest pair of bytes. */
  readonly search: (bytes: Uint8Array, visit: (literal: number, start: number) => void) => void;
}

interface Probe { readonly literal: number; /** Bytes from the start of the literal to the pair. */ readonly ahead: number }

/**
 * Prepares a search. Each literal must have at least three bytes. The pass looks at every second position only, and asks a
 * table of 65,536 flags whether the pair of bytes there belongs to a literal; two neighbouring pairs of each are entered.
 */
export function prepareSearch(literals: readonly Uint8Array[]): LiteralSearch {
  const flags = new Uint8Array(0x10000);
  const probes = new Map<number, Probe[]>();
  for (const [literal, bytes] of literals.entries()) {
    if (bytes.length < 3) throw new RangeError(`Literal ${literal} has ${bytes.length} bytes, at least 3 are needed`);
    const rarest = rarestPair(bytes);
    for (const ahead of [rarest, rarest + 1]) {
      const pair = pairAt(bytes, ahead);
      flags[pair] = 1;
      const known = probes.get(pair);
      if (known) known.push({ literal, ahead });
      else probes.set(pair, [{ literal, ahead }]);
    }
  }
  return { search: (bytes, visit) => run({ literals, flags, probes }, bytes, visit) };
}

/** ASCII text as bytes, a character each. */
export function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

interface Prepared { readonly literals: readonly Uint8Array[]; readonly flags: Uint8Array; readonly probes: ReadonlyMap<number, readonly Probe[]> }

function run({ literals, flags, probes }: Prepared, bytes: Uint8Array, visit: (literal: number, start: number) => void): void {
  const last = bytes.length - 1;
  for (let at = 0; at < last; at += 2) {
    const pair = bytes[at]! | (bytes[at + 1]! << 8);
    if (flags[pair] === 0) continue;
    for (const { literal, ahead } of probes.get(pair)!) {
      if (startsWith(bytes, at - ahead, literals[literal]!)) visit(literal, at - ahead);
    }
  }
}

function startsWith(bytes: Uint8Array, at: number, literal: Uint8Array): boolean {
  if (at < 0 || at + literal.length > bytes.length) return false;
  for (let index = 0; index < literal.length; index++) if (bytes[at + index] !== literal[index]) return false;
  return true;
}

function pairAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

/** The place whose two neighbouring pairs are least common in programs. */
function rarestPair(bytes: Uint8Array): number {
  let best = 0;
  let lowest = Infinity;
  for (let at = 0; at + 2 < bytes.length; at++) {
    const cost = commonness(bytes[at]!) * commonness(bytes[at + 1]!) + commonness(bytes[at + 1]!) * commonness(bytes[at + 2]!);
    if (cost < lowest) [lowest, best] = [cost, at];
  }
  return best;
}

/** Rough weights of bytes in data segments: zeros and small numbers first, then lower-case text. */
function commonness(byte: number): number {
  if (byte === 0) return 40;
  if ('etaoinsr'.includes(String.fromCharCode(byte))) return 10;
  if (byte >= 0x61 && byte <= 0x7a) return 5;
  if (byte === 0x20 || byte === 0x2e || byte === 0x5f || byte === 0x2f) return 5;
  if (byte < 0x20) return 6;
  if (byte < 0x7f) return 2;
  return 1.5;
}
