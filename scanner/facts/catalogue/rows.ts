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

/** The import rows, one by one. */
export function* importRows(): Generator<Row> {
  let abi = '';
  let module = '';
  for (const line of IMPORT_ROWS) {
    const fields = line.split('\t');
    if (line.startsWith('@')) {
      abi = fields[0]!.slice(1);
      module = fields[1]!;
      continue;
    }
    const [capability, risk, names, note] = fields;
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
