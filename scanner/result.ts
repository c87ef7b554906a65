import type { FactsSummary } from './facts/summary.ts';
import type { Finding } from './finding.ts';
import type { Problem } from './problem.ts';
import type { Provenance } from './provenance.ts';

/** May this run here? `error` means not analysed, and is never shown as clean. */
export const VERDICTS = ['allow', 'warn', 'deny', 'error'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What `scan` returns for one artifact. */
export interface ScanResult {
  /** Digest and size are null where there were no bytes. */
  readonly artifact: { readonly name: string; readonly digest: string | null; readonly size: number | null };
  readonly verdict: Verdict;
  /** For verdict error and for denials: whether the policy lets it through all the same. */
  readonly blocked: boolean;
  /** Why, shortest first; one line each. */
  readonly reasons: readonly string[];
  /** In report order, waived ones included. */
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  readonly capabilities: readonly string[];
  readonly provenance: Provenance;
  readonly policies: readonly { readonly name: string; readonly hash: string }[];
  /** null when the bytes could not be had. */
  readonly facts: FactsSummary | null;
}
