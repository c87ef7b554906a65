import { LIMITS } from '../wasm/limits.ts';
import { pointerParts } from './pointer.ts';
import type { ReadDocument, TextFault } from './read-document.ts';

/** Where a value begins; of objects and lists also where their values begin. */
type Place = number | Branch;

interface Branch {
  readonly at: number;
  /** By key or index. A text key of an object never meets a numeric index of a list. */
  readonly inside: Map<string | number, Place>;
  readonly list: boolean;
}

/** JSON values that stand one after another, as `kubectl` and `jq` write them. */
export interface ReadJson {
  readonly documents: readonly ReadDocument[];
  readonly fault: TextFault | null;
}

/**
 * Reads a text of JSON values, each an object or a list. Offsets count UTF-16 code units.
 * @returns null where the text is no JSON, which does not say that it is no YAML
 */
export function readJson(text: string): ReadJson | null {
  const documents: ReadDocument[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; ) {
    if (text[at] !== '{' && text[at] !== '[') return null;
    const { root, end, fault } = index(text, at);
    const value = parse(text.slice(at, end));
    if (value === undefined) return null;
    if (fault !== null) return { documents, fault };
    documents.push({ start: at, value, offsetOf: (pointer) => offsetOf(root, pointer) });
    if (documents.length > LIMITS.kubernetesDocuments) return { documents, fault: { offset: at, message: `The text has more than ${LIMITS.kubernetesDocuments} documents` } };
    at = skipBlanks(text, end);
  }
  return { documents, fault: null };
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (' \t\r\n'.includes(text[at] ?? 'x')) at++;
  return at;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A text on its way to its places. */
interface Walk {
  readonly text: string;
  readonly stack: Branch[];
  root: Branch | null;
  /** The key whose value comes next. */
  key: string | null;
  fault: TextFault | null;
}

/** Where every value begins, and what is behind the last. Sloppy on purpose: JSON.parse says whether it is JSON at all. */
function index(text: string, start: number): { readonly root: Branch; readonly end: number; readonly fault: TextFault | null } {
  const walk: Walk = { text, stack: [], root: null, key: null, fault: null };
  for (let at = start; at < text.length; ) {
    const character = text[at]!;
    if (character === '}' || character === ']') {
      walk.stack.pop();
      at++;
      if (walk.stack.length === 0) return { root: walk.root!, end: at, fault: walk.fault };
    } else if (' \t\r\n,:'.includes(character)) {
      at++;
    } else {
      at = token(walk, character, at);
    }
  }
  return { root: walk.root!, end: text.length, fault: walk.fault };
}

/** Takes a string, an opening bracket or another scalar. @returns the offset behind it */
function token(walk: Walk, character: string, at: number): number {
  const { text, stack } = walk;
  if (character === '{' || character === '[') {
    const branch: Branch = { at, inside: new Map(), list: character === '[' };
    walk.root ??= branch;
    place(walk, branch);
    stack.push(branch);
    if (stack.length > LIMITS.kubernetesDepth) walk.fault ??= { offset: at, message: `The text is nested deeper than ${LIMITS.kubernetesDepth} levels` };
    return at + 1;
  }
  const end = character === '"' ? stringEnd(text, at) : scalarEnd(text, at);
  const parent = stack.at(-1)!;
  if (character !== '"' || parent.list || walk.key !== null) {
    place(walk, at);
    return end;
  }
  walk.key = keyText(text.slice(at, end));
  if (parent.inside.has(walk.key)) walk.fault ??= { offset: at, message: `Key ${walk.key.slice(0, 80)} is written twice` };
  return end;
}

function place(walk: Walk, value: Place): void {
  const parent = walk.stack.at(-1);
  if (parent === undefined) return;
  parent.inside.set(parent.list ? parent.inside.size : (walk.key ?? ''), value);
  walk.key = null;
}

/** Behind the closing quote. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\' && quote - 1 - slashes > start) slashes++;
    if (slashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function scalarEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && !' \t\r\n,:{}[]"'.includes(text[at]!)) at++;
  return at;
}

function keyText(literal: string): string {
  const value = literal.includes('\\') ? parse(literal) : literal.slice(1, -1);
  return typeof value === 'string' ? value : literal;
}

function offsetOf(root: Branch, pointer: string): number {
  let place: Place = root;
  for (const part of pointerParts(pointer)) {
    if (typeof place === 'number') return place;
    const next: Place | undefined = place.inside.get(place.list ? Number(part) : part);
    if (next === undefined) break;
    place = next;
  }
  return typeof place === 'number' ? place : place.at;
}
