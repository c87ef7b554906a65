// Builds the toolchain programs: npm run toolchains [-- FOLDER [--all | ID ...]]; by default the committed ones into the fixtures.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildMutator, MUTATOR } from './mutator.ts';
import { RECIPES } from './recipes.ts';

const [folder = join(import.meta.dirname, '../fixtures/toolchains'), ...ids] = process.argv.slice(2);
const output = resolve(folder);
const work = mkdtempSync(join(tmpdir(), 'toolchains-'));
mkdirSync(output, { recursive: true });
for (const recipe of RECIPES.filter(({ id, committed }) => ids.includes('--all') || (ids.length > 0 ? ids.includes(id) : committed))) {
  const started = performance.now();
  recipe.build({ source: join(import.meta.dirname, recipe.source), output: join(output, `${recipe.id}.wasm`), work });
  console.log(`${recipe.id}: ${Math.round(performance.now() - started)} ms`);
}
if (ids.includes('--all') || ids.includes(MUTATOR)) {
  buildMutator({ output, work });
  console.log(`${MUTATOR}: the mutator of modules`);
}
