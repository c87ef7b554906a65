/** Where a text stops being JSON, and why, in a few words without text of the document. */
export interface JsonFault {
  readonly what: string;
  /** Index of a UTF-16 unit. */
  readonly at: number;
}

interface Cursor {
  readonly text: string;
  at: number;
  /** Brackets that are open: true for objects. */
  readonly open: boolean[];
}

/** What may stand next: a value, a key, or what follows a value; `OrEnd` where the bracket was just opened. */
type Expected = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'after';

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** The first fault of a text by the grammar of RFC 8259; null: it has none. Depth costs no call frames. */
export function findJsonFault(text: string): JsonFault | null {
  try {
    walk({ text, at: 0, open: [] });
    return null;
  } catch (error) {
    if (error instanceof Fault) return { what: error.message, at: error.at };
    throw error;
  }
}

class Fault extends Error {
  readonly at: number;

  constructor(what: string, at: number) {
    super(what);
    this.at = at;
  }
}

function walk(cursor: Cursor): void {
  let expected: Expected = 'value';
  for (;;) {
    skipSpace(cursor);
    if (expected === 'after' && cursor.open.length === 0) break;
    expected = step(cursor, expected);
  }
  if (cursor.at < cursor.text.length) throw new Fault('JSON goes on after its end', cursor.at);
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
    cursor.open.push(char === '{');
    return char === '{' ? 'keyOrEnd' : 'valueOrEnd';
  }
  SCALAR.lastIndex = cursor.at;
  if (!SCALAR.test(cursor.text)) throw new Fault('Malformed JSON: no value', cursor.at);
  cursor.at = SCALAR.lastIndex;
  return 'after';
}

function key(cursor: Cursor): Expected {
  if (cursor.text[cursor.at] !== '"') throw new Fault('Malformed JSON: no key', cursor.at);
  skipString(cursor);
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== ':') throw new Fault('Malformed JSON: no colon after a key', cursor.at);
  cursor.at += 1;
  return 'value';
}

function afterValue(cursor: Cursor): Expected {
  const char = cursor.text[cursor.at];
  const object = cursor.open.at(-1)!;
  if (char === (object ? '}' : ']')) return close(cursor);
  if (char !== ',') throw new Fault('Malformed JSON: no comma or closing bracket after a value', cursor.at);
  cursor.at += 1;
  return object ? 'key' : 'value';
}

function close(cursor: Cursor): Expected {
  cursor.at += 1;
  cursor.open.pop();
  return 'after';
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
    if (Number.isNaN(code)) throw new Fault('Malformed JSON: a string without its end', start);
    if (code < 0x20) throw new Fault('Malformed JSON: a control character in a string', at);
    at = code === 0x5c ? escapeEnd(text, at) : at + 1;
  }
  cursor.at = at + 1;
}

function escapeEnd(text: string, at: number): number {
  ESCAPE.lastIndex = at;
  if (!ESCAPE.test(text)) throw new Fault('Malformed JSON: an unknown escape', at);
  return ESCAPE.lastIndex;
}
