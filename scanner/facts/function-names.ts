import type { CustomFact, ModuleFact } from './facts.ts';

/** Names a function goes by: of its import or export, or in the name section. */
export interface NamedFunction {
  readonly name: string;
  /** In the function index space. */
  readonly index: number;
  readonly from: 'import' | 'export' | 'name';
  /** Position in its list; for the name section the function index. */
  readonly position: number;
}

/**
 * Every name of every function of a module: imports, exports, then the name section, in the order of the file. Names are
 * labels: an obfuscated program has none, and they can be forged.
 */
export function* namedFunctions({ path, module }: Pick<ModuleFact, 'path' | 'module'>, customs: readonly CustomFact[]): Generator<NamedFunction> {
  let index = 0;
  for (const [position, { name, type }] of module.imports.entries()) if (type.kind === 'func') yield { name, index: index++, from: 'import', position };
  let position = 0;
  for (const entry of module.exports) {
    if (entry.kind === 'func') yield { name: entry.name, index: entry.index, from: 'export', position };
    position++;
  }
  for (const { content } of customs.filter((custom) => custom.path === path)) {
    if (content.kind === 'name') for (const [number, name] of content.functions) yield { name, index: number, from: 'name', position: number };
  }
}
