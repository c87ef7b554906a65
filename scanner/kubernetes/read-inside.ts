/**
 * Where the characters of a scalar stand in its source: of a literal block and of text that is written as it reads.
 * @param start of the scalar in the source, UTF-16
 * @returns for a UTF-16 offset in the value the one in the source; the start for every other kind of scalar
 */
export function offsetsInside(source: string, start: number, value: string): (offset: number) => number {
  const first = source[start];
  if (first === '|') return insideLiteral(source, start, value);
  const begin = first === '"' || first === "'" ? start + 1 : start;
  return source.startsWith(value, begin) ? (offset) => begin + offset : () => start;
}

function insideLiteral(source: string, start: number, value: string): (offset: number) => number {
  const at = source.indexOf('\n', start) + 1;
  if (at === 0) return () => start;
  const indent = /^(?:[ \t]*\r?\n)*( *)/.exec(source.slice(at, at + 10_000))?.[1]?.length ?? 0;
  const inside = lineStarts(value, 0, value.length);
  const outside = lineStarts(source, at, inside.length);
  return (offset) => {
    const row = rowOf(inside, offset);
    const line = outside[row];
    return line === undefined ? start : line + indent + offset - inside[row]!;
  };
}

/** Offsets at which lines begin, from one of them on; at most so many. */
function lineStarts(text: string, from: number, most: number): readonly number[] {
  const starts = [from];
  for (let at = text.indexOf('\n', from); at >= 0 && starts.length < most; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The last line that begins at the offset or before it. */
export function rowOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
