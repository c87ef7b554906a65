import type { ScanEntry } from './entry.ts';
import type { ReportContext, ReportWriter } from './format.ts';
import { harmless } from './harmless.ts';
import { rowsOf, type ReportRow } from './rows.ts';
import { waivedWords } from './waived-words.ts';

const COLUMNS = ['artifact', 'digest', 'verdict', 'blocked', 'rule', 'severity', 'confidence', 'message', 'path', 'offset', 'length', 'file', 'line', 'fix', 'waived'] as const;
/** What spreadsheets take for a formula, in ASCII and full width. */
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/**
 * Comma-separated values (RFC 4180): a line for each finding, and one for each artifact without any, so that none is missing. A text that a
 * spreadsheet would run as a formula gets an apostrophe in front.
 */
export function csvReport({ sarif: { relativePath } }: ReportContext): ReportWriter {
  let started = false;
  return {
    add(entry) {
      const lead = started ? '' : line(COLUMNS);
      started = true;
      const rows = rowsOf(entry, relativePath);
      return lead + (rows.length === 0 ? line(artifactCells(entry)) : rows.map((row) => line([...artifactCells(entry), ...rowCells(row)])).join(''));
    },
    end: () => (started ? '' : line(COLUMNS)),
  };
}

function artifactCells({ artifact: { name, digest }, verdict, blocked }: ScanEntry): string[] {
  return [name, digest ?? '', verdict, String(blocked)];
}

function rowCells({ rule, severity, message, fix, spot, finding }: ReportRow): string[] {
  const { path, offset, length } = finding?.location ?? { path: '', offset: '', length: '' };
  const waived = finding?.waived ? waivedWords(finding.waived) : '';
  return [rule, severity, finding?.confidence ?? '', message, path, String(offset), String(length), spot.file, String(spot.line), fix, waived];
}

function line(cells: readonly string[]): string {
  const filled = COLUMNS.map((_, index) => cell(cells[index] ?? ''));
  return `${filled.join(',')}\r\n`;
}

function cell(text: string): string {
  const shown = harmless(text);
  const safe = FORMULA.test(shown) ? `'${shown}` : shown;
  return /^[\w.:/-]*$/.test(safe) ? safe : `"${safe.replaceAll('"', '""')}"`;
}
