import { expect, it } from 'vitest';
import { decodeModule } from './module-decoder.ts';
import { IMMEDIATES, INSTRUCTIONS } from './opcodes.ts';
import { warmUpModule } from './warm-up.ts';

it('the warm-up module decodes, and takes every case of the hot loop', () => {
  const module = decodeModule(warmUpModule(), 0, warmUpModule().length);
  expect(module.problems).toEqual([]);
  const taken = new Set(INSTRUCTIONS.filter(({ slot }) => module.code!.opcodes[slot]! > 0).map(({ immediates }) => IMMEDIATES[immediates]));
  expect([...taken].filter((kind) => kind <= IMMEDIATES.f64).sort((a, b) => a - b)).toEqual(Array.from({ length: IMMEDIATES.f64 }, (_, index) => index + 1));
  expect(module.code!.constants.counts.reduce((sum, count) => sum + count, 0)).toBe(12);
  // Columns that start small have grown.
  expect(module.code!.maxDepth).toBe(300);
  expect(module.code!.indirectCalls.length / 3).toBeGreaterThan(100);
});
