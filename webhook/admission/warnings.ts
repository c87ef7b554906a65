import { count } from '../../scanner/report/summary.ts';
import { harmlessName } from '../../scanner/report/harmless.ts';
import type { ScanEntry } from '../../scanner/report/entry.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import { isBlocked, type Judged, type JudgedObject } from './judged.ts';
import { fieldOf, type Point, pointsOf, shortName } from './points.ts';

/** Characters of the name of an artifact in a warning. */
const NAME = 45;

/** What a user who is let through should know: what will be denied of the pods to come, what only warns, and what nobody could analyse. */
export function warningsOf(title: string, { judged, faults }: JudgedObject): readonly string[] {
  const foretold = judged.filter(isBlocked);
  const said = new Set<string>();
  return bounded([
    ...faults,
    ...(foretold.length > 0 ? [`Pods of ${harmlessName(title, 50)} will be denied: ${foretold.length} of ${count(judged.length, 'artifact')} against policy`] : []),
    ...foretold.flatMap((one) => linesOf(one.enforce, pointsOf(one.enforce, fieldOf(one), 'blocking'), { said })),
    ...judged.filter((one) => !isBlocked(one) && one.enforce.verdict !== 'allow').flatMap((one) => linesOf(one.enforce, pointsOf(one.enforce, fieldOf(one), 'all'), { said })),
    ...judged.flatMap((one) => levelWarnings(one, said)),
  ]);
}

/** Each text once, harmless and short; more than the limit are counted. */
export function bounded(texts: readonly string[]): readonly string[] {
  const unique = [...new Set(texts.map((text) => harmlessName(text, WEBHOOK_LIMITS.warning)))];
  if (unique.length <= WEBHOOK_LIMITS.warnings) return unique;
  const kept = unique.slice(0, WEBHOOK_LIMITS.warnings - 1);
  return [...kept, `... and ${count(unique.length - kept.length, 'further warning')}`];
}

/** What the label `warn` of the namespace adds to what has been said. */
function levelWarnings(one: Judged, said: Set<string>): readonly string[] {
  const { warn } = one;
  if (warn === null || warn.verdict === 'allow') return [];
  const points = pointsOf(warn, fieldOf(one), warn.blocked ? 'blocking' : 'all');
  const level = warn.policies.map(({ name }) => name).join(', ');
  return linesOf(warn, points, { said, start: `${harmlessName(level, 20)}: ` });
}

/** One line for each point that has not been said; `start` is what it begins with. */
function linesOf(entry: ScanEntry, points: readonly Point[], { said, start = '' }: { readonly said: Set<string>; readonly start?: string }): readonly string[] {
  const name = shortName(entry, NAME);
  return points.filter(({ rule }) => {
    const key = `${entry.artifact.name}\n${rule}`;
    return !said.has(key) && said.add(key);
  }).map(({ rule, count: times, message }) => cut(`${start}${name}: ${rule}${times > 1 ? ` (${times} times)` : ''}: ${message}`));
}

/** Cut at the end: the beginning says what it is about. */
function cut(text: string): string {
  return text.length <= WEBHOOK_LIMITS.warning ? text : `${text.slice(0, WEBHOOK_LIMITS.warning - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
