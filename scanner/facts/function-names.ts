import type { CustomFact, Facts, ModuleFact } from './facts.ts';
import { asciiBytes, prepareSearch } from './literal-search.ts';

/** Names a function goes by: of its import or export, or in the name section. */
export interface NamedFunction {
  readonly name: string;
  /** In the function index space. */
  readonly index: number;
  readonly from: 'import' | 'export' | 'name';
  /** Position in its list; for the name section the function index. */
  readonly position: number;
}

/** Says whether a module's functions may have a name that is looked for, without reading the names, of which there can be 150,000. */
export type NameFilter = (fact: ModuleFact, customs: Facts['customs']) => boolean;

/** For whole names of 2 to 127 ASCII characters: with the length in front, as sections hold them. Only a name with a padded length escapes it. */
export function wholeNameFilter(names: ReadonlySet<string>): NameFilter {
  return filter([...names].map((name) => `${String.fromCharCode(name.length)}${name}`), (name) => names.has(name));
}

/** For parts of names, of at least three ASCII characters. */
export function partialNameFilter(parts: readonly string[]): NameFilter {
  return filter(parts, (name) => parts.some((part) => name.includes(part)));
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
  for (const { content } of nameSections(path, customs)) {
    if (content.kind === 'name') for (const [number, name] of content.functions) yield { name, index: number, from: 'name', position: number };
  }
}

function filter(texts: readonly string[], matches: (name: string) => boolean): NameFilter {
  const search = prepareSearch(texts.map(asciiBytes));
  const holds = (bytes: Uint8Array): boolean => {
    let found = false;
    search.search(bytes, () => (found = true));
    return found;
  };
  return ({ path, module }, customs) => {
    if (module.imports.some(({ name }) => matches(name))) return true;
    const section = module.sections.find(({ name }) => name === 'export');
    if (section && holds(module.bytes.subarray(section.offset, section.offset + section.length))) return true;
    return nameSections(path, customs).some(({ offset, length }) => holds(module.bytes.subarray(offset, offset + length)));
  };
}

function nameSections(path: string, customs: readonly CustomFact[]): CustomFact[] {
  return customs.filter((custom) => custom.name === 'name' && custom.path === path);
}
