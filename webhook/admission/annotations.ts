import { harmless } from '../../scanner/report/harmless.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import type { Judged, JudgedObject } from './judged.ts';
import { pointsOf } from './points.ts';

/** What an answer comes to. `error`: denied only because something could not be analysed, or because judging broke. */
export type Decision = 'allow' | 'warn' | 'deny' | 'error';

/** What the audit log keeps of an answer: few, short keys. */
export function annotationsOf(decision: Decision, { judged, faults }: Pick<JudgedObject, 'judged' | 'faults'>, errors: readonly string[]): Readonly<Record<string, string>> {
  return withTexts({
    decision,
    policy: list(judged.flatMap(({ enforce }) => enforce.policies.map(({ name }) => name)), ', '),
    digests: list(judged.map(({ rootDigest, enforce }) => rootDigest ?? enforce.artifact.digest ?? ''), ','),
    findings: list([...judged.flatMap((one) => findings('enforce', one.enforce)), ...judged.flatMap((one) => findings('warn', one.warn)), ...judged.flatMap((one) => findings('audit', one.audit))], '; '),
    error: list([...errors, ...faults, ...judged.flatMap(failure)], '; '),
  });
}

/** Annotations without the empty ones. */
function withTexts(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const [key, text] of Object.entries(annotations)) if (text !== '') kept[key] = text;
  return kept;
}

/** Whole items, as many as there is room for; harmless, each once. */
export function list(items: readonly string[], separator: string): string {
  let text = '';
  for (const item of new Set(items)) {
    if (item === '') continue;
    const next = harmless(item.slice(0, WEBHOOK_LIMITS.annotation)).slice(0, WEBHOOK_LIMITS.annotation - separator.length - 1);
    if (text.length + separator.length + next.length > WEBHOOK_LIMITS.annotation - 3) return `${text}...`;
    text = text === '' ? next : text + separator + next;
  }
  return text;
}

/** Rules that were broken under a mode: `audit: memory-unbounded (registry.example/app:1)`. */
function findings(mode: string, entry: ScanEntry | null): readonly string[] {
  if (entry === null || (entry.findings.length === 0 && entry.verdict === 'allow')) return [];
  const rules = pointsOf(entry, '', 'all').map(({ rule }) => rule);
  return rules.length === 0 ? [] : [`${mode}: ${rules.slice(0, 10).join(', ')} (${entry.artifact.name.slice(0, 200)})`];
}

function failure({ enforce }: Judged): readonly string[] {
  return enforce.failure === null ? [] : [`${enforce.failure.code}: ${enforce.artifact.name.slice(0, 200)}`];
}
