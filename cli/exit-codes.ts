import type { Failure } from '../scanner/artifact.ts';
import type { ScanEntry } from '../scanner/report/entry.ts';
import { atLeast, type Severity } from '../scanner/severity.ts';

/** Exit codes, also in docs/exit-codes.md; the same for every format. */
export const EXIT = {
  /** Every artifact allowed; warnings may exist. */
  ok: 0,
  /** At least one artifact denied. */
  denied: 1,
  /** Usage, policy or configuration error: nothing was judged. */
  usage: 2,
  /** Something could not be analysed, or no target matched. */
  notAnalysed: 3,
  /** Something outside failed: registry, signature service. */
  outside: 4,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

/** When several apply, the first one counts. */
const PRECEDENCE: readonly number[] = [EXIT.usage, EXIT.outside, EXIT.notAnalysed, EXIT.denied, EXIT.ok];

export const FAIL_ON = ['error', 'warning', 'note', 'never'] as const;
export type FailOn = (typeof FAIL_ON)[number];

/** The exit code that two parts of a run give together. */
export function combine(a: number, b: number): number {
  return PRECEDENCE.indexOf(a) <= PRECEDENCE.indexOf(b) ? a : b;
}

/**
 * The exit code of one entry. The verdict decides; `failOn` only moves the line between 0 and 1: `warning` and `note`
 * also count findings of that severity, `never` counts none. A result that the policy lets through counts as 0.
 */
export function exitOfEntry(entry: ScanEntry, failOn: FailOn): number {
  if (entry.verdict === 'error') return !entry.blocked ? EXIT.ok : exitOfFailure(entry.failure);
  if (failOn === 'never') return EXIT.ok;
  if (entry.verdict === 'deny') return EXIT.denied;
  return failOn !== 'error' && hasFinding(entry, failOn) ? EXIT.denied : EXIT.ok;
}

/** The exit code of something not analysed, for want of its bytes or, with null, for what they hold. */
export function exitOfFailure(failure: Failure | null): number {
  return failure?.kind === 'outside' ? EXIT.outside : EXIT.notAnalysed;
}

function hasFinding(entry: ScanEntry, threshold: Severity): boolean {
  return entry.findings.some((finding) => !finding.waived && atLeast(finding.severity, threshold));
}
