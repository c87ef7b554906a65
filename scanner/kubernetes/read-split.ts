/** One document of a YAML stream, its `---` line included. */
export interface Chunk {
  /** UTF-16 offsets in the stream. */
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a YAML stream at its document markers, which no scalar can hold at the start of a line (YAML 1.2.2, section 9.1.4), so that a
 * broken document does not hide the others. What stands before the first marker counts only where it is more than comments and directives.
 */
export function* splitDocuments(text: string): Iterable<Chunk> {
  const marker = /(^|\n)(---|\.\.\.)(?=[ \t\r\n]|$)/g;
  let start = 0;
  let explicit = false;
  for (let match = marker.exec(text); match !== null; match = marker.exec(text)) {
    const at = match.index + match[1]!.length;
    if (explicit || holdsContent(text, start, at)) yield { start, end: at };
    explicit = match[2] === '---';
    start = explicit ? at : at + 3;
  }
  if (explicit || holdsContent(text, start, text.length)) yield { start, end: text.length };
}

/** Anything but blank lines, comments, and directives. */
function holdsContent(text: string, start: number, end: number): boolean {
  const content = /[ \t\r\n]*(?:[#%][^\n]*|([^ \t\r\n]))/y;
  content.lastIndex = start;
  for (let match = content.exec(text); match !== null; match = content.exec(text)) {
    if (content.lastIndex > end) return false;
    if (match[1] !== undefined) return true;
  }
  return false;
}
