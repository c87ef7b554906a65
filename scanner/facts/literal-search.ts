/** Finds many short literals in one pass over bytes. */
export interface LiteralSearch {
  /** Calls back with the literal's number and where it starts, by ascending place of its rarest pair of bytes. */
  readonly search: (bytes: Uint8Array, visit: (literal: number, start: number) => void) => void;
}

/** Two bytes of a literal that stand together, `ahead` bytes from its start. */
interface Probe { readonly literal: number; readonly ahead: number; readonly pair: number }

/**
 * What a pass asks. Each probe belongs to one of 32 groups, a bit each. By pair of bytes the tables tell which groups
 * have a probe of this pair (`here`), one that this pair follows in its literal (`after`), and one that it precedes (`before`).
 * Where a literal has ended or not begun, any byte will do.
 */
interface Tables {
  readonly literals: readonly Uint8Array[];
  readonly here: Int32Array;
  readonly after: Int32Array;
  readonly before: Int32Array;
  /** Groups whose literals end with the pair, or begin with it. */
  readonly anything: { readonly after: number; readonly before: number };
  readonly probes: ReadonlyMap<number, readonly Probe[]>;
}

const PAIRS = 0x10000;
const GROUPS = 32;

/**
 * Prepares a search; its tables are made with the first pass. Each literal must have at least three bytes. A pass looks at every
 * second position only: two neighbouring pairs of each literal are entered, so that one of them is met.
 */
export function prepareSearch(literals: readonly Uint8Array[]): LiteralSearch {
  for (const [literal, { length }] of literals.entries()) {
    if (length < 3) throw new RangeError(`Literal ${literal} has ${length} bytes, at least 3 are needed`);
  }
  let tables: Tables | null = null;
  return { search: (bytes, visit) => run((tables ??= tablesOf(literals)), bytes, visit) };
}

/** ASCII text as bytes, a character each. */
export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function run(tables: Tables, bytes: Uint8Array, visit: (literal: number, start: number) => void): void {
  const { here, after, before, anything } = tables;
  const anyAfter = anything.after;
  const anyBefore = anything.before;
  const last = bytes.length - 3;
  let previous = 0;
  let pair = bytes.length < 2 ? 0 : pairAt(bytes, 0);
  let at = 0;
  for (; at < last; at += 2) {
    const next = bytes[at + 2]! | (bytes[at + 3]! << 8);
    if ((here[pair]! & (after[next]! | anyAfter) & (before[previous]! | anyBefore)) !== 0) compare(tables, { bytes, at, pair }, visit);
    previous = pair;
    pair = next;
  }
  if (at + 1 < bytes.length) compare(tables, { bytes, at, pair }, visit);
}

function compare({ literals, probes }: Tables, { bytes, at, pair }: { readonly bytes: Uint8Array; readonly at: number; readonly pair: number }, visit: (literal: number, start: number) => void): void {
  for (const { literal, ahead } of probes.get(pair) ?? []) {
    if (startsWith(bytes, at - ahead, literals[literal]!)) visit(literal, at - ahead);
  }
}

function startsWith(bytes: Uint8Array, at: number, literal: Uint8Array): boolean {
  if (at < 0 || at + literal.length > bytes.length) return false;
  for (let index = 0; index < literal.length; index++) if (bytes[at + index] !== literal[index]) return false;
  return true;
}

function tablesOf(literals: readonly Uint8Array[]): Tables {
  const probes = literals.flatMap((bytes, literal): Probe[] => {
    const rarest = rarestPair(bytes);
    return [rarest, rarest + 1].map((ahead) => ({ literal, ahead, pair: pairAt(bytes, ahead) }));
  });
  const tables = { literals, here: new Int32Array(PAIRS), after: new Int32Array(PAIRS), before: new Int32Array(PAIRS), probes: Map.groupBy(probes, ({ pair }) => pair) };
  // Those that know as much of their neighbours share groups, and like pairs among them: that lets the least through.
  const known = ({ literal, ahead }: Probe): number => 3 * Math.min(2, ahead) + Math.min(2, literals[literal]!.length - ahead - 2);
  const sorted = probes.toSorted((a, b) => known(a) - known(b) || a.pair - b.pair);
  const anything = { after: 0, before: 0 };
  for (const [index, { literal, ahead, pair }] of sorted.entries()) {
    const group = 1 << Math.floor((index * GROUPS) / sorted.length);
    const bytes = literals[literal]!;
    tables.here[pair]! |= group;
    if (ahead + 2 === bytes.length) anything.after |= group;
    else mark(tables.after, [bytes[ahead + 2]!, bytes[ahead + 3]], group);
    if (ahead === 0) anything.before |= group;
    else mark(tables.before, [bytes[ahead - 2], bytes[ahead - 1]!], group);
  }
  return { ...tables, anything };
}

/** One of the two may be unknown, and stands for all 256. */
function mark(table: Int32Array, [low, high]: readonly [number | undefined, number | undefined], group: number): void {
  const step = low === undefined ? 1 : 0x100;
  const count = low === undefined || high === undefined ? 0x100 : 1;
  for (let index = 0, at = (low ?? 0) | ((high ?? 0) << 8); index < count; index++, at += step) table[at]! |= group;
}

function pairAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

/** The place whose two neighbouring pairs are least common in programs. */
function rarestPair(bytes: Uint8Array): number {
  let best = 0;
  let lowest = Infinity;
  for (let at = 0; at + 2 < bytes.length; at++) {
    const cost = COMMONNESS[bytes[at]!]! * COMMONNESS[bytes[at + 1]!]! + COMMONNESS[bytes[at + 1]!]! * COMMONNESS[bytes[at + 2]!]!;
    if (cost < lowest) [lowest, best] = [cost, at];
  }
  return best;
}

/** Rough weights of bytes in data segments: zeros and small numbers first, then lower-case text. */
const COMMONNESS: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0) return 40;
  if ('etaoinsr'.includes(String.fromCharCode(byte))) return 10;
  if (byte >= 0x61 && byte <= 0x7a) return 5;
  if (byte === 0x20 || byte === 0x2e || byte === 0x5f || byte === 0x2f) return 5;
  if (byte < 0x20) return 6;
  if (byte < 0x7f) return 2;
  return 1.5;
});
