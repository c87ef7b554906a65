import { FIELD_ITEMS, TEXT_LENGTH, VARIABLES, type Variable } from './cel-variables.ts';
import { PREDICATE_NODES } from './cel-predicate.ts';

/** The parts of a syntax tree that costs are read from, in the shape the expression library gives them. */
export interface Node {
  readonly op: string;
  readonly args: unknown;
}

/** How large a value can become: characters of a text, items of a list, and the largest item. */
interface Size {
  readonly length: number;
  readonly item: Size | null;
  readonly fields: Readonly<Record<string, Size>> | null;
  /**
   * JSON of unknown shape. `part`: one of many items that a walk goes over; all of them together are no larger than the whole, so a walk
   * inside a walk over the tree costs as much as one.
   */
  readonly json?: 'whole' | 'part';
}

interface Cost {
  /** Steps to evaluate it, an upper bound for the work that grows with the facts. */
  readonly steps: number;
  readonly size: Size;
}

export type Scope = ReadonlyMap<string, Size>;

/** Steps of one expression at most; one takes some tens of nanoseconds. Two nested walks over all imports are refused. */
const STEPS = 20_000_000;
/** Characters or items of one value at most. */
const LENGTH = 1_000_000;
/** Characters that one step compares or copies. */
const CHARACTERS = 1_024;

const ONE: Size = { length: 1, item: null, fields: null };
const TEXT: Size = { length: TEXT_LENGTH, item: null, fields: null };
const SHORT: Size = { length: 64, item: null, fields: null };
const JSON_WHOLE: Size = { length: PREDICATE_NODES, item: null, fields: null, json: 'whole' };
const JSON_PART: Size = { ...JSON_WHOLE, json: 'part' };
/** Steps that a part takes on average, where its texts are compared. */
const PART_WEIGHT = TEXT_LENGTH / CHARACTERS;

/** Fields whose texts are words of the engine, which no artifact can stretch. */
const OWN_WORDS = new Set(['digest', 'kind', 'status', 'capability', 'abi', 'risk', 'field', 'ecosystem', 'code', 'effect']);

/** Macros that walk a list. */
const WALKS = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);
/** Every function an expression may call, and the size of what it gives for the sizes of receiver and arguments. */
const FUNCTIONS: Readonly<Record<string, (operands: readonly Size[]) => Size>> = {
  size: () => ONE, has: () => ONE, int: () => ONE, uint: () => ONE, double: () => ONE, bool: () => ONE, type: () => ONE,
  dyn: (operands) => operands[0] ?? ONE,
  string: (operands) => largest([SHORT, ...operands]),
  contains: () => ONE, startsWith: () => ONE, endsWith: () => ONE, matches: () => ONE, indexOf: () => ONE, lastIndexOf: () => ONE,
  lowerAscii: (operands) => operands[0] ?? ONE, upperAscii: (operands) => operands[0] ?? ONE, trim: (operands) => operands[0] ?? ONE,
  substring: (operands) => operands[0] ?? ONE,
  split: (operands) => ({ length: operands[0]?.length ?? 1, item: SHORT, fields: null }),
  join: ([list, separator]) => ({ length: (list?.length ?? 1) * ((list?.item?.length ?? 1) + (separator?.length ?? 0)), item: null, fields: null }),
  timestamp: () => ONE, duration: () => ONE, getDate: () => ONE, getDayOfMonth: () => ONE, getDayOfWeek: () => ONE, getDayOfYear: () => ONE,
  getFullYear: () => ONE, getMonth: () => ONE, getHours: () => ONE, getMinutes: () => ONE, getSeconds: () => ONE, getMilliseconds: () => ONE,
};

/** Sizes of the variables of expressions over facts. */
export const FACT_SIZES: Scope = new Map(Object.entries<Variable>(VARIABLES).map(([name, { fields, most }]) => [name, variableSize(fields, most)]));
/** Sizes of the variables of conditions on a statement. */
export const STATEMENT_SIZES: Scope = new Map([['predicate', JSON_WHOLE], ['statement', JSON_WHOLE]]);

/** Steps in the worst case. Throws a RangeError when the expression could cost too much on the largest values, or calls what no expression may call. */
export function holdCost(root: Node, scope: Scope): number {
  const { steps } = costOf(root, scope);
  if (steps > STEPS) throw new RangeError('Expression costs too much: walks over lists are nested too deeply for the largest artifacts');
  return steps;
}

function variableSize(fields: Readonly<Record<string, string>> | null, most: number | null): Size {
  const record: Size = fields === null ? SHORT : { length: 1, item: null, fields: Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, fieldSize(name, type)])) };
  return most === null ? record : { length: most, item: record, fields: null };
}

function fieldSize(name: string, type: string): Size {
  if (type === 'list<string>') return { length: FIELD_ITEMS, item: SHORT, fields: null };
  return type !== 'string' ? ONE : OWN_WORDS.has(name) ? SHORT : TEXT;
}

function costOf(node: Node, scope: Scope): Cost {
  const cost = costOfKind(node, scope);
  if (cost.size.length > LENGTH) throw new RangeError('Expression builds too large a value');
  return cost;
}

function costOfKind(node: Node, scope: Scope): Cost {
  switch (node.op) {
    case 'value': return { steps: 1, size: { ...ONE, length: typeof node.args === 'string' ? node.args.length : 1 } };
    case 'id': return { steps: 1, size: scope.get(node.args as string) ?? ONE };
    case '.': return selected(node.args as [Node, string], scope);
    case 'call': return called(node.args as [string, Node[]], scope);
    case 'rcall': return walkedOrCalled(node.args as [string, Node, Node[]], scope);
    default: return combined(node, operands(node.args).map((child) => costOf(child, scope)));
  }
}

function selected([object, field]: [Node, string], scope: Scope): Cost {
  const { steps, size } = costOf(object, scope);
  return { steps: steps + 1, size: size.json === undefined ? (size.fields?.[field] ?? TEXT) : size };
}

function called([name, args]: [string, Node[]], scope: Scope): Cost {
  const costs = args.map((argument) => costOf(argument, scope));
  const sizeOf = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (sizeOf === undefined) throw new RangeError(`Function ${name} is not offered to expressions`);
  const size = sizeOf(costs.map((cost) => cost.size));
  return { steps: total(costs) + 1 + weight(size), size };
}

function walkedOrCalled([name, receiver, args]: [string, Node, Node[]], scope: Scope): Cost {
  if (!WALKS.has(name)) return called([name, [receiver, ...args]], scope);
  const list = costOf(receiver, scope);
  const variable = args[0]?.op === 'id' ? (args[0].args as string) : '';
  const inner = new Map(scope).set(variable, list.size.json === undefined ? (list.size.item ?? TEXT) : JSON_PART);
  const rounds = list.size.json === 'part' ? 1 : list.size.length;
  const bodies = args.slice(1).map((body) => costOf(body, inner));
  const size: Size = name === 'filter' ? list.size : name === 'map' ? { length: list.size.length, item: bodies.at(-1)?.size ?? ONE, fields: null } : ONE;
  return { steps: list.steps + rounds * (total(bodies) + 1), size };
}

function combined({ op }: Node, costs: readonly Cost[]): Cost {
  const sizes = costs.map(({ size }) => size);
  const steps = total(costs) + 1;
  if (op === '+') {
    const size: Size = { ...largest(sizes), length: sizes.reduce((sum, { length }) => sum + length, 0) };
    return { steps: steps + weight(size), size };
  }
  if (op === 'list' || op === 'map') return { steps: steps + sizes.length, size: { length: sizes.length, item: largest([ONE, ...sizes]), fields: null } };
  if (op === '[]') return { steps, size: sizes[0]?.json === undefined ? (sizes[0]?.item ?? TEXT) : sizes[0] };
  if (op === '?:') return { steps, size: largest(sizes.slice(1)) };
  return { steps: steps + (op === '==' || op === '!=' || op === 'in' ? sizes.reduce((sum, size) => sum + weight(size), 0) : 0), size: ONE };
}

/** Steps to go over a value once. */
function weight({ length, item, json }: Size): number {
  if (json === 'part') return PART_WEIGHT;
  return item === null ? length / CHARACTERS : length * (1 + weight(item) / CHARACTERS);
}

function largest(sizes: readonly Size[]): Size {
  return sizes.reduce((a, b) => ({
    length: Math.max(a.length, b.length),
    item: a.item !== null && b.item !== null ? largest([a.item, b.item]) : (a.item ?? b.item),
    fields: a.fields ?? b.fields,
    ...(a.json === undefined && b.json === undefined ? {} : { json: a.json === 'whole' || b.json === 'whole' ? 'whole' as const : 'part' as const }),
  }), ONE);
}

function total(costs: readonly Cost[]): number {
  return costs.reduce((sum, { steps }) => sum + steps, 0);
}

function operands(args: unknown): readonly Node[] {
  if (Array.isArray(args)) return args.flatMap(operands);
  return args !== null && typeof args === 'object' && 'op' in args ? [args as Node] : [];
}
