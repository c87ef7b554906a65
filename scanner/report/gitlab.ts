import type { Severity } from '../severity.ts';
import type { ReportContext, ReportWriter } from './format.ts';
import { harmlessJson } from './harmless.ts';
import { rowsOf, type ReportRow } from './rows.ts';

/** One element of a Code Quality report. */
interface CodeQuality {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: 'info' | 'minor' | 'major' | 'critical' | 'blocker';
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

const SEVERITIES: Readonly<Record<Severity, CodeQuality['severity']>> = { error: 'critical', warning: 'major', note: 'info' };

/** GitLab's Code Quality report, which merge requests show in every edition: a JSON array, without what was waived. */
export function gitlabReport({ sarif: { relativePath }, hash }: ReportContext): ReportWriter {
  const seen = new Map<string, number>();
  let started = false;
  return {
    add(entry) {
      const rows = rowsOf(entry, relativePath).filter(({ finding }) => !finding?.waived);
      const key = [entry.artifact.name.split('!/').slice(1).join('!/'), entry.carrier?.pointer ?? null];
      return rows.map((row) => {
        const lead = started ? ',\n' : '[\n';
        started = true;
        return `${lead}${harmlessJson(codeQuality(row, numbered(hash(JSON.stringify([row.rule, row.spot.file, key, row.subject])).slice(0, 32), seen)))}`;
      }).join('');
    },
    end: () => (started ? '\n]\n' : '[]\n'),
  };
}

/** Equal fingerprints are shown once, so the second of a kind gets a number. */
function numbered(fingerprint: string, seen: Map<string, number>): string {
  const times = (seen.get(fingerprint) ?? 0) + 1;
  seen.set(fingerprint, times);
  return times === 1 ? fingerprint : `${fingerprint}:${times}`;
}

function codeQuality({ rule, severity, message, fix, place, spot }: ReportRow, fingerprint: string): CodeQuality {
  const description = [`${message}${place === '' ? '' : ` (${place})`}`, fix === '' ? '' : `Fix: ${fix}`].filter((part) => part !== '').join('. ');
  return { description, check_name: rule, fingerprint, severity: SEVERITIES[severity], location: { path: spot.file, lines: { begin: spot.line } } };
}
