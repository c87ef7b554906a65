import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { squarify } from './squarify.ts';

const BOX = { x: 10, y: 20, width: 960, height: 300 };

test('areas are in proportion to the weights, inside the box and disjoint', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 40 }), (given) => {
    const weights = given.sort((a, b) => b - a);
    const boxes = squarify(weights, BOX);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    expect(boxes).toHaveLength(weights.length);
    for (const [index, { x, y, width, height }] of boxes.entries()) {
      expect(width * height).toBeCloseTo((weights[index]! / total) * BOX.width * BOX.height, 3);
      expect(Math.min(x - BOX.x, y - BOX.y, BOX.x + BOX.width - x - width, BOX.y + BOX.height - y - height)).toBeGreaterThan(-1e-6);
    }
    const overlap = boxes.some((a, i) => boxes.some((b, j) => i < j && a.x + a.width > b.x + 1e-6 && b.x + b.width > a.x + 1e-6 && a.y + a.height > b.y + 1e-6 && b.y + b.height > a.y + 1e-6));
    expect(overlap).toBe(false);
  }), { numRuns: 100 });
});

test('parts are no slivers where it can be helped', () => {
  const boxes = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  expect(Math.max(...boxes.map(({ width, height }) => Math.max(width / height, height / width)))).toBeLessThan(3);
});

test('nothing needs no box', () => {
  expect(squarify([], BOX)).toEqual([]);
});
