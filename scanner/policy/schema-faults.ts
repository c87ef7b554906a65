import { SCHEMA_KEYS } from './keys.generated.ts';
import type { Fault } from './fault.ts';
import { didYouMean } from './suggest.ts';

/** One error as the schema's validator reports it. */
export interface SchemaError {
  /** RFC 6901 pointer into the document. */
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What is wrong, in the words of the document; `keys`: those that the document may have, by place. */
export function schemaFault(error: SchemaError, document: unknown, keys = SCHEMA_KEYS): Fault {
  const { instancePath: pointer, keyword, params } = error;
  const where = dotted(pointer);
  if (keyword === 'additionalProperties') {
    const key = String(params['additionalProperty']);
    const known = knownKeys(pointer.split('/'), keys);
    return { pointer: `${pointer}/${escaped(key)}`, on: 'key', message: `Unknown key ${key}${where === '' ? '' : ` in ${where}`}${didYouMean(key, known)}` };
  }
  if (keyword === 'required') return { pointer, on: 'key', message: `Key ${String(params['missingProperty'])} is missing${where === '' ? '' : ` in ${where}`}` };
  return { pointer, on: 'value', message: `${where === '' ? 'The document' : where} ${demand(error, valueAt(document, pointer))}` };
}

function knownKeys(path: readonly string[], keys: typeof SCHEMA_KEYS): readonly string[] {
  const fits = (pattern: readonly string[]): boolean => pattern.length === path.length && pattern.every((part, index) => part === '*' || part === path[index]);
  return Object.entries(keys).find(([pattern]) => fits(pattern.split('/')))?.[1] ?? [];
}

/** What the value should be, and what it is. */
function demand({ keyword, params }: SchemaError, value: unknown): string {
  const limit = String(params['limit']);
  switch (keyword) {
    case 'enum': {
      const allowed = params['allowedValues'] as readonly string[];
      return `is ${shown(value)} and must be ${list(allowed)}${typeof value === 'string' ? didYouMean(value, allowed) : ''}`;
    }
    case 'type': return `is ${shown(value)} and must be ${list([params['type']].flat().map((type) => TYPES[String(type)] ?? String(type)))}`;
    case 'pattern': return `is ${shown(value)}, which is not written as it must be: ${String(params['pattern'])}`;
    case 'minLength': return 'is empty';
    case 'maxLength': return `is longer than ${limit} characters`;
    case 'minItems': return `needs at least ${limit} ${limit === '1' ? 'entry' : 'entries'}`;
    case 'maxItems': return `has more than ${limit} entries`;
    case 'minProperties': return `needs at least ${limit} ${limit === '1' ? 'key' : 'keys'}`;
    case 'maxProperties': return `has more than ${limit} keys`;
    case 'minimum': return `is ${shown(value)} and must be at least ${limit}`;
    case 'maximum': return `is ${shown(value)} and must be at most ${limit}`;
    default: return `does not fit the schema: ${keyword}`;
  }
}

const TYPES: Readonly<Record<string, string>> = { object: 'a mapping', array: 'a list', string: 'text', integer: 'a whole number', boolean: 'true or false' };

function list(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? 'nothing') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)!}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null || value === undefined) return 'empty';
  return typeof value === 'object' ? 'a mapping' : JSON.stringify(value).slice(0, 80);
}

/** `/spec/waivers/0/digest` as `spec.waivers[0].digest`. */
export function dotted(pointer: string): string {
  return pointer.split('/').slice(1).map(unescaped).map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('');
}

/** The value at a pointer, or undefined. */
export function valueAt(root: unknown, pointer: string): unknown {
  return pointer.split('/').slice(1).map(unescaped).reduce<unknown>((value, part) => (value !== null && typeof value === 'object' && Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined), root);
}

/** One part of a pointer as RFC 6901 writes it. */
export function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
