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

/**
 * An import in the form that the policy judges one by one. That nothing reaches it counts only where no host can change what is
 * reached: where every table is closed.
 */
export function judgedImport(facts: Facts, found: ImportFact): JudgedImport {
  const reachable = found.reachable === false && !facts.modules.every(({ callGraph }) => callGraph?.closed === true) ? null : found.reachable;
  return { text: importText(facts, found), module: found.interface, name: found.name, location: found.location, reachable };
}

/** Imports in the form that the policy judges one by one, and the confidence of a finding about them; the first one that is reached tells how. */
export function judgedImports(facts: Facts, imports: readonly ImportFact[]): Pick<RuleFinding, 'imports' | 'confidence'> {
  const first = imports.find(({ reachable }) => reachable === true);
  const judged = imports.map((found) => ({ ...judgedImport(facts, found), ...(found === first && pathOf(facts, found)) }));
  return noneReached(imports) ? { imports: judged, confidence: 'low' } : { imports: judged };
}

/** Whether nothing in the program reaches any of these imports; false also where that is not known. */
export function noneReached(imports: readonly ImportFact[]): boolean {
  return imports.length > 0 && imports.every(({ reachable }) => reachable === false);
}

/** Said of imports that nothing reaches. */
export const UNREACHED = ' (nothing in the program reaches this)';

/** Characters of a function's name in a chain of calls. */
const SHOWN_NAME = 60;

function pathOf(facts: Facts, found: ImportFact): Pick<JudgedImport, 'path'> {
  const path = facts.callPath(found);
  if (path === null || path.length < 2) return {};
  const names = path.slice(0, -1).map((name) => (name.length > SHOWN_NAME ? `${name.slice(0, SHOWN_NAME)}...` : name));
  return { path: `${importText(facts, found)} is called by ${names.join(' > ')}` };
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
  if (first === undefined) return;
  const text = listing(imports.map((found) => importText(facts, found)));
  if (noneReached(imports)) yield { message: `${message}${UNREACHED}: ${text}`, subject, location: first.location, confidence: 'low' };
  else yield { message: `${message}: ${text}`, subject, location: first.location };
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
