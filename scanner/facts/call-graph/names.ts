import type { CustomFact, ModuleFact } from '../facts.ts';

/** A name for a function, by its index. */
export type FunctionNamer = (index: number) => string;

/**
 * Names the functions of a module for people: imports as `module.name`, then the first export, then the name section, else
 * `func[12]`. Names other than an import's are labels and can be forged.
 */
export function functionNamer({ path, module }: Pick<ModuleFact, 'path' | 'module'>, customs: readonly CustomFact[]): FunctionNamer {
  const imports = module.imports.flatMap(({ type, module: from, name }) => (type.kind === 'func' ? [`${from}.${name}`] : []));
  let exported: ReadonlyMap<number, string> | null = null;
  const inSection = (index: number): string | null => {
    for (const { path: place, content } of customs) if (place === path && content.kind === 'name' && content.functions.get(index) !== null) return content.functions.get(index);
    return null;
  };
  return (index) => {
    if (index < imports.length) return imports[index]!;
    exported ??= exportNames({ module });
    return exported.get(index) ?? inSection(index) ?? `func[${index}]`;
  };
}

function exportNames({ module: { exports } }: Pick<ModuleFact, 'module'>): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { kind, index, name } of exports) if (kind === 'func' && !names.has(index)) names.set(index, name);
  return names;
}
