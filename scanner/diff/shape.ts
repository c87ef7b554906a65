import { compareText } from '../compare-text.ts';
import { declaredMemories, declaredTables, initialMemory } from '../facts/declared.ts';
import type { Facts, ImportFact } from '../facts/facts.ts';
import type { Provenance } from '../provenance.ts';
import { AREAS, type Area, type Shape, type Trait } from './trait.ts';

/** Names of limits, as reports show them. */
const LIMIT_NAMES = { memories: 'memories', initial: 'memory, initial bytes', maximum: 'memory, most bytes', shared: 'shared memories', tables: 'tables', tableInitial: 'table, initial elements', tableMaximum: 'table, most elements' } as const;

/** `ns:package/interface@1.2.3`, in its parts. */
const VERSIONED = /^([^@#]+:[^@#]+)@(\d[0-9A-Za-z.+-]*)(.*)$/s;

type Compared = Pick<Facts, 'name' | 'digest' | 'size' | 'kind' | 'capabilities' | 'imports' | 'exports' | 'features' | 'modules' | 'dependencies' | 'tools'>;

/**
 * What an artifact is compared by. `provenance` null: nobody was asked who signed it. Order, indices and inner names of the artifact play no
 * part, so that a rebuild which changes nothing else has the same shape.
 */
export function shapeOf(facts: Compared, provenance: Provenance | null): Shape {
  const traits = [
    trait('kind', 'kind', facts.kind),
    ...facts.capabilities.map((name) => trait('capability', name, null)),
    ...importTraits(facts),
    ...versioned('export', [...facts.exports].map(({ name, kind }) => withKind(name, kind))),
    ...facts.features.map(({ feature }) => trait('feature', feature, null)),
    ...limitTraits(facts),
    ...(provenance === null ? [] : signerTraits(provenance)),
    ...valued('dependency', facts.dependencies.map(({ ecosystem, name, version }) => [`${ecosystem} ${name}`, version])),
    ...valued('tool', facts.tools.map(({ name, version }) => [name, version])),
    trait('size', 'bytes', facts.size),
  ];
  return { name: facts.name, digest: facts.digest, size: facts.size, traits: ordered(traits) };
}

function trait(area: Area, name: string, value: Trait['value']): Trait {
  return { area, name, value };
}

/** Each name once; equal names have equal values by then. */
function ordered(traits: readonly Trait[]): readonly Trait[] {
  const unique = new Map(traits.map((one) => [`${one.area} ${one.name}`, one]));
  return [...unique.values()].toSorted((a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area) || compareText(a.name, b.name));
}

function importTraits({ kind, imports }: Compared): readonly Trait[] {
  const named = imports.map((one) => ({ text: withKind(importName(kind, one), one.kind), reachable: one.reachable }));
  return [
    ...versioned('import', named.map(({ text }) => text)),
    ...valued('reachability', named.filter(({ reachable }) => reachable !== null).map(({ text, reachable }) => [unversioned(text).name, reachable === true ? 'reachable' : 'unreachable'])),
  ];
}

function importName(artifact: Compared['kind'], { module, name, interface: judged }: ImportFact): string {
  if (artifact !== 'component') return `${module}.${name}`;
  return name === '' ? judged : `${judged}#${name}`;
}

/** What is no function says so: a memory that replaces a function of the same name is something else. */
function withKind(name: string, kind: string): string {
  return kind === 'func' || kind === 'instance' ? name : `${name} (${kind})`;
}

/** The version is a value, so that a newer one of the same interface is a change and nothing new. */
function versioned(area: Area, names: readonly string[]): readonly Trait[] {
  return valued(area, names.map((text) => {
    const { name, version } = unversioned(text);
    return [name, version];
  }));
}

function unversioned(text: string): { readonly name: string; readonly version: string } {
  const parts = VERSIONED.exec(text);
  return parts === null ? { name: text, version: '' } : { name: parts[1]! + parts[3]!, version: parts[2]! };
}

/** One trait for each name, with all its values in order; of reachability the stronger one. */
function valued(area: Area, pairs: readonly (readonly [string, string])[]): readonly Trait[] {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    if (known === undefined) values.set(name, new Set([value]));
    else known.add(value);
  }
  return [...values].map(([name, all]) => trait(area, name, area === 'reachability' && all.has('reachable') ? 'reachable' : joined(all)));
}

function joined(values: ReadonlySet<string>): string | null {
  const written = [...values].filter((value) => value !== '').toSorted(compareText);
  return written.length === 0 ? null : written.join(', ');
}

/** Of all core modules together, so that their order plays no part. */
function limitTraits(facts: Compared): readonly Trait[] {
  const memories = declaredMemories(facts);
  const tables = declaredTables(facts);
  const limit = (name: string, value: number | null): Trait => trait('limit', name, value);
  return [
    ...(memories.length === 0 ? [] : [
      limit(LIMIT_NAMES.memories, memories.length),
      limit(LIMIT_NAMES.initial, initialMemory(facts)),
      limit(LIMIT_NAMES.maximum, bound(memories.map(({ maximum, pageSize }) => (maximum === null ? null : maximum * pageSize)))),
      limit(LIMIT_NAMES.shared, memories.filter(({ shared }) => shared).length),
    ]),
    ...(tables.length === 0 ? [] : [
      limit(LIMIT_NAMES.tables, tables.length),
      limit(LIMIT_NAMES.tableInitial, sum(tables.map(({ minimum }) => minimum))),
      limit(LIMIT_NAMES.tableMaximum, bound(tables.map(({ maximum }) => maximum))),
    ]),
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** null as soon as one of them has no bound. */
function bound(numbers: readonly (number | null)[]): number | null {
  return numbers.every((one) => one !== null) ? sum(numbers) : null;
}

function signerTraits({ status, authorities, signatures }: Provenance): readonly Trait[] {
  const trusted = signatures.filter((one) => one.status === 'trusted' && one.identity !== null);
  return [
    trait('signer', 'provenance', status),
    ...authorities.map((name) => trait('signer', `authority ${name}`, null)),
    ...trusted.map(({ identity, issuer }) => trait('signer', `identity ${identity}${issuer === null ? '' : ` by ${issuer}`}`, null)),
  ];
}
