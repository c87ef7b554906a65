import { describe, expect, it } from 'vitest';
import { runCampaign } from './campaign.ts';
import { assemble, cut } from './frame.ts';
import { brokenPromises } from './promises.ts';
import { inputOf, loadSeeds } from './seeds.ts';

/** Few enough for every run of the tests; `npm run fuzz` tries as many as there is time for. */
const INPUTS = 300;
const SEED = 20_261_124;
const choice = { only: 'fixtures' } as const;

describe('fuzzing', () => {
  it('keeps every promise on mutated programs, within bounds of time and memory', async () => {
    const { inputs, failure } = await runCampaign({ seed: SEED, choice, inputs: INPUTS });
    expect(failure).toBeNull();
    expect(inputs).toBe(INPUTS);
  });

  it('makes the same input from the same seed and index, and another from a neighbour', async () => {
    const [seeds, again] = [await loadSeeds(choice), await loadSeeds(choice)];
    for (const index of [0, 1, 77]) expect(inputOf(again, SEED, index)).toEqual(inputOf(seeds, SEED, index));
    expect(inputOf(seeds, SEED, 1)).not.toEqual(inputOf(seeds, SEED, 0));
    expect(inputOf(seeds, SEED + 1, 0)).not.toEqual(inputOf(seeds, SEED, 0));
  });

  it('cuts programs apart and puts them together without losing a byte', async () => {
    const { programs } = await loadSeeds(choice);
    // Linkers write some sizes five bytes wide, so that the parts are compared and not the bytes.
    for (const program of programs) expect(cut(assemble(cut(program), 5))).toEqual(cut(program));
  });

  it.each(REGRESSIONS())('keeps every promise on what was once found: %s', async (_, bytes) => {
    expect(await brokenPromises(bytes)).toEqual([]);
  });
});

/** Inputs that once broke a promise, cut down to what matters. */
function REGRESSIONS(): readonly (readonly [string, Uint8Array])[] {
  return [
    ['an empty file', new Uint8Array()],
    ['half a preamble', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1)],
  ];
}
