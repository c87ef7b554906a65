import type { Position } from '../yaml.ts';
import { rowOf } from './read-inside.ts';

/** Turns UTF-16 offsets of a text into lines and columns. The table of lines is made when first needed. */
export function placesOf(text: string): (offset: number) => Position {
  let starts: number[] | null = null;
  return (offset) => {
    starts ??= lineStarts(text);
    const row = rowOf(starts, offset);
    return { line: row + 1, column: offset - starts[row]! + 1 };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
