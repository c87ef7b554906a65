import type { Grant, Setting } from '../grant.ts';
import { LIMITS } from '../wasm/limits.ts';
import { isRecord } from '../is-record.ts';
import type { ManifestObject } from './object.ts';
import type { CarrierRow } from './table-row.ts';

/** A value in a tree of hostile data, with the way to it. Only own properties are ever followed. */
export interface Node {
  readonly value: unknown;
  readonly key: string;
  readonly up: Node | null;
}

/** A grant or setting that knows the value it stands at, and not yet the file. */
export type Loose<T> = Omit<T, 'place'> & { readonly at: Node };

/** What surrounds one reference, before places are known. */
export interface Concerns {
  readonly grants: readonly Loose<Grant>[];
  readonly settings: readonly Loose<Setting>[];
}

/** Reads what concerns one reference of an object. `root` is the object, `reference` the text that names the module. */
export type ConcernsOf = (root: Node, reference: Node, namespace: string | null) => Iterable<Loose<Grant> | Loose<Setting>>;

/** The root of a tree. */
export function rootNode(value: unknown): Node {
  return { value, key: '', up: null };
}

/** The value under keys, one after another; its value is undefined where there is none. */
export function child(node: Node, ...keys: readonly string[]): Node {
  let at = node;
  for (const key of keys) at = { value: own(at.value, key), key, up: at };
  return at;
}

/** The items of a list, or nothing. */
export function* items(node: Node): Iterable<Node> {
  if (!Array.isArray(node.value)) return;
  for (const [index, value] of (node.value as unknown[]).entries()) yield { value, key: String(index), up: node };
}

/** The values of a map in its order, or nothing. */
export function* fields(node: Node): Iterable<Node> {
  if (!isRecord(node.value)) return;
  for (const key of Object.keys(node.value)) yield { value: node.value[key], key, up: node };
}

/** The value under a key written in any of its spellings: `vm_config`, `vmConfig`, `VmConfig`. The name is given in small letters alone. */
export function loosely(node: Node, ...names: readonly string[]): Node {
  let at = node;
  for (const name of names) {
    const key = isRecord(at.value) ? Object.keys(at.value).find((key) => plain(key) === name) : undefined;
    at = { value: key === undefined ? undefined : own(at.value, key), key: key ?? name, up: at };
  }
  return at;
}

/** A key in small letters, without `_` and `-`. */
export function plain(key: string): string {
  return key.length > 100 ? key : key.replace(/[_-]/g, '').toLowerCase();
}

/** The text of a value; numbers and truth values as written in YAML, else null. */
export function textOf(node: Node): string | null {
  const { value } = node;
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** True where a value says so, as a truth value or as the text that templates make of it. */
export function isTrue(node: Node): boolean {
  return node.value === true || (typeof node.value === 'string' && node.value.toLowerCase() === 'true');
}

const PATHS = new WeakMap<Node, string>();

/** RFC 6901 pointer from the root of the tree. The beginning is shared between the values of one list, since keys can be long. */
export function pathOf(node: Node): string {
  const missing: Node[] = [];
  let at = node;
  while (at.up && !PATHS.has(at)) {
    missing.push(at);
    at = at.up;
  }
  let path = PATHS.get(at) ?? '';
  for (const one of missing.reverse()) {
    path += `/${one.key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    PATHS.set(one, path);
  }
  return path;
}

/** The node at a pointer below a root. */
export function nodeAt(root: Node, pointer: string): Node {
  return pointer === '' ? root : child(root, ...pointer.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')));
}

/** The nodes of a dotted path: `[]` stands for every item of a list, `*` for every value of a map. */
export function expand(root: Node, path: string): readonly Node[] {
  return expandWithMissing(root, path).filter(({ value }) => value !== undefined);
}

/** The same, with the nodes that lack only the last key of the path; their value is undefined. */
export function expandWithMissing(root: Node, path: string): readonly Node[] {
  let found: Node[] = [root];
  for (const part of partsOf(path)) found = found.flatMap((node) => (part === '[]' ? [...items(node)] : part === '*' ? [...fields(node)] : [child(node, part)]));
  return found.filter(({ value, up }) => value !== undefined || isRecord(up?.value));
}

const PARTS = new Map<string, readonly string[]>();

/** Paths stand in the sources, so that there are few: each is taken apart once. */
function partsOf(path: string): readonly string[] {
  const known = PARTS.get(path);
  if (known !== undefined) return known;
  const parts = path.replaceAll('[]', '.[]').split('.').filter((part) => part !== '');
  PARTS.set(path, parts);
  return parts;
}

/** One grant; of more values than are kept everything counts as given, so that nothing hides behind a long list. */
export function grant(at: Node, kind: Grant['kind'], values: readonly string[], more: { readonly everything?: boolean; readonly field?: string } = {}): Loose<Grant> {
  const everything = more.everything === true || values.length > LIMITS.grantValues;
  return { kind, values: values.slice(0, LIMITS.grantValues), everything, field: more.field ?? at.key, at: existing(at) };
}

/** The grant of a list of texts, where there is one: everything where one of them is a lone `*`. */
export function* listGrant(at: Node, kind: Grant['kind'], everything: (value: string) => boolean = (value) => value === '*'): Iterable<Loose<Grant>> {
  if (!Array.isArray(at.value)) return;
  const values = [...items(at)].map(textOf).filter((value) => value !== null);
  yield grant(at, kind, values, { everything: values.some(everything) });
}

/** One setting; `confidence` is high unless said. */
export function setting(at: Node, id: Setting['id'], words: { readonly text?: string; readonly meaning: string; readonly confidence?: Setting['confidence'] }): Loose<Setting> {
  return { id, text: (words.text ?? `${at.key}: ${textOf(at) ?? ''}`).slice(0, 500), meaning: words.meaning, confidence: words.confidence ?? 'high', at: existing(at) };
}

/** Sorts what a reader yields. */
export function sorted(found: Iterable<Loose<Grant> | Loose<Setting>>): Concerns {
  const grants: Loose<Grant>[] = [];
  const settings: Loose<Setting>[] = [];
  for (const one of found) {
    if ('kind' in one) grants.push(one);
    else settings.push(one);
  }
  return { grants, settings };
}

const SHARED = new WeakMap<object, Map<string, readonly (Loose<Grant> | Loose<Setting>)[]>>();

/** What concerns every reference of an object alike, read once: an object may have as many references as it has grants. */
export function shared(root: Node, name: string, read: () => Iterable<Loose<Grant> | Loose<Setting>>): readonly (Loose<Grant> | Loose<Setting>)[] {
  if (typeof root.value !== 'object' || root.value === null) return [];
  const known = SHARED.get(root.value) ?? new Map<string, readonly (Loose<Grant> | Loose<Setting>)[]>();
  SHARED.set(root.value, known);
  const found = known.get(name) ?? [...read()];
  known.set(name, found);
  return found;
}

/** Makes the function of a table row that says what surrounds a reference of an object. */
export function placed(concerns: ConcernsOf): NonNullable<CarrierRow['surroundings']> {
  return (object, pointer) => {
    const root = rootNode(object.value);
    const found = sorted(concerns(root, nodeAt(root, pointer.slice(object.base.length)), object.namespace));
    return {
      grants: found.grants.map(({ at, ...rest }) => ({ ...rest, place: placeOf(object, at) })),
      settings: found.settings.map(({ at, ...rest }) => ({ ...rest, place: placeOf(object, at) })),
    };
  };
}

function placeOf({ file, document, base, positionOf }: ManifestObject, at: Node): NonNullable<Grant['place']> {
  const pointer = base + pathOf(at);
  const { line, column } = positionOf(pointer);
  return { file, document, pointer, line, column };
}

/** The value itself, or the nearest one around it that is there. */
function existing(node: Node): Node {
  let at = node;
  while (at.value === undefined && at.up) at = at.up;
  return at;
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
