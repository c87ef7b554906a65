import type { Verdict } from '../result.ts';
import { capabilitiesInWords } from './capability-words.ts';
import type { ScanEntry } from './entry.ts';
import type { ReportContext, ReportWriter } from './format.ts';
import { codeSpan } from './markdown-span.ts';
import { rowsOf, type ReportRow } from './rows.ts';
import { count, headline } from './summary.ts';

/** A job summary of GitHub may have 1 MiB; a longer one is dropped whole. In code units, of which few take more than one byte here. */
const MOST_TEXT = 700_000;
const ROWS_PER_ARTIFACT = 50;
const VERDICTS: Readonly<Record<Verdict, string>> = { deny: '❌ denied', error: '❔ not analysed', warn: '⚠️ warnings', allow: '✅ allowed' };

/** Markdown for job summaries and comments: the answer, a table of artifacts, the findings of each. Whatever comes from a binary stands in code spans, where nothing is markup, link or mention. */
export function markdownReport({ sarif: { relativePath } }: ReportContext): ReportWriter {
  const table = bounded(MOST_TEXT / 4);
  const findings = bounded((MOST_TEXT * 3) / 4);
  return {
    add(entry) {
      const rows = rowsOf(entry, relativePath).filter(({ finding }) => !finding?.waived);
      table.add(artifactRow(entry, rows));
      findings.add(findingsOf(entry, rows));
      return '';
    },
    end(summary) {
      const lines = [`### wasmgate: ${headline(summary)}`, ''];
      if (summary.artifacts > 0) lines.push('| verdict | artifact | errors | warnings | notes | can |', '|---|---|--:|--:|--:|---|', ...table.kept);
      if (table.leftOut > 0) lines.push(`| … | and ${count(table.leftOut, 'more artifact')} | | | | |`);
      lines.push('', ...findings.kept);
      if (findings.leftOut > 0) lines.push(`Findings of ${count(findings.leftOut, 'more artifact')} are left out: this text has reached the size that job summaries allow.`);
      return `${lines.join('\n').trimEnd()}\n`;
    },
  };
}

interface Bounded { readonly kept: readonly string[]; readonly leftOut: number; readonly add: (text: string) => void }

/** Keeps texts until they are too long together, then counts them; empty ones do not count. */
function bounded(most: number): Bounded {
  const kept: string[] = [];
  let length = 0;
  let leftOut = 0;
  return {
    kept,
    get leftOut() {
      return leftOut;
    },
    add(text) {
      if (text === '') return;
      const fits = leftOut === 0 && length + text.length <= most;
      length += text.length;
      if (fits) kept.push(text);
      else leftOut++;
    },
  };
}

function artifactRow({ artifact: { name }, verdict, capabilities }: ScanEntry, rows: readonly ReportRow[]): string {
  const number = (wanted: string): string => String(rows.filter(({ severity }) => severity === wanted).length || '');
  const can = capabilitiesInWords(capabilities).flatMap(({ words }) => words);
  const shown = can.slice(0, 6).join(', ') + (can.length > 6 ? ` and ${can.length - 6} more` : '');
  return `| ${VERDICTS[verdict]} | ${codeSpan(name)} | ${number('error')} | ${number('warning')} | ${number('note')} | ${shown} |`;
}

function findingsOf({ artifact: { name } }: ScanEntry, rows: readonly ReportRow[]): string {
  const told = rows.filter(({ severity }) => severity !== 'note');
  if (told.length === 0) return '';
  const shown = told.slice(0, ROWS_PER_ARTIFACT).map(({ severity, rule, message, place, fix }) => `| ${severity} | ${codeSpan(rule)} | ${codeSpan(message, 400)}${fix === '' ? '' : `<br>fix: ${codeSpan(fix, 300)}`} | ${place === '' ? '' : codeSpan(place)} |`);
  const rest = told.length > shown.length ? [`| … | | and ${told.length - shown.length} more | |`] : [];
  return [`#### ${codeSpan(name)}`, '', '| | rule | what | where |', '|---|---|---|---|', ...shown, ...rest, ''].join('\n');
}
