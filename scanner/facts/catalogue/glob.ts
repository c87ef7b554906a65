/** Length of the literal text in a pattern: the longer, the more it says. */
export function literalLength(pattern: string): number {
  return pattern.replaceAll('*', '').length;
}

/** Whether a text matches a pattern in which `*` stands for any run of characters, none included. Linear: no backtracking. */
export function matchesGlob(pattern: string, text: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0]!;
  if (pieces.length === 1) return text === pattern;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  const last = pieces.at(-1)!;
  return text.length - last.length >= at && text.endsWith(last);
}

/**
 * Whether the version of an interface is one that a pattern names. `0.2*` is a canonical version: it takes 0.2, 0.2.12 and
 * 0.2.0-rc-2023-11-10, never 0.20.0. `*` takes any version, and none.
 */
export function matchesVersion(pattern: string, version: string): boolean {
  if (!matchesGlob(pattern, version)) return false;
  if (!/\d\*$/.test(pattern)) return true;
  const next = version.charCodeAt(pattern.length - 1);
  return !(next >= 0x30 && next <= 0x39);
}
