/**
 * Whether the whole text fits a pattern in which `*` stands for any run of characters and, with `anyOne`, `?` for one.
 * Two cursors and one remembered star instead of a regular expression: patterns come from people who may mean harm, and this
 * is never worse than pattern length times text length.
 */
export function wildcard(pattern: string, text: string, anyOne = ''): boolean {
  let p = 0;
  let star = -1;
  let resume = 0;
  for (let t = 0; t < text.length; ) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === text[t] || pattern[p] === anyOne)) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Whether a path fits a glob: `*` and `?` stay within a segment, a segment `**` stands for any number of segments. */
export function pathGlob(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  let p = 0;
  let star = -1;
  let resume = 0;
  for (let g = 0; g < given.length; ) {
    if (wanted[p] === '**') {
      star = p++;
      resume = g;
    } else if (p < wanted.length && wildcard(wanted[p]!, given[g]!, '?')) {
      p++;
      g++;
    } else if (star >= 0) {
      p = star + 1;
      g = ++resume;
    } else {
      return false;
    }
  }
  while (wanted[p] === '**') p++;
  return p === wanted.length;
}

/** What is wrong with a glob, or null. Braces, brackets and half-segment `**` mean different things to different tools, so they are refused. */
export function globProblem(pattern: string): string | null {
  if (/[{}[\]()!\\]/.test(pattern)) return 'Only *, ? and ** are special in a pattern; write one entry for each alternative';
  if (pattern.split('/').some((segment) => segment.includes('**') && segment !== '**')) return '** must be a whole segment, as in registry.example/team/**';
  return null;
}
