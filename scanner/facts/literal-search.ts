/** Finds many short literals in one pass over bytes. */
export interface LiteralSearch {
  /** Calls back with the literal's number and where it starts, by ascending place of its rarest pair of bytes. */
  readonly search: (bytes: Uint8Array, visit: (literal: number, start: number) => void) => void;
}

/** Two bytes of a literal that stand together, `ahead` bytes from its start. */
interface Probe { readonly literal: number; readonly ahead: number; readonly pair: number }

/**
 * What a pass asks. Each probe belongs to one of 32 groups, a bit each. By pair of bytes (in `after` the first is the upper half of the index, else the lower) the tables tell which groups
 * have a probe of this pair (`here`), one that this pair follows in its literal (`after`), and one that it precedes (`before`).
 * Where a literal has ended or not begun, any byte will do.
 */
interface Tables {
  readonly literals: readonly Uint8Array[];
  readonly here: Int32Array;
  readonly after: Int32Array;
  readonly before: Int32Array;
  /** Groups whose literals end with the pair, or begin with it. */
  readonly anything: { after: number; before: number };
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
  const last = bytes.length - 3;
  let at = nextPlace(tables, bytes, 0);
  for (; at < last; at = nextPlace(tables, bytes, at + 2)) compare(tables, bytes, at, visit);
  if (at + 1 < bytes.length) compare(tables, bytes, at, visit);
}

/**
 * The next even place from `from` on where a literal may be, or the first one too near to the end to tell. A function of its own,
 * because a compiler that has seen the loop turn has seen all of it, and never has to begin again.
 */
function nextPlace({ here, after, before, anything }: Tables, bytes: Uint8Array, from: number): number {
  const last = bytes.length - 3;
  const anyAfter = anything.after;
  const anyBefore = anything.before;
  let at = from;
  if (at >= last) return at;
  let previous = at === 0 ? 0 : pairAt(bytes, at - 2);
  let pair = pairAt(bytes, at);
  for (; at < last; at += 2) {
    const low = bytes[at + 2]!;
    const high = bytes[at + 3]!;
    if ((here[pair]! & (after[(low << 8) | high]! | anyAfter) & (before[previous]! | anyBefore)) !== 0) break;
    previous = pair;
    pair = low | (high << 8);
  }
  return at;
}

function compare({ literals, probes }: Tables, bytes: Uint8Array, at: number, visit: (literal: number, start: number) => void): void {
  for (const { literal, ahead } of probes.get(pairAt(bytes, at)) ?? []) {
    if (startsWith(bytes, at - ahead, literals[literal]!)) visit(literal, at - ahead);
  }
}

function startsWith(bytes: Uint8Array, at: number, literal: Uint8Array): boolean {
  if (at < 0 || at + literal.length > bytes.length) return false;
  for (let index = 0; index < literal.length; index++) if (bytes[at + index] !== literal[index]) return false;
  return true;
}

function tablesOf(literals: readonly Uint8Array[]): Tables {
  const probes = probesOf(literals);
  const tables = { literals, here: new Int32Array(PAIRS), after: new Int32Array(PAIRS), before: new Int32Array(PAIRS), anything: { after: 0, before: 0 }, probes: byPair(probes) };
  const grouped = groupsOf(probes, literals);
  // Where one byte is known there are 256 pairs: they are written first, a row of the table at once.
  const rows = { after: new Int32Array(0x100), before: new Int32Array(0x100) };
  for (const { literal, ahead, group } of grouped) {
    const bytes = literals[literal]!;
    if (ahead + 3 === bytes.length) rows.after[bytes[ahead + 2]!]! |= group;
    if (ahead === 1) rows.before[bytes[0]!]! |= group;
  }
  for (let byte = 0; byte < 0x100; byte++) {
    if (rows.after[byte] !== 0) tables.after.fill(rows.after[byte]!, byte << 8, (byte + 1) << 8);
    if (rows.before[byte] !== 0) tables.before.fill(rows.before[byte]!, byte << 8, (byte + 1) << 8);
  }
  for (const probe of grouped) enter(tables, probe);
  return tables;
}

interface GroupedProbe extends Probe { readonly group: number }

function enter({ literals, here, after, before, anything }: Tables, { literal, ahead, pair, group }: GroupedProbe): void {
  const bytes = literals[literal]!;
  here[pair]! |= group;
  if (ahead + 2 === bytes.length) anything.after |= group;
  else if (ahead + 3 < bytes.length) after[(bytes[ahead + 2]! << 8) | bytes[ahead + 3]!]! |= group;
  if (ahead === 0) anything.before |= group;
  else if (ahead > 1) before[pairAt(bytes, ahead - 2)]! |= group;
}

/** Two for each literal, in order. */
function probesOf(literals: readonly Uint8Array[]): Probe[] {
  const probes: Probe[] = [];
  for (const [literal, bytes] of literals.entries()) {
    const rarest = rarestPair(bytes);
    probes.push({ literal, ahead: rarest, pair: pairAt(bytes, rarest) }, { literal, ahead: rarest + 1, pair: pairAt(bytes, rarest + 1) });
  }
  return probes;
}

function byPair(probes: readonly Probe[]): Map<number, Probe[]> {
  const pairs = new Map<number, Probe[]>();
  for (const probe of probes) {
    const known = pairs.get(probe.pair);
    if (known) known.push(probe);
    else pairs.set(probe.pair, [probe]);
  }
  return pairs;
}

/** Those that know as much of their neighbours share groups, and like pairs among them: that lets the least through. */
function groupsOf(probes: readonly Probe[], literals: readonly Uint8Array[]): GroupedProbe[] {
  const order = new Float64Array(probes.length);
  for (const [index, { literal, ahead, pair }] of probes.entries()) {
    const known = 3 * Math.min(2, ahead) + Math.min(2, literals[literal]!.length - ahead - 2);
    order[index] = (known * PAIRS + pair) * probes.length + index;
  }
  return Array.from(order.sort(), (key, index) => ({ ...probes[key % probes.length]!, group: 1 << Math.floor((index * GROUPS) / probes.length) }));
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
    if (cost >= lowest) continue;
    lowest = cost;
    best = at;
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
