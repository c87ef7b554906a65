/**
 * The known name that is most like a mistyped one, or null when none is near: at most two slips in a short name, three in a
 * long one. A name that contains the other one counts when nothing else is near.
 */
export function suggest(name: string, known: Iterable<string>): string | null {
  const typed = name.toLowerCase().slice(0, 128);
  let best: string | null = null;
  let least = Math.min(typed.length - 1, typed.length > 8 ? 3 : 2) + 1;
  for (const candidate of known) {
    const slips = distance(typed, candidate.toLowerCase());
    if (slips < least) [best, least] = [candidate, slips];
  }
  if (best !== null || typed.length < 3) return best;
  for (const candidate of known) if (candidate.toLowerCase().includes(typed) || (candidate.length > 4 && typed.includes(candidate.toLowerCase()))) return candidate;
  return null;
}

/** `; did you mean <name>?`, or nothing. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const best = suggest(name, known);
  return best === null ? '' : `; did you mean ${best}?`;
}

/** Damerau-Levenshtein distance, neighbours swapped counting as one slip (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let cost = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + same);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) cost = Math.min(cost, before[column - 2]! + 1);
      current.push(cost);
    }
    [before, above] = [above, current];
  }
  return above[b.length]!;
}
