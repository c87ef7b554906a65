import type { Facts, ImportFact } from './facts/facts.ts';
import type { Location } from './location.ts';
import type { JudgedImport, RuleFinding } from './rule.ts';

/** Names that one message lists before it says "and N more". */
const LISTED = 10;

/** The whole artifact as a location, for findings that have no place of their own. */
export function wholeFile(facts: Facts): Location {
  return { path: 'file', offset: 0, length: facts.size };
}

/** An import as people and policies write it: `module.name` for core modules, `ns:package/interface@version#function` for components. */
export function importText(facts: Facts, found: ImportFact): string {
  if (facts.kind !== 'component') return `${found.module}.${found.name}`;
  return found.name === '' ? found.interface : `${found.interface}#${found.name}`;
}

/** Native code in a package, which lies beside the Wasm that is asked for a signature; that it is there is said by rules of its own. */
export function nativeBesideWasm(facts: Facts): boolean {
  return facts.kind === 'native' && facts.packaging !== null;
}

/** An import in the form that the policy judges one by one. */
export function judgedImport(facts: Facts, found: ImportFact): JudgedImport {
  return { text: importText(facts, found), module: found.interface, name: found.name, location: found.location, reachable: found.reachable };
}

/** What `findingOf` needs to know of the imports that make one finding. */
export interface AboutImports {
  readonly imports: readonly ImportFact[];
  /** Starts the message; the names of the imports follow after a colon. */
  readonly message: string;
  readonly subject: string;
}

/** One finding about several imports, placed at the first of them; none when there are no imports. */
export function* findingOf(facts: Facts, { imports, message, subject }: AboutImports): Generator<RuleFinding> {
  const first = imports[0];
  if (first !== undefined) yield { message: `${message}: ${listing(imports.map((found) => importText(facts, found)))}`, subject, location: first.location };
}

/**
 * Names in one line, each once, cut after ten. Functions of one interface stand together and name it once:
 * `wasi:clocks/wall-clock@0.2.0#now, #resolution`.
 */
export function listing(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const more = unique.length - LISTED;
  const shown = unique.slice(0, LISTED).map((name, at) => (at > 0 && sameInterface(name, unique[at - 1]!) ? name.slice(name.indexOf('#')) : name));
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

function sameInterface(a: string, b: string): boolean {
  const end = a.indexOf('#');
  return end > 0 && a.includes(':') && b.startsWith(a.slice(0, end + 1));
}

/** Functions only: an imported memory, table or global is linkage and calls nothing. */
export function importedFunctions(facts: Facts): readonly ImportFact[] {
  return facts.imports.filter((found) => facts.kind === 'component' || found.kind === 'func');
}
