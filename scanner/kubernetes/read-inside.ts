/**
 * Where a character of a scalar stands in its source: of a literal block and of text that is written as it reads.
 * @param start of the scalar in the source, UTF-16
 * @param offset of the character in the value, UTF-16
 * @returns the start for everything else
 */
export function offsetInside(source: string, start: number, { value, offset }: { readonly value: string; readonly offset: number }): number {
  const first = source[start];
  if (first === '|') return insideLiteral(source, start, value.slice(0, offset));
  const begin = first === '"' || first === "'" ? start + 1 : start;
  return source.startsWith(value.slice(0, offset), begin) ? begin + offset : start;
}

function insideLiteral(source: string, start: number, before: string): number {
  const lines = before.split('\n');
  let at = source.indexOf('\n', start) + 1;
  if (at === 0) return start;
  const indent = /^(?:[ \t]*\r?\n)*( *)/.exec(source.slice(at, at + 10_000))?.[1]?.length ?? 0;
  for (let row = 1; row < lines.length; row++) {
    const next = source.indexOf('\n', at);
    if (next < 0) return start;
    at = next + 1;
  }
  return at + indent + lines.at(-1)!.length;
}
