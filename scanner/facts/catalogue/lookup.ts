import { literalLength, matchesGlob, matchesVersion } from './glob.ts';
import { importRows, type Row } from './rows.ts';

/** A row that matched. */
export interface Hit {
  readonly row: Row;
  /** Length of the literal text of the row's name; a whole name counts as longest. */
  readonly weight: number;
}

/** Says how much a row counts here, which depends on the ABIs recognised: 0 not at all; of two equal rows the higher wins, then the first. */
export type Rank = (row: Row) => number;

/** Rows of one module pattern. */
interface Group {
  readonly module: string;
  readonly weight: number;
  readonly names: Map<string, Row[]>;
  /** By the text in front of the `*`. */
  readonly beginnings: Map<string, Row[]>;
  /** Lengths of those texts, longest first. */
  lengths: number[];
}

interface Catalogue {
  readonly modules: Map<string, Group>;
  /** Interfaces of which only the version is left open, by their name up to the `@`. */
  readonly interfaces: Map<string, Group[]>;
  /** The other patterns, by the text in front of the first `*`. */
  readonly patterns: Map<string, Group[]>;
  /** Lengths of those texts by their first character, longest first. */
  readonly lengths: Map<string, number[]>;
}

const WHOLE_NAME = 1 << 20;

/**
 * The row that says most about an import: the most literal module pattern that has a row which applies, and there the most
 * literal name. Null when nothing applies. A few hash look-ups: the module's groups are kept for the next import of it.
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
    for (const rows of [...group.names.values(), ...group.beginnings.values()]) {
      const found = best(rows, rank);
      if (found) return found.abi;
    }
  }
  return null;
}

/** Rows that name exactly this import. */
export function exactRows(module: string, name: string): readonly Row[] {
  return load().modules.get(module)?.names.get(name) ?? [];
}

function findName(group: Group, name: string, rank: Rank): Hit | null {
  const whole = best(group.names.get(name), rank);
  if (whole) return { row: whole, weight: WHOLE_NAME };
  for (const length of group.lengths) {
    const row = length <= name.length ? best(group.beginnings.get(name.slice(0, length)), rank) : null;
    if (row) return { row, weight: length };
  }
  return null;
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

let lastModule = '';
let lastGroups: readonly Group[] | null = null;

/** Imports of one module stand together, so that remembering one module saves nearly every search. */
function groupsOf(module: string): readonly Group[] {
  if (lastGroups !== null && lastModule === module) return lastGroups;
  lastModule = module;
  lastGroups = searchGroups(load(), module);
  return lastGroups;
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
  for (const length of lengthsFor(catalogue, module)) {
    for (const group of catalogue.patterns.get(module.slice(0, length)) ?? []) if (matchesGlob(group.module, module)) found.push(group);
  }
  return found.sort((a, b) => b.weight - a.weight);
}

function* lengthsFor({ lengths }: Catalogue, module: string): Generator<number> {
  for (const length of lengths.get(module.slice(0, 1)) ?? []) if (length <= module.length) yield length;
  yield 0;
}

let loaded: Catalogue | null = null;

function load(): Catalogue {
  return (loaded ??= build());
}

function build(): Catalogue {
  const groups = new Map<string, Group>();
  for (const row of importRows()) addRow(groups, row);
  const catalogue: Catalogue = { modules: new Map(), interfaces: new Map(), patterns: new Map(), lengths: new Map() };
  for (const group of groups.values()) {
    group.lengths = descending([...group.beginnings.keys()].map((text) => text.length));
    addGroup(catalogue, group);
  }
  for (const [first, texts] of Map.groupBy(catalogue.patterns.keys(), (text) => text.slice(0, 1))) {
    if (first !== '') catalogue.lengths.set(first, descending(texts.map((text) => text.length)));
  }
  return catalogue;
}

function addRow(groups: Map<string, Group>, row: Row): void {
  let group = groups.get(row.module);
  if (!group) {
    group = { module: row.module, weight: literalLength(row.module), names: new Map(), beginnings: new Map(), lengths: [] };
    groups.set(row.module, group);
  }
  if (row.name.endsWith('*')) push(group.beginnings, row.name.slice(0, -1), row);
  else push(group.names, row.name, row);
}

function addGroup({ modules, interfaces, patterns }: Catalogue, group: Group): void {
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

function descending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => b - a);
}
