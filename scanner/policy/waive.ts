import type { Facts } from '../facts/facts.ts';
import type { Finding } from '../finding.ts';
import { compareText } from '../compare-text.ts';
import { artifactKey } from './artifact-key.ts';
import type { Waiver } from './policy.ts';
import { referenceMatcher } from './reference.ts';

/** Rules whose findings nobody can accept: bytes that cannot be read, and a signature that fails. */
export const NEVER_WAIVED: ReadonlySet<string> = new Set(['invalid-module', 'parser-limit-exceeded', 'signature-invalid']);

/** Findings with waivers applied, and what is to be said about the waivers themselves. */
export interface Waiving {
  readonly findings: readonly Finding[];
  /** One line for each waiver that is out of date or met nothing. */
  readonly remarks: readonly string[];
}

type About = Pick<Facts, 'name' | 'reference' | 'digest'>;

/**
 * Applies waivers on a day, YYYY-MM-DD. A waiver past its day leaves the finding counting and says so in its message; one
 * that belongs to this artifact and met no finding is remarked on, so that lists do not grow for ever. Of lists of accepted findings the
 * shell says that, because they hold for several policies at once.
 */
export function waive(findings: readonly Finding[], waivers: readonly Waiver[], about: { readonly facts: About | null; readonly today: string }): Waiving {
  const key = about.facts === null ? '' : artifactKey(about.facts.name);
  const applying = waivers.filter((waiver) => !NEVER_WAIVED.has(waiver.rule) && isAbout(waiver, about.facts, key));
  const met = new Map<Waiver, number>();
  const settled = findings.map((finding) => {
    const fitting = applying.filter((waiver) => fits(waiver, finding));
    for (const waiver of fitting) met.set(waiver, (met.get(waiver) ?? 0) + 1);
    const holding = fitting.filter((waiver) => met.get(waiver)! <= (waiver.count ?? Infinity));
    return holding.length === 0 && fitting.length > 0 ? oneMore(finding, fitting[0]!) : apply(finding, holding, about.today);
  });
  const remarks = applying.filter((waiver) => !met.has(waiver) && waiver.source === undefined).map((waiver) => `Waiver of ${waiver.rule} by ${waiver.owner} meets no finding`);
  return { findings: settled, remarks };
}

function isAbout(waiver: Waiver, facts: About | null, key: string): boolean {
  if (facts === null) return false;
  if (waiver.digest !== undefined && waiver.digest !== facts.digest) return false;
  if (waiver.artifacts !== undefined && !waiver.artifacts.includes(key)) return false;
  return waiver.reference === undefined || referenceMatcher(waiver.reference)(facts.reference);
}

function fits(waiver: Waiver, finding: Finding): boolean {
  return waiver.rule === finding.rule && (waiver.subject === undefined || waiver.subject === finding.subject);
}

function oneMore(finding: Finding, { count, source }: Waiver): Finding {
  return { ...finding, message: `${finding.message} (one more than the ${count} accepted${source === undefined ? '' : ` in ${source}`})` };
}

function apply(finding: Finding, fitting: readonly Waiver[], today: string): Finding {
  // The one that holds longest, so that the order of the list plays no part.
  const best = fitting.toSorted((a, b) => compareText(b.expires, a.expires) || compareText(a.owner, b.owner) || compareText(a.reason, b.reason))[0];
  if (best === undefined) return finding;
  if (best.expires < today) return { ...finding, message: `${finding.message} (its waiver by ${best.owner} ended on ${best.expires})` };
  const { reason, owner, expires, source } = best;
  return { ...finding, waived: { reason, owner, expires, ...(source !== undefined && { source }) } };
}
