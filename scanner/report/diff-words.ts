import type { Change } from '../diff/compare.ts';
import type { Pair } from '../diff/pair.ts';
import type { DiffReport } from './diff.ts';
import { humanSize } from './layout.ts';
import { count } from './summary.ts';

/** What a change goes from and to, for people; '' where the name says it all. */
function valueWords({ area, name }: Pick<Change, 'area' | 'name'>, value: Change['from']): string {
  if (value === null) return area === 'limit' ? 'no bound' : '';
  if (typeof value === 'string') return value;
  return area === 'size' || name.endsWith(' bytes') ? humanSize(value) : String(value);
}

/** Both values; in full where they would read the same. */
export function bothWords(change: Change): readonly [string, string] {
  const words = [valueWords(change, change.from), valueWords(change, change.to)] as const;
  return words[0] === words[1] && change.from !== change.to ? [String(change.from), String(change.to)] : words;
}

/** `1.0 KiB -> 2.0 KiB` for what changed, else the one value there is. */
export function changeWords(change: Change, arrow: string): string {
  if (change.change === 'added') return valueWords(change, change.to);
  if (change.change === 'removed') return valueWords(change, change.from);
  const [from, to] = bothWords(change);
  return [from || 'none', arrow, to || 'none'].join(' ');
}

/** The answer in one line: `2 increases and 5 other changes in 1 of 3 artifacts`. */
export function diffHeadline({ pairs }: DiffReport): string {
  const changes = pairs.flatMap((pair) => pair.changes);
  const more = changes.filter(({ increase }) => increase).length;
  const unread = pairs.filter(({ failure }) => failure !== null).length;
  const where = pairs.length === 1 ? '' : ` in ${pairs.filter((pair) => pair.changes.length > 0).length} of ${count(pairs.length, 'artifact')}`;
  const told = changes.length === 0 ? (unread === pairs.length && unread > 0 ? '' : 'No change') : more === 0 ? `No increase, ${count(changes.length, 'change')}${where}` : `${count(more, 'increase')}, ${count(changes.length - more, 'other change')}${where}`;
  return [told, unread > 0 ? `${count(unread, 'artifact')} could not be compared` : ''].filter((part) => part !== '').join('; ');
}

/** What became of the artifact as a whole; '' where both sides have it. */
export function pairWords({ before, after }: Pair): string {
  if (before === null) return 'new';
  return after === null ? 'gone' : '';
}

/** Changes of one kind that are shown; of the rest the number is said. The first ones of each area, increases before others. */
export function shownChanges(changes: readonly Change[], most: number): { readonly shown: readonly Change[]; readonly more: readonly string[] } {
  const shown: Change[] = [];
  const more: string[] = [];
  for (const [area, all] of Map.groupBy(changes, (change) => change.area)) {
    const ordered = all.toSorted((a, b) => Number(b.increase) - Number(a.increase));
    shown.push(...ordered.slice(0, most));
    if (ordered.length > most) more.push(`${count(ordered.length - most, 'more change')} of area ${area}`);
  }
  return { shown, more };
}
