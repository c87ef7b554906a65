import { readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { expectIndependentNames } from './support/independent-names.ts';
import { outputs } from './toolchains/outputs.ts';

describe('programs built by real toolchains', () => {
  test.each(outputs().map(({ recipe, path }) => [recipe.id, path]))('%s decodes, with the imports and exports an independent reader sees', async (_id, path) => {
    await expectIndependentNames(readFileSync(path));
  });
});
