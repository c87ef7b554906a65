import { harmlessName } from '../../scanner/report/harmless.ts';
import { count } from '../../scanner/report/summary.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import { isDenied, type Judged } from './judged.ts';
import { fieldOf, type Point, pointsOf, shortName } from './points.ts';

/** Something wrong that a program can read. */
export interface Cause {
  /** Id of a rule, or a code. */
  readonly reason: string;
  readonly message: string;
  /** RFC 6901 pointer in the object. */
  readonly field: string;
}

/** Why an object is denied, for people and for programs. */
export interface Denial {
  readonly message: string;
  readonly causes: readonly Cause[];
}

/** Rules told of one artifact; the rest is counted. */
const RULES = 5;
/** Kept free for the line that counts what is left out. */
const RESERVE = 100;

/** Why the object `title` is denied by what it brings: each artifact with its digest, the rules it breaks, what was found, and how to mend it. */
export function denialOf(title: string, judged: readonly Judged[], faults: readonly string[]): Denial {
  const denied = judged.filter(isDenied);
  const lines = [`${harmlessName(title, 300)} breaks policy in ${denied.length} of ${count(judged.length, 'artifact')}`, ...faults.slice(0, 3).map((fault) => harmlessName(fault, 300))];
  const causes: Cause[] = [];
  let length = total(lines);
  let told = 0;
  for (const one of denied) {
    const points = pointsOf(one.enforce, fieldOf(one), 'blocking');
    for (const { rule, message, field } of points) if (causes.length < WEBHOOK_LIMITS.causes) causes.push({ reason: rule, message: harmlessName(`${shortName(one.enforce, 160)}: ${message}`, 500), field: harmlessName(field, 300) });
    const block = paragraph(one, points);
    if (length + total(block) > WEBHOOK_LIMITS.message - RESERVE) continue;
    lines.push(...block);
    length += total(block);
    told++;
  }
  if (told < denied.length) lines.push('', `... and ${count(denied.length - told, 'further artifact')}`);
  return { message: lines.join('\n'), causes };
}

function paragraph(one: Judged, points: readonly Point[]): readonly string[] {
  const { enforce, rootDigest } = one;
  const digest = enforce.artifact.digest ?? rootDigest;
  const field = fieldOf(one);
  return [
    '', `${shortName(enforce, 200)}${field === '' ? '' : ` (${harmlessName(field, 160)})`}`,
    ...(digest === null ? [] : [`  digest ${harmlessName(digest)}${rootDigest !== null && rootDigest !== digest ? `, in image ${harmlessName(rootDigest)}` : ''}`]),
    ...points.slice(0, RULES).flatMap(pointLines),
    ...(points.length > RULES ? [`  and ${count(points.length - RULES, 'further rule')}`] : []),
    `  policy ${harmlessName(enforce.policies.map(({ name }) => name).join(', '), 200)}`,
  ];
}

function pointLines({ rule, message, fix, count: times }: Point): readonly string[] {
  return [`  ${rule}${times > 1 ? ` (${times} times)` : ''}: ${message}`, ...(fix === '' ? [] : [`    fix: ${fix}`])];
}

function total(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
