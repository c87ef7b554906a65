import { matchesGlob, matchesVersion } from './glob.ts';
import { exportRows, type ExportRow } from './rows.ts';

/** Names anybody may export: their rows count only for an ABI recognised in the binary. */
const COMMON = new Set(['memory', 'builtins', 'entrypoints', 'allocate', 'deallocate', 'plugin_*', 'compile-src', 'initialize-runtime', 'javy.*', 'handle_request', 'handle_response', 'handle-http-request', 'handle-redis-message']);

interface Index {
  readonly names: Map<string, ExportRow[]>;
  /** Rows with a wildcard, most literal first. */
  readonly patterns: readonly ExportRow[];
  /** First characters of the patterns: nearly every export is dismissed by its first character and this. */
  readonly starts: ReadonlySet<string>;
}

/** What an exported name says, or null: most exports say nothing. */
export function classifyExport(name: string, abis: ReadonlySet<string>): { readonly abi: string; readonly capability: string } | null {
  const { names, patterns, starts } = load();
  const applies = (row: ExportRow): boolean => abis.has(row.abi) || !COMMON.has(row.name);
  const exact = names.get(name)?.find(applies);
  if (exact) return exact;
  if (!starts.has(name.slice(0, START))) return null;
  return patterns.find((row) => applies(row) && matches(row.name, name)) ?? null;
}

/** Characters of a pattern that are looked up before it is tried. */
const START = 4;

function matches(pattern: string, name: string): boolean {
  const at = pattern.indexOf('@');
  if (at < 0) return matchesGlob(pattern, name);
  const found = name.indexOf('@');
  const path = found < 0 ? name : name.slice(0, found);
  return path === pattern.slice(0, at) && matchesVersion(pattern.slice(at + 1), found < 0 ? '' : name.slice(found + 1));
}

let loaded: Index | null = null;

function load(): Index {
  return (loaded ??= build());
}

function build(): Index {
  const rows = [...exportRows()];
  const patterns = rows.filter(({ name }) => name.includes('*')).sort((a, b) => b.name.length - a.name.length);
  const names = Map.groupBy(rows.filter(({ name }) => !name.includes('*')), ({ name }) => name);
  return { names, patterns, starts: new Set(patterns.map(({ name }) => name.slice(0, START))) };
}
