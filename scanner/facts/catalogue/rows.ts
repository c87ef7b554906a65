import type { Risk } from '../facts.ts';
import { EXPORT_ROWS, IMPORT_ROWS } from './data.ts';

/** One row of the catalogue: a pattern of an import, and what it lets a guest do. */
export interface Row {
  /** `generic` for the fallback rows. */
  readonly abi: string;
  /** `*` stands for any run of characters. */
  readonly module: string;
  /** A name, or the beginning of one and `*`. */
  readonly name: string;
  readonly capability: string;
  readonly risk: Risk;
  readonly note: string | null;
}

/** One row for exports. */
export interface ExportRow {
  readonly abi: string;
  readonly name: string;
  readonly capability: string;
  readonly note: string | null;
}

/** Rows of one ABI for one module, not yet taken apart: of 344 modules a binary imports some few. */
export interface RowGroup {
  readonly abi: string;
  readonly module: string;
  readonly lines: readonly string[];
}

/** The import rows by ABI and module. */
export function rowGroups(): RowGroup[] {
  const groups: { abi: string; module: string; lines: string[] }[] = [];
  for (const line of IMPORT_ROWS) {
    if (!line.startsWith('@')) {
      groups.at(-1)!.lines.push(line);
      continue;
    }
    const tab = line.indexOf('\t');
    groups.push({ abi: line.slice(1, tab), module: line.slice(tab + 1), lines: [] });
  }
  return groups;
}

/** The rows of a group, one by one. */
export function* rowsOf({ abi, module, lines }: RowGroup): Generator<Row> {
  for (const line of lines) {
    const [capability, risk, names, note] = line.split('\t');
    for (const name of names!.split(' ')) yield { abi, module, name, capability: capability!, risk: risk as Risk, note: note ?? null };
  }
}

/** The export rows, one by one. */
export function* exportRows(): Generator<ExportRow> {
  for (const line of EXPORT_ROWS) {
    const [abi, capability, name, note] = line.split('\t');
    yield { abi: abi!, capability: capability!, name: name!, note: note ?? null };
  }
}
