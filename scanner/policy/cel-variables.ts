import type { FactsSummary } from '../facts/summary.ts';
import type { Problem } from '../problem.ts';
import type { Provenance } from '../provenance.ts';

type Field = 'string' | 'int' | 'bool' | 'list<string>';

/** One variable of the expressions: an object, a list of objects, or a list of texts. */
export interface Variable {
  /** Fields of the object, or of each item; null: the items are texts. */
  readonly fields: Readonly<Record<string, Field>> | null;
  /** Most items of a list; null: not a list. More than that is an error, never a shorter list. */
  readonly most: number | null;
}

/** Every variable that an expression may use. Documented in docs/policy.md; a name added here is added there. */
export const VARIABLES = {
  artifact: { fields: { name: 'string', digest: 'string', size: 'int', kind: 'string' }, most: null },
  provenance: { fields: { status: 'string', signed: 'bool', authorities: 'list<string>', identities: 'list<string>' }, most: null },
  imports: {
    fields: { module: 'string', name: 'string', interface: 'string', kind: 'string', capability: 'string', abi: 'string', risk: 'string', reachable: 'bool' },
    most: 10_000,
  },
  exports: { fields: { name: 'string', kind: 'string' }, most: 20_000 },
  memories: { fields: { module: 'string', initial: 'int', maximum: 'int', shared: 'bool', memory64: 'bool' }, most: 1_000 },
  tools: { fields: { name: 'string', version: 'string', field: 'string' }, most: 300 },
  dependencies: { fields: { name: 'string', version: 'string', ecosystem: 'string' }, most: 5_000 },
  problems: { fields: { code: 'string', effect: 'string' }, most: 100 },
  capabilities: { fields: null, most: 200 },
  features: { fields: null, most: 100 },
  abis: { fields: null, most: 100 },
  languages: { fields: null, most: 100 },
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof VARIABLES;

/** Characters of one text in a fact; longer ones are an error. Mangled names reach some thousands. */
export const TEXT_LENGTH = 16_384;
/** Items of a list in a field; longer ones are an error. */
export const FIELD_ITEMS = 1_000;
/** Characters of all texts of one variable together. */
const TEXTS_LENGTH = 8_000_000;

/** Evaluates to one value per variable, each made when it is asked for. Throws a RangeError when a fact is over its limit. */
export function celInput(facts: FactsSummary, problems: readonly Problem[]): Record<string, unknown> {
  const makers = variableMakers(facts, problems);
  const input: Record<string, unknown> = {};
  for (const name of Object.keys(VARIABLES) as VariableName[]) {
    Object.defineProperty(input, name, { enumerable: true, get: () => bounded(name, makers[name]()) });
  }
  return input;
}

function variableMakers(facts: FactsSummary, problems: readonly Problem[]): Record<VariableName, () => unknown> {
  return {
    artifact: () => ({ name: facts.name, digest: facts.digest, size: BigInt(facts.size), kind: facts.kind }),
    provenance: () => provenance(facts.provenance),
    imports: () => mapped('imports', facts.imports, (fact) => ({
      module: fact.module, name: fact.name, interface: fact.interface, kind: fact.kind, capability: fact.capability, abi: fact.abi ?? '', risk: fact.risk,
      // Not known counts as reachable: an expression must not pass because nobody looked.
      reachable: fact.reachable !== false,
    })),
    exports: () => mapped('exports', facts.exports, ({ name, kind }) => ({ name, kind })),
    memories: () => memories(facts),
    tools: () => mapped('tools', facts.tools, ({ name, version, field }) => ({ name, version, field })),
    dependencies: () => mapped('dependencies', facts.dependencies, ({ name, version, ecosystem }) => ({ name, version, ecosystem })),
    problems: () => mapped('problems', problems, ({ code, effect }) => ({ code, effect })),
    capabilities: () => [...facts.capabilities],
    features: () => [...new Set(facts.features.map(({ feature }) => feature as string))],
    abis: () => [...facts.abis],
    languages: () => [...facts.languages],
  };
}

/** `signed` is meant of the whole artifact: a signature over parts of it makes nothing signed. */
function provenance({ status, authorities, signatures }: Provenance): unknown {
  const good = signatures.filter((signature) => signature.status === 'trusted' && signature.predicateType === null);
  const identities = [...new Set(good.map(({ identity }) => identity).filter((identity) => identity !== null))].toSorted();
  return { status, signed: status === 'trusted' && (good.length === 0 || good.some(({ covers }) => covers === 'whole')), authorities: [...authorities], identities };
}

function memories(facts: FactsSummary): readonly unknown[] {
  return mapped('memories', facts.memories, ({ module, type }) => ({
    module,
    initial: byteCount(type.minimum, type.pageSize),
    maximum: type.maximum === null ? -1n : byteCount(type.maximum, type.pageSize),
    shared: type.shared,
    memory64: type.index64,
  }));
}

/** Bytes as CEL's int, which ends at 2^63 - 1. */
function byteCount(pages: number, pageSize: number): bigint {
  const bytes = BigInt(pages) * BigInt(pageSize);
  return bytes < 2n ** 63n ? bytes : 2n ** 63n - 1n;
}

/** Maps at most one item more than the limit: enough to know that it is passed. */
function mapped<T>(name: VariableName, items: Iterable<T>, map: (item: T) => unknown): readonly unknown[] {
  const { most } = VARIABLES[name];
  const made: unknown[] = [];
  for (const item of items) {
    made.push(map(item));
    if (most !== null && made.length > most) break;
  }
  return made;
}

function bounded(name: VariableName, value: unknown): unknown {
  const { most } = VARIABLES[name];
  if (Array.isArray(value) && most !== null && value.length > most) throw new RangeError(`The artifact has more ${name} than the ${most} an expression can look at`);
  let total = 0;
  for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
    for (const text of typeof item === 'string' ? [item] : Object.values(item as object).flatMap((field) => heldItems(name, field))) {
      if (typeof text !== 'string') continue;
      total += text.length;
      if (text.length > TEXT_LENGTH || total > TEXTS_LENGTH) throw new RangeError(`A text among ${name} is longer than an expression can look at`);
    }
  }
  return value;
}

function heldItems(name: VariableName, field: unknown): readonly unknown[] {
  if (!Array.isArray(field)) return [field];
  if (field.length > FIELD_ITEMS) throw new RangeError(`A list in ${name} has more than the ${FIELD_ITEMS} items an expression can look at`);
  return field as unknown[];
}
