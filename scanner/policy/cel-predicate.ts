/** Values of one statement that a condition can look at: lists, mappings, texts, numbers. More than that is an error, never a shorter value. */
export const PREDICATE_NODES = 50_000;
/** Characters of one text. */
const TEXT = 65_536;
/** Characters of all texts and keys together. */
const TEXTS = 4_000_000;
const DEPTH = 64;

interface Budget {
  nodes: number;
  characters: number;
}

/**
 * Parsed JSON as the expression language sees it: whole numbers are `int`, other numbers `double`, and no key means more than its text.
 * Throws a RangeError for what is larger than a condition can look at, and a TypeError for what is no JSON.
 */
export function predicateValue(json: unknown): unknown {
  return converted(json, { nodes: PREDICATE_NODES, characters: TEXTS }, 0);
}

function converted(value: unknown, budget: Budget, depth: number): unknown {
  budget.nodes--;
  if (budget.nodes < 0 || depth > DEPTH) throw new RangeError('The statement is larger than a condition can look at');
  switch (typeof value) {
    case 'boolean': return value;
    case 'string': return counted(value, budget);
    case 'number': return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'object': break;
    default: throw new TypeError('The statement holds what is no JSON');
  }
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((item) => converted(item, budget, depth + 1));
  // Without a prototype, a key such as __proto__ is a key like any other.
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) copy[counted(key, budget)] = converted(item, budget, depth + 1);
  return copy;
}

function counted(text: string, budget: Budget): string {
  budget.characters -= text.length;
  if (text.length > TEXT || budget.characters < 0) throw new RangeError('A text of the statement is longer than a condition can look at');
  return text;
}
