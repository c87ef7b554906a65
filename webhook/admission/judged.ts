import type { Carrier } from '../../scanner/carrier.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';

/** One thing that an object brings, as each list of policies sees it. */
export interface Judged {
  /** null: a part of the object that could not be read. */
  readonly carrier: Carrier | null;
  /** Digest of the root manifest of the image it came in; null: it came in none. */
  readonly rootDigest: string | null;
  /** Whether a denial by `enforce` denies the object, or is only said because the pods that it makes will be judged. */
  readonly onDeny: 'deny' | 'warn';
  readonly enforce: ScanEntry;
  /** null: no policy only warns. */
  readonly warn: ScanEntry | null;
  /** null: no policy only lists. */
  readonly audit: ScanEntry | null;
}

/** Everything that one object brings, judged. */
export interface JudgedObject {
  readonly judged: readonly Judged[];
  /** Why some of it was judged more strictly than asked, as one sentence each: labels or policies that cannot be read, namespaces that cannot be looked up. */
  readonly faults: readonly string[];
  readonly evaluations: readonly Evaluation[];
}

/** That one policy was asked of one thing; for metrics. */
export interface Evaluation {
  readonly level: string;
  readonly version: string;
  readonly mode: 'enforce' | 'warn' | 'audit';
  /** Of all policies of the list together. */
  readonly decision: string;
}

/** Whether the policies in force keep this from running. */
export function isBlocked({ enforce }: Judged): boolean {
  return enforce.blocked;
}

/** Whether this denies the object itself. */
export function isDenied({ enforce, onDeny }: Judged): boolean {
  return enforce.blocked && onDeny === 'deny';
}
