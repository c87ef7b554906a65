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
}

/** An object's keys so far, folded; null for an array. */
type Frame = Set<string> | null;

interface Cursor {
  readonly text: string;
  at: number;
  readonly frames: Frame[];
}

/** What may stand next: a value, a key, or what follows a value; `OrEnd` where the bracket was just opened. */
type Expected = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'after';

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Parses JSON (RFC 8259) and refuses what parsers read differently: bytes that are not UTF-8, a byte order mark, keys that repeat or
 * differ only in case (Go matches fields without case, so one document would mean two things), `__proto__`, and deep nesting.
 * Throws StrictJsonError.
 */
export function parseStrictJson(bytes: Uint8Array, limits: StrictJsonLimits = {}): unknown {
  if (bytes.length > (limits.bytes ?? Infinity)) throw new StrictJsonError(`JSON is longer than ${limits.bytes} bytes`, limits.bytes ?? 0);
  const text = decode(bytes);
  scan({ text, at: 0, frames: [] }, limits.depth ?? 64);
  return JSON.parse(text);
}

function decode(bytes: Uint8Array): string {
  try {
    // With ignoreBOM the mark stays in the text, where it is no JSON.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new StrictJsonError('JSON is not UTF-8', 0);
  }
}

/** Walks the tokens once, with a stack of its own: depth costs no call frames. */
function scan(cursor: Cursor, depth: number): void {
  let expected: Expected = 'value';
  for (;;) {
    skipSpace(cursor);
    if (expected === 'after' && cursor.frames.length === 0) break;
    expected = step(cursor, expected);
    if (cursor.frames.length > depth) throw refusal(cursor, `JSON is nested deeper than ${depth} levels`, cursor.at - 1);
  }
  if (cursor.at < cursor.text.length) throw refusal(cursor, 'JSON goes on after its end');
}

function step(cursor: Cursor, expected: Expected): Expected {
  if (expected === 'after') return afterValue(cursor);
  const char = cursor.text[cursor.at];
  if (expected === 'valueOrEnd' && char === ']') return close(cursor);
  if (expected === 'keyOrEnd' && char === '}') return close(cursor);
  return expected === 'key' || expected === 'keyOrEnd' ? key(cursor) : value(cursor);
}

function value(cursor: Cursor): Expected {
  const char = cursor.text[cursor.at];
  if (char === '"') {
    skipString(cursor);
    return 'after';
  }
  if (char === '{' || char === '[') {
    cursor.at += 1;
    cursor.frames.push(char === '{' ? new Set() : null);
    return char === '{' ? 'keyOrEnd' : 'valueOrEnd';
  }
  SCALAR.lastIndex = cursor.at;
  if (!SCALAR.test(cursor.text)) throw refusal(cursor, 'Malformed JSON: no value');
  cursor.at = SCALAR.lastIndex;
  return 'after';
}

function key(cursor: Cursor): Expected {
  const start = cursor.at;
  if (cursor.text[start] !== '"') throw refusal(cursor, 'Malformed JSON: no key');
  skipString(cursor);
  const name = JSON.parse(cursor.text.slice(start, cursor.at)) as string;
  // Nobody writes it in good faith, and copying it into an object would change the object's prototype.
  if (name === '__proto__') throw refusal(cursor, 'JSON has the key __proto__', start);
  const folded = fold(name);
  const keys = cursor.frames.at(-1)!;
  if (keys.has(folded)) throw refusal(cursor, 'JSON repeats a key, or has it in another case,', start);
  keys.add(folded);
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== ':') throw refusal(cursor, 'Malformed JSON: no colon after a key');
  cursor.at += 1;
  return 'value';
}

function afterValue(cursor: Cursor): Expected {
  const char = cursor.text[cursor.at];
  const object = cursor.frames.at(-1) !== null;
  if (char === (object ? '}' : ']')) return close(cursor);
  if (char !== ',') throw refusal(cursor, 'Malformed JSON: no comma or closing bracket after a value');
  cursor.at += 1;
  return object ? 'key' : 'value';
}

function close(cursor: Cursor): Expected {
  cursor.at += 1;
  cursor.frames.pop();
  return 'after';
}

/** Upper case first: it is what joins the long s and the Kelvin sign with the letters that Go takes them for. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}

function skipSpace(cursor: Cursor): void {
  const { text } = cursor;
  for (;;) {
    const code = text.charCodeAt(cursor.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    cursor.at += 1;
  }
}

function skipString(cursor: Cursor): void {
  const { text } = cursor;
  const start = cursor.at;
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 0x22) break;
    if (Number.isNaN(code)) throw refusal(cursor, 'Malformed JSON: a string without its end', start);
    if (code < 0x20) throw refusal(cursor, 'Malformed JSON: a control character in a string', at);
    at = code === 0x5c ? escapeEnd(cursor, at) : at + 1;
  }
  cursor.at = at + 1;
}

function escapeEnd(cursor: Cursor, at: number): number {
  ESCAPE.lastIndex = at;
  if (!ESCAPE.test(cursor.text)) throw refusal(cursor, 'Malformed JSON: an unknown escape', at);
  return ESCAPE.lastIndex;
}

function refusal(cursor: Cursor, what: string, at = cursor.at): StrictJsonError {
  return new StrictJsonError(what, new TextEncoder().encode(cursor.text.slice(0, at)).length);
}
