import type { Finding } from '../../scanner/finding.ts';
import { harmlessName } from '../../scanner/report/harmless.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import type { Severity } from '../../scanner/severity.ts';
import type { Judged } from './judged.ts';

/** One thing that stands against an artifact, harmless and short enough for one line. */
export interface Point {
  /** Id of a rule, or the code of what kept it from being analysed. */
  readonly rule: string;
  readonly severity: Severity;
  /** Findings of the rule. */
  readonly count: number;
  readonly message: string;
  /** How to mend it; '' : nothing is known. */
  readonly fix: string;
  /** RFC 6901 pointer in the object; '' : the object as a whole. */
  readonly field: string;
}

/** Characters of one message, and of one fix. */
const LENGTH = 300;

/** What keeps an artifact from being clean, worst first: what was not analysed, then errors, then warnings. `blocking`: only what denies. */
export function pointsOf(entry: ScanEntry, field: string, which: 'blocking' | 'all'): readonly Point[] {
  const counting = entry.findings.filter(({ waived }) => waived === undefined);
  const errors = byRule(counting.filter(({ severity }) => severity === 'error'), field);
  const warnings = which === 'all' ? byRule(counting.filter(({ severity }) => severity === 'warning'), field) : [];
  const points = [...(entry.verdict === 'error' ? [unanalysed(entry, field)] : []), ...errors, ...warnings];
  if (points.length > 0 || entry.verdict === 'allow') return points;
  return entry.reasons.slice(0, 3).map((reason) => ({ rule: 'policy', severity: 'error', count: 1, message: harmlessName(reason, LENGTH), fix: '', field }));
}

/** Pointer of what brings an artifact. */
export function fieldOf({ carrier }: Judged): string {
  return carrier?.pointer ?? '';
}

/** An artifact as people know it, harmless, in at most `length` characters. */
export function shortName(entry: ScanEntry, length: number): string {
  return harmlessName(entry.artifact.name.replace(/^oci:\/\//, '') || '(no name)', length);
}

function byRule(findings: readonly Finding[], field: string): readonly Point[] {
  const points = new Map<string, Point>();
  for (const { rule, severity, message, fix, location } of findings) {
    const before = points.get(rule);
    points.set(rule, before === undefined ? { rule: harmlessName(rule), severity, count: 1, message: harmlessName(message, LENGTH), fix: harmlessName(fix, LENGTH), field: location.source?.pointer ?? field } : { ...before, count: before.count + 1 });
  }
  return [...points.values()];
}

function unanalysed({ failure, problems, reasons }: ScanEntry, field: string): Point {
  const problem = problems.find(({ effect }) => effect === 'unanalysed');
  const message = failure?.message ?? problem?.message ?? reasons.find((reason) => /^Not (?:analysed|judged)/.test(reason)) ?? reasons[0] ?? 'It could not be analysed';
  return { rule: harmlessName(failure?.code ?? problem?.code ?? 'not-analysed'), severity: 'error', count: 1, message: harmlessName(`${lead(failure, message)}${message}`, LENGTH), fix: remedy(failure), field };
}

/** What the message of the failure alone would leave open. */
function lead(failure: ScanEntry['failure'], message: string): string {
  if (failure?.code === 'deadline') return 'Not analysed before the deadline of this request: ';
  if (failure?.code === 'queue-full') return 'Not analysed, because too many scans are waiting: ';
  return message.startsWith('Not ') ? '' : 'Not analysed: ';
}

function remedy(failure: ScanEntry['failure']): string {
  if (failure === null) return 'Mend the artifact, or let the policy say onError: allow';
  if (failure.code === 'deadline' || failure.code === 'queue-full') return 'Try again in a moment; the policy decides by onError what happens until it is analysed';
  if (failure.kind === 'unseen') return 'Name the module as an image, or keep it in a ConfigMap that can be read; the policy decides by onUnseen';
  if (failure.kind === 'outside') return 'See that the registry answers and that the pod has a pull secret for it; the policy decides by onError and onUnresolved';
  return 'See that the reference is right and that the artifact is whole; the policy decides by onError';
}
