import { SEVERITIES, type Severity } from '../severity.ts';
import type { Verdict } from '../result.ts';
import type { ScanEntry } from './entry.ts';

/** What every format needs to know about all results together. Counts only; grows one entry at a time. */
export interface Summary {
  artifacts: number;
  readonly verdicts: Record<Verdict, number>;
  /** Findings that count, by severity; waived ones apart. */
  readonly findings: Record<Severity, number>;
  waived: number;
  /** Entries with verdict error or deny that the policy lets through all the same. */
  unblocked: number;
}

/** A summary of nothing. */
export function emptySummary(): Summary {
  return { artifacts: 0, verdicts: { allow: 0, warn: 0, deny: 0, error: 0 }, findings: { note: 0, warning: 0, error: 0 }, waived: 0, unblocked: 0 };
}

/** Adds one entry. */
export function addToSummary(summary: Summary, entry: ScanEntry): void {
  summary.artifacts++;
  summary.verdicts[entry.verdict]++;
  if (!entry.blocked && entry.verdict === 'error') summary.unblocked++;
  for (const finding of entry.findings) {
    if (finding.waived) summary.waived++;
    else summary.findings[finding.severity]++;
  }
}

/** One line, for example `3 artifacts: 1 denied, 2 allowed. 4 findings: 1 error, 3 notes.` */
export function headline(summary: Summary): string {
  const { verdicts, findings, waived, unblocked } = summary;
  const verdictParts = [
    part(verdicts.deny, 'denied'), part(verdicts.error, 'not analysed'), part(verdicts.warn, 'with warnings'), part(verdicts.allow, 'allowed'),
  ].filter(Boolean);
  const total = findings.error + findings.warning + findings.note;
  const severities = [...SEVERITIES].reverse().filter((severity) => findings[severity] > 0).map((severity) => count(findings[severity], severity));
  const sentences = [`${count(summary.artifacts, 'artifact')}${verdictParts.length > 0 ? `: ${verdictParts.join(', ')}` : ''}`];
  sentences.push(total === 0 ? 'No findings' : `${count(total, 'finding')}: ${severities.join(', ')}`);
  if (waived > 0) sentences.push(`${count(waived, 'finding')} waived`);
  if (unblocked > 0) sentences.push(`${unblocked} of those not analysed let through by policy`);
  return `${sentences.join('. ')}.`;
}

/** `1 finding`, `2 findings`. */
export function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function part(number: number, words: string): string {
  return number > 0 ? `${number} ${words}` : '';
}
