import { compareText } from '../compare-text.ts';
import { WITHIN_SANDBOX } from '../facts/capabilities.ts';
import { initialMemory } from '../facts/declared.ts';
import type { Facts, ImportFact } from '../facts/facts.ts';
import { parseImportPattern } from './import-pattern.ts';
import type { Level } from './policy.ts';
import { parseReference } from './reference.ts';
import { RUNTIME_SUPPORT, UNKNOWN } from './vocabulary.ts';

export type LearnedFrom = Pick<Facts, 'name' | 'reference' | 'kind' | 'digest' | 'size' | 'imports' | 'exports' | 'features' | 'modules' | 'packaging'>;

/** Something a policy has to allow, and for whom. */
export interface Need<T> {
  readonly value: T;
  /** Names of the artifacts that need it, in target order. */
  readonly by: readonly string[];
  /** What needs it, for example the first imports; '' where there is nothing to say. */
  readonly because: string;
}

/** The least that admits some artifacts. */
export interface Learned {
  readonly artifacts: number;
  /** Repositories that all of them come from; null: one of them is a file. */
  readonly references: readonly Need<string>[] | null;
  /** For `capabilities.only`. */
  readonly capabilities: readonly Need<string>[];
  /** Imports that no capability names, one by one, for `imports.allow`. */
  readonly imports: readonly Need<string | { readonly module: string; readonly name: string }>[];
  /** Imports that cannot be allowed alone, because their name is a pattern. */
  readonly notNameable: readonly string[];
  /** All features in use, and those of them that the level denies. */
  readonly features: readonly Need<string>[];
  readonly extraFeatures: readonly Need<string>[];
  /** Largest of each, in bytes and functions, without headroom. */
  readonly bytes: number;
  readonly memory: number;
  readonly functions: number;
  readonly digests: readonly Need<string>[];
}

/** Collects what artifacts need, one after another, so that none of them has to stay in memory. */
export interface Learner {
  add(facts: LearnedFrom): void;
  learned(): Learned;
}

interface Needed<T> { readonly value: T; readonly by: Set<string>; readonly because: Set<string> }
type Needs<T> = Map<string, Needed<T>>;
type ImportEntry = string | { readonly module: string; readonly name: string };

/** Examples kept of what needs something. */
const EXAMPLES = 3;

/** Learns the least policy over a level. */
export function learnerFor(level: Level): Learner {
  const capabilities: Needs<string> = new Map();
  const imports: Needs<ImportEntry> = new Map();
  const features: Needs<string> = new Map();
  const digests: Needs<string> = new Map();
  const references: Needs<string> = new Map();
  const notNameable = new Set<string>();
  const most = { artifacts: 0, bytes: 0, memory: 0, functions: 0, files: 0 };
  return {
    add(facts) {
      for (const found of facts.imports) learnImport(found, facts, { capabilities, imports, notNameable });
      for (const { capability, name } of facts.exports) {
        if (capability !== null && !WITHIN_SANDBOX.has(capability)) note(capabilities, capability, { value: capability, by: facts.name, because: `export ${name}` });
      }
      for (const { feature } of facts.features) note(features, feature, { value: feature, by: facts.name, because: '' });
      note(digests, facts.digest, { value: facts.digest, by: facts.name, because: '' });
      const repository = repositoryOf(facts);
      if (repository === null) most.files++;
      else note(references, repository, { value: repository, by: facts.name, because: '' });
      most.artifacts++;
      most.bytes = Math.max(most.bytes, facts.size);
      most.memory = Math.max(most.memory, initialMemory(facts));
      for (const { module } of facts.modules) most.functions = Math.max(most.functions, module.functionTypes.length - module.importedFunctions);
    },
    learned: () => ({
      artifacts: most.artifacts, bytes: most.bytes, memory: most.memory, functions: most.functions,
      references: most.files > 0 || most.artifacts === 0 ? null : sorted(references),
      capabilities: sorted(capabilities),
      imports: sorted(imports),
      notNameable: [...notNameable].toSorted(compareText),
      features: sorted(features),
      extraFeatures: sorted(features).filter(({ value }) => !Object.hasOwn(level.features, value) || level.features[value] === 'deny'),
      digests: sorted(digests),
    }),
  };
}

interface ImportNeeds {
  readonly capabilities: Needs<string>;
  readonly imports: Needs<ImportEntry>;
  readonly notNameable: Set<string>;
}

/** The capability `unknown` would allow every import that nobody knows, so those are named. */
function learnImport(found: ImportFact, { kind, name: by }: LearnedFrom, { capabilities, imports, notNameable }: ImportNeeds): void {
  const { capability, interface: module, name } = found;
  if (capability === RUNTIME_SUPPORT) return;
  const text = kind !== 'component' ? `${module}.${name}` : name === '' ? module : `${module}#${name}`;
  if (capability !== UNKNOWN) note(capabilities, capability, { value: capability, by, because: text });
  else {
    const entry = importEntry(text, { module, name, kind });
    if (entry === null) notNameable.add(text);
    else note(imports, JSON.stringify([module, name]), { value: entry, by, because: '' });
  }
}

/** As people write it where that can be read in one way only, else in two parts. null: a pattern would allow more than this import. */
function importEntry(text: string, { module, name, kind }: { readonly module: string; readonly name: string; readonly kind: LearnedFrom['kind'] }): ImportEntry | null {
  if (`${module}${name}`.includes('*') || module === '') return null;
  const parsed = parseImportPattern(text);
  if (name === '') {
    if (kind !== 'component') return null;
    // A function or type of the world itself has no name below its own, which only a star can say.
    return typeof parsed !== 'string' && parsed.form === 'component' && parsed.interface !== null ? text : { module, name: '*' };
  }
  if (typeof parsed === 'string') return { module, name };
  const exact = parsed.form === 'core' ? parsed.module === module && parsed.name === name : parsed.interface !== null && parsed.function === name;
  return exact ? text : { module, name };
}

function repositoryOf({ packaging, reference }: LearnedFrom): string | null {
  if (packaging !== null) return packaging.repository;
  return reference.startsWith('oci://') ? parseReference(reference).repository : null;
}

function note<T>(needs: Needs<T>, key: string, { value, by, because }: { readonly value: T; readonly by: string; readonly because: string }): void {
  const known = needs.get(key) ?? { value, by: new Set<string>(), because: new Set<string>() };
  needs.set(key, known);
  known.by.add(by);
  if (because !== '' && known.because.size <= EXAMPLES) known.because.add(because);
}

function sorted<T>(needs: Needs<T>): readonly Need<T>[] {
  return [...needs].toSorted(([a], [b]) => compareText(a, b)).map(([, { value, by, because }]) => ({ value, by: [...by], because: examples(because) }));
}

function examples(because: ReadonlySet<string>): string {
  const all = [...because];
  return all.length > EXAMPLES ? `${all.slice(0, EXAMPLES).join(', ')} and more` : all.join(', ');
}

/** A quarter more, rounded up to two figures of a unit, as a policy writes it: `3Mi`, `70Ki`, `1400`. */
export function withHeadroom(amount: number, unit: 'bytes' | 'count'): string | number {
  if (amount === 0) return 0;
  const wanted = amount * 1.25;
  if (unit === 'count') return twoFigures(wanted);
  return wanted <= 2 ** 20 ? `${twoFigures(wanted / 2 ** 10)}Ki` : `${twoFigures(wanted / 2 ** 20)}Mi`;
}

function twoFigures(number: number): number {
  const whole = Math.ceil(number);
  const step = 10 ** Math.max(0, String(whole).length - 2);
  return Math.ceil(whole / step) * step;
}
