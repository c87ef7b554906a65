import { namedFunctions } from '../facts/function-names.ts';
import type { Facts } from '../facts/facts.ts';

/** Beginnings of function names that may be packages, in the form the linker gives them; null: no function has a name of Go. */
export type GoPackages = ReadonlySet<string> | null;

/** Every Go program has functions of these packages. */
const ALWAYS = 'runtime';
/** Dots in a path, before the one that ends the package: `golang.org/x/...`, `gopkg.in/yaml.v3`. */
const MOST_DOTS = 4;

/**
 * The Go packages whose functions a program holds, by its name section. Go's linker leaves out what nothing calls, so a package
 * without any function in a program with names is not in it. Names are claims: for advice, never to let something pass.
 */
export function goPackagesOf({ modules, customs }: Pick<Facts, 'modules' | 'customs'>): GoPackages {
  const found = new Set<string>();
  for (const placed of modules) for (const { name, from } of namedFunctions(placed, customs)) if (from === 'name') addPrefixes(name, found);
  return found.has(ALWAYS) ? found : null;
}

/** Whether functions of a package are among them. */
export function linksPackage(packages: ReadonlySet<string>, path: string): boolean {
  return packages.has(linkerName(path));
}

function addPrefixes(name: string, found: Set<string>): void {
  let dot = name.indexOf('.');
  for (let dots = 0; dot > 0 && dots < MOST_DOTS; dots++, dot = name.indexOf('.', dot + 1)) found.add(linkerName(name.slice(0, dot)));
}

/** On Wasm the linker writes an underscore for whatever is neither a letter, a digit nor a dot; dots in the last part of a path stand as %2e. */
function linkerName(path: string): string {
  const cut = path.lastIndexOf('/') + 1;
  return `${path.slice(0, cut)}${path.slice(cut).replaceAll('.', '%2e')}`.replace(/[^\w.]/g, '_');
}
