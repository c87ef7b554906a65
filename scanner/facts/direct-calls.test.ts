import { array, assert, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { dataModule } from '../../test/support/data-module.ts';
import type { Code, Module } from '../wasm/module.ts';
import { directReach } from './direct-calls.ts';

const FUNCTIONS = 12;
const IMPORTED = 4;

test('reaches what a search by hand reaches', () => {
  const edge = tuple(integer({ min: IMPORTED, max: FUNCTIONS - 1 }), integer({ min: 0, max: FUNCTIONS - 1 }));
  assert(property(array(edge, { maxLength: 30 }), integer({ min: 0, max: FUNCTIONS - 1 }), (edges, start) => {
    const reached = new Set([start]);
    for (let before = -1; before !== reached.size; ) {
      before = reached.size;
      for (const [caller, callee] of edges) if (reached.has(caller)) reached.add(callee);
    }
    const { functions, imports } = directReach(moduleWith(edges.toSorted(([a], [b]) => a - b)), start);
    expect(functions).toBe(reached.size);
    expect(imports).toEqual([...reached].filter((index) => index < IMPORTED).sort((a, b) => a - b));
  }));
});

test('a function that does not exist reaches nothing', () => {
  expect(directReach(moduleWith([]), 99)).toEqual({ functions: 0, imports: [] });
  expect(directReach({ ...moduleWith([]), code: null }, 5)).toEqual({ functions: 1, imports: [] });
});

test('a chain of a hundred thousand calls is followed without recursion', () => {
  const length = 100_000;
  const edges = Array.from({ length: length - 1 }, (_, index) => [index, index + 1] as const);
  expect(directReach({ ...moduleWith(edges), importedFunctions: 0, functionTypes: new Uint32Array(length) }, 0).functions).toBe(length);
});

function moduleWith(edges: readonly (readonly [number, number])[]): Module {
  const code = { callEdges: Uint32Array.from(edges.flat()) } as Partial<Code> as Code;
  return { ...dataModule([]), functionTypes: new Uint32Array(FUNCTIONS), importedFunctions: IMPORTED, code };
}
