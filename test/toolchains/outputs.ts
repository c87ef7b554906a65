import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RECIPES, type Recipe } from './recipes.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/toolchains');

/** A program and where its binary is. */
export interface Output { readonly recipe: Recipe; readonly path: string }

/**
 * Every program that can be looked at here: freshly built ones in the folder WASMGATE_TOOLCHAINS first, else the
 * committed binaries. In CI each program must have been built; elsewhere the large ones are left out.
 */
export function outputs(): Output[] {
  const built = process.env['WASMGATE_TOOLCHAINS'];
  return RECIPES.flatMap((recipe) => {
    const fresh = built ? join(built, `${recipe.id}.wasm`) : '';
    if (fresh && existsSync(fresh)) return [{ recipe, path: fresh }];
    if (process.env['CI']) throw new Error(`In CI every toolchain program must be built: ${recipe.id} is missing in WASMGATE_TOOLCHAINS (node test/toolchains/build.ts FOLDER --all)`);
    const committed = join(FIXTURES, `${recipe.id}.wasm`);
    return existsSync(committed) ? [{ recipe, path: committed }] : [];
  });
}
