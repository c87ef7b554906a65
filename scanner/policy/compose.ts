import { compareFindings, type Finding, type Waived } from '../finding.ts';
import type { Verdict } from '../result.ts';
import { CONFIDENCES, SEVERITIES, worse } from '../severity.ts';
import { compareText } from '../compare-text.ts';
import type { Judgement } from './judge.ts';

/** From least to most restrictive; the place in this list decides between policies. */
const ORDER: readonly Verdict[] = ['allow', 'warn', 'deny', 'error'];

/**
 * One judgement from those of every policy that matches an artifact: all must pass, the most restrictive counts, and their
 * order plays no part. Without any policy nothing was judged, which is an error and blocks.
 */
export function compose(judgements: readonly Judgement[]): Judgement {
  if (judgements.length === 0) return { verdict: 'error', blocked: true, reasons: ['No policy applies, so nothing was judged'], findings: [] };
  return {
    verdict: judgements.map(({ verdict }) => verdict).reduce((a, b) => (ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a)),
    blocked: judgements.some(({ blocked }) => blocked),
    reasons: [...new Set(judgements.flatMap(({ reasons }) => reasons))].toSorted((a, b) => a.length - b.length || compareText(a, b)),
    findings: mergeFindings(judgements.map(({ findings }) => findings)),
  };
}

/** Each finding once, as severe as the strictest policy sees it, and waived only where every policy that has it waives it. */
function mergeFindings(lists: readonly (readonly Finding[])[]): readonly Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of lists.flat()) {
    const key = JSON.stringify([finding.rule, finding.location, finding.subject, finding.message]);
    const other = merged.get(key);
    merged.set(key, other === undefined ? finding : merge(other, finding));
  }
  return [...merged.values()].toSorted((a, b) => compareFindings(a, b) || compareText(a.subject, b.subject) || a.location.length - b.location.length);
}

function merge(a: Finding, b: Finding): Finding {
  const { waived: _waived, ...rest } = stricter(a, b);
  const waived = a.waived !== undefined && b.waived !== undefined ? earlier(a.waived, b.waived) : undefined;
  const severity = worse(a.severity, b.severity);
  return waived === undefined ? { ...rest, severity } : { ...rest, severity, waived };
}

function earlier(a: Waived, b: Waived): Waived {
  return (compareText(a.expires, b.expires) || compareText(a.owner, b.owner) || compareText(a.reason, b.reason)) <= 0 ? a : b;
}

/** Whose wording is kept: the more severe, then the surer, then the one first in the alphabet. */
function stricter(a: Finding, b: Finding): Finding {
  const order = SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || CONFIDENCES.indexOf(b.confidence) - CONFIDENCES.indexOf(a.confidence) || compareText(a.fix, b.fix);
  return order <= 0 ? a : b;
}
