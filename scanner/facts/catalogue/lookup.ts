import { literalLength, matchesGlob, matchesVersion } from './glob.ts';
import { rowGroups, rowsOf, type Row, type RowGroup } from './rows.ts';

/** A row that matched. */
export interface Hit {
  readonly row: Row;
  /** Length of the literal text of the row's name; a whole name counts as longest. */
  readonly weight: number;
}

/** Says how much a row counts here, which depends on the ABIs recognised: 0 not at all; of two equal rows the higher wins, then the first. */
export type Rank = (row: Row) => number;

/** Names of one module pattern. */
interface Names {
  readonly whole: ReadonlyMap<string, readonly Row[]>;
  /** By the text in front of the `*`. */
  readonly beginnings: ReadonlyMap<string, readonly Row[]>;
  /** Lengths of those texts by their first character, longest first. */
  readonly lengths: ReadonlyMap<string, readonly number[]>;
}

/** Rows of one module pattern; its names are laid out when it is first imported from. */
class Group {
  readonly module: string;
  readonly weight: number;
  readonly #parts: readonly RowGroup[];
  #names: Names | null = null;

  constructor(module: string, parts: readonly RowGroup[]) {
    this.module = module;
    this.weight = literalLength(module);
    this.#parts = parts;
  }

  get names(): Names {
    return (this.#names ??= layOut(this.#parts));
  }
}

function layOut(parts: readonly RowGroup[]): Names {
  const whole = new Map<string, Row[]>();
  const beginnings = new Map<string, Row[]>();
  for (const row of parts.flatMap((part) => [...rowsOf(part)])) {
    if (row.name.endsWith('*')) push(beginnings, row.name.slice(0, -1), row);
    else push(whole, row.name, row);
  }
  return { whole, beginnings, lengths: lengthsByStart(beginnings.keys()) };
}

interface Catalogue {
  readonly modules: Map<string, Group>;
  /** Interfaces of which only the version is left open, by their name up to the `@`. */
  readonly interfaces: Map<string, Group[]>;
  /** The other patterns, by the text in front of the first `*`. */
  readonly patterns: Map<string, Group[]>;
  /** Lengths of those texts by their first character, longest first. */
  readonly lengths: ReadonlyMap<string, readonly number[]>;
}

const WHOLE_NAME = 1 << 20;

/**
 * The row that says most about an import: the most literal module pattern that has a row which applies, and there the most
 * literal name. Null when nothing applies. A few hash look-ups: the module's groups are kept for its other imports.
 */
export function findRow(module: string, name: string, rank: Rank): Hit | null {
  for (const group of groupsOf(module)) {
    const hit = findName(group, name, rank);
    if (hit) return hit;
  }
  return null;
}

/** ABI of the module's most literal rows that apply, whatever the name; null where there are none. */
export function moduleAbi(module: string, rank: Rank): string | null {
  for (const group of groupsOf(module)) {
    for (const rows of [...group.names.whole.values(), ...group.names.beginnings.values()]) {
      const found = best(rows, rank);
      if (found) return found.abi;
    }
  }
  return null;
}

/** Rows that name exactly this import. */
export function exactRows(module: string, name: string): readonly Row[] {
  return load().modules.get(module)?.names.whole.get(name) ?? [];
}

function findName({ names: { whole: names, beginnings, lengths } }: Group, name: string, rank: Rank): Hit | null {
  const whole = best(names.get(name), rank);
  if (whole) return { row: whole, weight: WHOLE_NAME };
  for (const length of lengths.get(name.charAt(0)) ?? []) {
    const row = length <= name.length ? best(beginnings.get(name.slice(0, length)), rank) : null;
    if (row) return { row, weight: length };
  }
  const any = best(beginnings.get(''), rank);
  return any ? { row: any, weight: 0 } : null;
}

function best(rows: readonly Row[] | undefined, rank: Rank): Row | null {
  let found: Row | null = null;
  let highest = 0;
  for (const row of rows ?? []) {
    const own = rank(row);
    if (own > highest) [found, highest] = [row, own];
  }
  return found;
}

/** Module names whose groups are remembered. A binary has some dozens; a hostile one must not fill the memory. */
const REMEMBERED = 64;
const remembered = new Map<string, readonly Group[]>();

function groupsOf(module: string): readonly Group[] {
  const known = remembered.get(module);
  if (known) return known;
  if (remembered.size >= REMEMBERED) remembered.clear();
  const found = searchGroups(load(), module);
  remembered.set(module, found);
  return found;
}

function searchGroups(catalogue: Catalogue, module: string): Group[] {
  const found: Group[] = [];
  const exact = catalogue.modules.get(module);
  if (exact) found.push(exact);
  const at = module.indexOf('@');
  const version = at < 0 ? '' : module.slice(at + 1);
  for (const group of catalogue.interfaces.get(at < 0 ? module : module.slice(0, at)) ?? []) {
    if (matchesVersion(group.module.slice(group.module.indexOf('@') + 1), version)) found.push(group);
  }
  for (const length of [...(catalogue.lengths.get(module.charAt(0)) ?? []), 0]) {
    if (length > module.length) continue;
    for (const group of catalogue.patterns.get(module.slice(0, length)) ?? []) if (matchesGlob(group.module, module)) found.push(group);
  }
  return found.sort((a, b) => b.weight - a.weight);
}

let loaded: Catalogue | null = null;

function load(): Catalogue {
  return (loaded ??= build());
}

function build(): Catalogue {
  const catalogue = { modules: new Map<string, Group>(), interfaces: new Map<string, Group[]>(), patterns: new Map<string, Group[]>() };
  for (const [module, parts] of Map.groupBy(rowGroups(), (part) => part.module)) addGroup(catalogue, new Group(module, parts));
  return { ...catalogue, lengths: lengthsByStart(catalogue.patterns.keys()) };
}

function addGroup({ modules, interfaces, patterns }: Pick<Catalogue, 'modules' | 'interfaces' | 'patterns'>, group: Group): void {
  const { module } = group;
  const star = module.indexOf('*');
  const at = module.indexOf('@');
  if (star < 0) modules.set(module, group);
  else if (at >= 0 && at < star) push(interfaces, module.slice(0, at), group);
  else push(patterns, module.slice(0, star), group);
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** The empty text has no first character and is tried last by whoever asks. */
function lengthsByStart(texts: Iterable<string>): Map<string, readonly number[]> {
  const lengths = new Map<string, readonly number[]>();
  for (const [first, some] of Map.groupBy(texts, (text) => text.charAt(0))) {
    if (first !== '') lengths.set(first, [...new Set(some.map((text) => text.length))].sort((a, b) => b - a));
  }
  return lengths;
}
