import { compareText } from '../compare-text.ts';
import { compareShapes, type Change } from './compare.ts';
import type { Shape } from './trait.ts';

/** One artifact of a side, or why it could not be compared. */
export interface Sided {
  /** Path within the target: '' where the target is the artifact itself. */
  readonly key: string;
  readonly name: string;
  readonly shape: Shape | null;
  /** Why it was not read, or not to its end; null: it was. */
  readonly failure: string | null;
}

/** Two versions of one artifact, and what differs. */
export interface Pair {
  readonly key: string;
  readonly before: Sided | null;
  readonly after: Sided | null;
  readonly changes: readonly Change[];
  /** null: both sides were read to their end. */
  readonly failure: string | null;
}

/**
 * Pairs what two targets hold: by path, and where exactly one is left on each side, those two: it was renamed. Ordered by path. Of what was
 * not read to its end nothing is compared, since what is missing would look like a decrease.
 */
export function pairUp(before: readonly Sided[], after: readonly Sided[]): readonly Pair[] {
  const [old, now] = [numbered(before), numbered(after)];
  const matched = [...old].flatMap(([key, one]) => (now.has(key) ? [pair(key, one, now.get(key)!)] : []));
  const gone = [...old].filter(([key]) => !now.has(key));
  const come = [...now].filter(([key]) => !old.has(key));
  const rest = gone.length === 1 && come.length === 1
    ? [pair(come[0]![0], gone[0]![1], come[0]![1])]
    : [...gone.map(([key, one]) => pair(key, one, null)), ...come.map(([key, one]) => pair(key, null, one))];
  return [...matched, ...rest].toSorted((a, b) => compareText(a.key, b.key));
}

/** Equal paths, as the same image deployed twice has, are told apart by their number. */
function numbered(side: readonly Sided[]): ReadonlyMap<string, Sided> {
  const seen = new Map<string, number>();
  return new Map(side.map((one) => {
    const number = (seen.get(one.key) ?? 0) + 1;
    seen.set(one.key, number);
    return [number === 1 ? one.key : `${one.key} (${number})`, one];
  }));
}

function pair(key: string, before: Sided | null, after: Sided | null): Pair {
  const failure = before?.failure ?? after?.failure ?? null;
  return { key, before, after, failure, changes: failure === null ? compareShapes(before?.shape ?? null, after?.shape ?? null) : [] };
}
