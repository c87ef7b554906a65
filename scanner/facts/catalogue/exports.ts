import { matchesGlob, matchesVersion } from './glob.ts';
import { exportRows, type ExportRow } from './rows.ts';

/** Names anybody may export: their rows count only for an ABI recognised in the binary. */
const COMMON = new Set(['_start', '_initialize', 'memory', 'builtins', 'entrypoints', 'allocate', 'deallocate', 'plugin_*', 'compile-src', 'initialize-runtime', 'javy.*', 'handle_request', 'handle_response', 'handle-http-request', 'handle-redis-message']);

interface Index {
  readonly names: Map<string, ExportRow[]>;
  /** Rows with a wildcard, most literal first. */
  readonly patterns: readonly ExportRow[];
  /** First two characters of all rows as one number: nearly every export is dismissed by them. */
  readonly starts: ReadonlySet<number>;
}

/** What an exported name says, or null: most exports say nothing. */
export function classifyExport(name: string, abis: ReadonlySet<string>): { readonly abi: string; readonly capability: string } | null {
  const { names, patterns, starts } = load();
  if (!starts.has(startOf(name))) return null;
  const applies = (row: ExportRow): boolean => abis.has(row.abi) || !COMMON.has(row.name);
  return names.get(name)?.find(applies) ?? patterns.find((row) => applies(row) && matches(row.name, name)) ?? null;
}

function startOf(name: string): number {
  return name.length < 2 ? -1 : (name.charCodeAt(0) << 16) | name.charCodeAt(1);
}

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
  return { names, patterns, starts: new Set(rows.map(({ name }) => startOf(name))) };
}
