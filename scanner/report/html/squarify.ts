/** A rectangle in units of the picture. */
export interface Box { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/**
 * Divides a box among weights, so that areas are in proportion and no part is thin where it can be helped: rows of descending weights, each
 * closed when one more would make its parts thinner (Bruls, Huizing and van Wijk, "Squarified treemaps", 2000).
 * @param weights positive, descending
 * @returns a box for each weight, in order
 */
export function squarify(weights: readonly number[], box: Box): Box[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const scale = total > 0 ? (box.width * box.height) / total : 0;
  const boxes: Box[] = [];
  let free = box;
  for (let start = 0; start < weights.length;) {
    const row = rowFrom(weights, start, { scale, side: Math.min(free.width, free.height) });
    const { placed, rest } = place(row, free);
    boxes.push(...placed);
    free = rest;
    start += row.length;
  }
  return boxes;
}

/** Areas of the next row. */
function rowFrom(weights: readonly number[], start: number, { scale, side }: { readonly scale: number; readonly side: number }): number[] {
  const row = [weights[start]! * scale];
  let sum = row[0]!;
  for (let at = start + 1; at < weights.length; at++) {
    const next = weights[at]! * scale;
    if (worst(row[0]!, next, { sum: sum + next, side }) > worst(row[0]!, row.at(-1)!, { sum, side })) break;
    row.push(next);
    sum += next;
  }
  return row;
}

/** The greatest ratio of sides in a row, from its greatest and smallest area. */
function worst(greatest: number, smallest: number, { sum, side }: { readonly sum: number; readonly side: number }): number {
  const square = side * side;
  return Math.max((square * greatest) / (sum * sum), (sum * sum) / (square * smallest));
}

/** Lays a row along the shorter side. */
function place(areas: readonly number[], { x, y, width, height }: Box): { readonly placed: Box[]; readonly rest: Box } {
  const sum = areas.reduce((total, area) => total + area, 0);
  const upright = width >= height;
  const depth = sum / (upright ? height : width) || 0;
  const placed: Box[] = [];
  let along = upright ? y : x;
  for (const area of areas) {
    const length = depth === 0 ? 0 : area / depth;
    placed.push(upright ? { x, y: along, width: depth, height: length } : { x: along, y, width: length, height: depth });
    along += length;
  }
  return { placed, rest: upright ? { x: x + depth, y, width: width - depth, height } : { x, y: y + depth, width, height: height - depth } };
}
