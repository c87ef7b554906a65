import { SEVERITIES, type Severity } from '../severity.ts';
import type { ReportContext, ReportWriter } from './format.ts';
import { harmlessName } from './harmless.ts';
import { rowsOf, type ReportRow } from './rows.ts';
import { headline } from './summary.ts';

/** GitHub shows as many annotations of each kind per step, and hides the others without a word. */
const SHOWN = 10;
const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/**
 * Workflow commands, which GitHub Actions shows as annotations on the files: the worst findings of the whole run, as many as are shown.
 * Written at the end, because the worst may come last. Nothing in a name can start a command of its own.
 */
export function githubReport({ sarif: { relativePath } }: ReportContext): ReportWriter {
  const kept: Record<Severity, string[]> = { error: [], warning: [], note: [] };
  let more = 0;
  return {
    add(entry) {
      for (const row of rowsOf(entry, relativePath)) {
        if (row.finding?.waived) continue;
        if (kept[row.severity].length < SHOWN) kept[row.severity].push(command(row, entry.artifact.name));
        else more++;
      }
      return '';
    },
    end(summary) {
      const commands = [...SEVERITIES].reverse().flatMap((severity) => kept[severity]);
      const rest = more > 0 ? [`${more} more not shown as annotations; --format markdown has all of them`] : [];
      return [...commands, headline(summary), ...rest].map((line) => `${line}\n`).join('');
    },
  };
}

function command({ rule, severity, message, fix, place, spot: { file, line, column } }: ReportRow, name: string): string {
  const properties = [['file', file], ['line', String(line)], ...(column === null ? [] : [['col', String(column)]]), ['title', `wasmgate: ${rule}`]] as const;
  const listed = properties.map(([key = '', value = '']) => `${key}=${property(value)}`).join(',');
  const where = place === '' ? '' : ` (${place})`;
  return `::${COMMANDS[severity]} ${listed}::${data(`${message}${where}. ${name === file ? '' : `In ${harmlessName(name, 300)}. `}${fix === '' ? '' : `Fix: ${fix}`}`.trim())}`;
}

/** As the runner reads it back: `%`, CR and LF are encoded. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
