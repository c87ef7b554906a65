import { compareText } from './compare-text.ts';
import type { Location } from './location.ts';
import type { Confidence, Severity } from './severity.ts';

/** One thing a rule saw, at a location. */
export interface Finding {
  /** Id of the rule. */
  readonly rule: string;
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly message: string;
  /** What the finding is about, free of indices, offsets and versions, so that it stays the same when the binary is rebuilt. */
  readonly subject: string;
  readonly location: Location;
  /** How to mend this one finding: for example the policy line to add. */
  readonly fix: string;
  /** Set when a waiver or a snapshot accepted it; then it no longer counts for the verdict. */
  readonly waived?: Waived;
}

export interface Waived {
  readonly reason: string;
  readonly owner: string;
  /** YYYY-MM-DD */
  readonly expires: string;
  /** The list of accepted findings that says so; left out: the policy. */
  readonly source?: string;
}

/** Findings in the order they are reported: by offset, then rule, then path. */
export function compareFindings(a: Finding, b: Finding): number {
  return a.location.offset - b.location.offset || compareText(a.rule, b.rule) || compareText(a.location.path, b.location.path) || compareText(a.message, b.message);
}
