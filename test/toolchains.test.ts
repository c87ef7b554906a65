import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { expectIndependentNames } from './support/independent-names.ts';
import { RECIPES } from './toolchains/recipes.ts';

describe('programs built by real toolchains', () => {
  test.each(RECIPES.filter(({ committed }) => committed).map(({ id }) => id))('%s decodes, with the imports and exports an independent reader sees', async (id) => {
    await expectIndependentNames(readFileSync(join(import.meta.dirname, 'fixtures/toolchains', `${id}.wasm`)));
  });
});
