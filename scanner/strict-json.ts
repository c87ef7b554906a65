import { findJsonFault } from './json-fault.ts';
import { JsonKeys, nextNumber, type KeyFault } from './json-keys.ts';

/** The text is no JSON that every reader would understand alike. */
export class StrictJsonError extends Error {
  /** Byte offset of what was refused. */
  readonly offset: number;

  /** @param what the refusal in a few words, without text of the document. */
  constructor(what: string, offset: number) {
    super(`${what} at 0x${offset.toString(16)}`);
    this.name = 'StrictJsonError';
    this.offset = offset;
  }
}

export interface StrictJsonLimits {
  /** Objects and arrays inside each other; default 64. */
  readonly depth?: number;
  /** Bytes; default: whatever is given. */
  readonly bytes?: number;
  /** Keys, objects and arrays in all: what costs time and memory far beyond its bytes. Default: as many as there are. */
  readonly parts?: number;
  /** Names of objects whose keys are data (labels, for one): those may differ in case alone. Default: none. */
  readonly openMaps?: ReadonlySet<string>;
}

/** What the next string is. */
type Place = 'key' | 'value';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NO_MAPS: ReadonlySet<string> = new Set();
const FAULTS: Record<KeyFault, string> = {
  repeated: 'JSON repeats a key, or has it in another case,',
  // Nobody writes it in good faith, and copying it into an object would change the object's prototype.
  prototype: 'JSON has the key __proto__',
};

// With ignoreBOM the mark stays in the text, where it is no JSON.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses JSON (RFC 8259) and refuses what parsers read differently: bytes that are not UTF-8, a byte order mark, keys that repeat or
 * differ only in case (Go matches fields without case, so one document would mean two things), `__proto__`, and deep nesting.
 * Throws StrictJsonError.
 */
export function parseStrictJson(bytes: Uint8Array, limits: StrictJsonLimits = {}): unknown {
  if (bytes.length > (limits.bytes ?? Infinity)) throw new StrictJsonError(`JSON is longer than ${limits.bytes} bytes`, limits.bytes ?? 0);
  const text = decode(bytes);
  new Walk(text, limits).run();
  try {
    return JSON.parse(text);
  } catch {
    const fault = findJsonFault(text);
    throw refusal(text, fault?.what ?? 'Malformed JSON', fault?.at ?? 0);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new StrictJsonError('JSON is not UTF-8', 0);
  }
}

/**
 * Looks at brackets and keys alone, before anything is built. It takes the text for JSON: should it be none, what is found here does not
 * matter, because the parser proper refuses it.
 */
class Walk {
  readonly #text: string;
  readonly #depth: number;
  readonly #parts: number;
  readonly #keys: JsonKeys;
  #seen = 0;
  /** Brackets that are open: true for objects. */
  readonly #open: boolean[] = [];
  #next: Place = 'value';
  /** Where the key begins whose value comes next; -1 in arrays. */
  #owner = -1;

  constructor(text: string, limits: StrictJsonLimits) {
    this.#text = text;
    this.#depth = limits.depth ?? 64;
    this.#parts = limits.parts ?? Infinity;
    this.#keys = new JsonKeys(text, limits.openMaps ?? NO_MAPS);
  }

  run(): void {
    const text = this.#text;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) at = this.#next === 'key' ? this.#key(at) : stringEnd(text, at + 1);
      else if (code === 0x2c) this.#comma();
      else if (code === 0x7b || code === 0x5b) this.#bracket(code, at);
      else if (code === 0x7d || code === 0x5d) this.#close();
    }
  }

  #comma(): void {
    this.#next = this.#open[this.#open.length - 1] === true ? 'key' : 'value';
    this.#owner = -1;
  }

  #bracket(code: number, at: number): void {
    if (this.#open.length === this.#depth) throw refusal(this.#text, `JSON is nested deeper than ${this.#depth} levels`, at);
    this.#count(at);
    const object = code === 0x7b;
    this.#open.push(object);
    if (object) this.#keys.open(this.#owner);
    this.#next = object ? 'key' : 'value';
    this.#owner = -1;
  }

  #close(): void {
    if (this.#open.pop() === true) this.#keys.close();
    this.#next = 'value';
  }

  #count(at: number): void {
    this.#seen += 1;
    if (this.#seen > this.#parts) throw refusal(this.#text, `JSON has more than ${this.#parts} keys, objects and arrays`, at);
  }

  /** Where the key ends. */
  #key(start: number): number {
    const text = this.#text;
    let number: number | null = 0;
    let at = start + 1;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH || code > 0x7f) {
        number = null;
        at = stringEnd(text, at);
        break;
      }
      number = nextNumber(number, code);
    }
    this.#count(start);
    const fault = this.#keys.add(start, number);
    if (fault !== null) throw refusal(text, FAULTS[fault], start);
    this.#next = 'value';
    this.#owner = start;
    return at;
  }
}

/** The closing quote, or the end of the text. */
function stringEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) break;
    if (code === BACKSLASH) at += 1;
  }
  return at;
}

function refusal(text: string, what: string, at: number): StrictJsonError {
  return new StrictJsonError(what, new TextEncoder().encode(text.slice(0, at)).length);
}
