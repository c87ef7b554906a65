/** What could not be read in the simple way. */
const OTHERWISE = Symbol('otherwise');

interface Line {
  readonly indent: number;
  /** Without indentation and without blanks at its end. */
  readonly text: string;
}

interface Cursor {
  readonly lines: readonly string[];
  at: number;
}

/** A key without quotes, or in quotes without escapes, then what follows the colon. Nothing that could be an alias, tag, or merge key. */
const KEY = /^(?:([A-Za-z0-9_./][A-Za-z0-9_./-]*)|"([A-Za-z0-9_./ -]+)"|'([A-Za-z0-9_./ -]+)'):(?: +(\S.*))?$/;
/** Plain text begins with a letter or `/`, which no schema takes for a number; what would end it or make it a key must not stand in it. */
const PLAIN = /^(?:--?[a-z]|[A-Za-z/])/;
/** Quantities and versions: digits first, and yet no number to any schema. */
const QUANTITY = /^\d+(?:\.\d+\.\d+[A-Za-z0-9.-]*|(?:\.\d+)?(?:m|ms|s|h|d|k|Ki|M|Mi|G|Gi|T|Ti))$/;
const NOT_PLAIN = /:(?: |$)| #/;
const WORDS = new Map<string, unknown>([['null', null], ['Null', null], ['NULL', null], ['true', true], ['True', true], ['TRUE', true], ['false', false], ['False', false], ['FALSE', false]]);

/**
 * The value of a document in the plain block style in which tools print manifests, many times faster than a whole YAML reader.
 * @returns undefined for everything else: then a whole reader must decide, also about what is wrong
 */
export function readBlock(text: string): unknown {
  if (/[^\x20-\x7e\n\u00a0-\u2027\u202a-\ud7ff]/.test(text)) return undefined;
  const lines = text.split('\n');
  if (/^--- *(?:#.*)?$/.test(lines[0]!)) lines[0] = '';
  const cursor: Cursor = { lines, at: 0 };
  try {
    const first = peek(cursor);
    if (first === null || first.indent !== 0) return undefined;
    const value = readNode(cursor, 0);
    return peek(cursor) === null ? value : undefined;
  } catch (error) {
    if (error === OTHERWISE) return undefined;
    throw error;
  }
}

/** The next line that says something, or null. */
function peek(cursor: Cursor): Line | null {
  for (; cursor.at < cursor.lines.length; cursor.at++) {
    const line = cursor.lines[cursor.at]!;
    let indent = 0;
    while (line.charCodeAt(indent) === 0x20) indent++;
    if (indent < line.length && line.charCodeAt(indent) !== 0x23) return { indent, text: withoutBlanks(line, indent) };
  }
  return null;
}

function withoutBlanks(line: string, from: number): string {
  let end = line.length;
  while (end > from && line.charCodeAt(end - 1) === 0x20) end--;
  return line.slice(from, end);
}

function readNode(cursor: Cursor, depth: number): unknown {
  if (depth > 100) throw OTHERWISE;
  const { indent, text } = peek(cursor)!;
  return text.startsWith('- ') || text === '-' ? readList(cursor, indent, depth) : readMap(cursor, indent, depth);
}

function readMap(cursor: Cursor, indent: number, depth: number): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (let line = peek(cursor); line !== null && line.indent >= indent; line = peek(cursor)) {
    if (line.indent > indent) throw OTHERWISE;
    // A list that stands at the indentation of the map around it ends this map.
    if (line.text.startsWith('- ') || line.text === '-') break;
    const match = KEY.exec(line.text);
    const key = match?.[1] ?? match?.[2] ?? match?.[3];
    if (match === null || key === undefined || !isSafeKey(match[1], key) || Object.hasOwn(map, key)) throw OTHERWISE;
    cursor.at++;
    map[key] = match[4] === undefined || match[4].startsWith('#') ? readBelow(cursor, indent, depth) : readScalar(cursor, match[4], indent);
  }
  return map;
}

/** Not a key that is a number or truth value to the schema, whose text may then differ, and not one that objects treat in their own way. */
function isSafeKey(plain: string | undefined, key: string): boolean {
  return key !== '__proto__' && (plain === undefined || (/^[A-Za-z_/]/.test(plain) && !WORDS.has(plain)));
}

/** What stands below `key:`: a deeper node, a list at the same indentation, or nothing. */
function readBelow(cursor: Cursor, indent: number, depth: number): unknown {
  const line = peek(cursor);
  if (line === null || line.indent < indent) return null;
  if (line.indent > indent) return readNode(cursor, depth + 1);
  return line.text.startsWith('- ') || line.text === '-' ? readList(cursor, indent, depth + 1) : null;
}

function readList(cursor: Cursor, indent: number, depth: number): unknown[] {
  if (depth > 100) throw OTHERWISE;
  const list: unknown[] = [];
  for (let line = peek(cursor); line !== null && line.indent >= indent; line = peek(cursor)) {
    if (line.indent > indent) throw OTHERWISE;
    if (!line.text.startsWith('- ')) {
      if (line.text === '-') throw OTHERWISE;
      break;
    }
    const item = line.text.slice(2).replace(/^ +/, '');
    if (item === '' || item.startsWith('#') || item.startsWith('- ')) throw OTHERWISE;
    if (KEY.test(item)) {
      // The rest of the line is the first line of a map whose indentation is where it begins.
      const inner = indent + line.text.length - item.length;
      (cursor.lines as string[])[cursor.at] = ' '.repeat(inner) + item;
      list.push(readMap(cursor, inner, depth + 1));
    } else {
      cursor.at++;
      list.push(readScalar(cursor, item, indent));
    }
  }
  return list;
}

/** A value on the line of its key, whose line has been taken; `indent` is that of the key. */
function readScalar(cursor: Cursor, text: string, indent: number): unknown {
  if (/^\|-?$/.test(text)) return readLiteral(cursor, indent, text.slice(1));
  const value = scalar(text);
  const next = peek(cursor);
  // A deeper line would continue the text.
  if (next !== null && next.indent > indent) throw OTHERWISE;
  return value;
}

function scalar(text: string): unknown {
  if (text === '{}') return {};
  if (text === '[]') return [];
  if (/^"[^"\\]*"$/.test(text) || /^'[^']*'$/.test(text)) return text.slice(1, -1);
  if (/^(?:0|[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (WORDS.has(text)) return WORDS.get(text);
  if (QUANTITY.test(text)) return text;
  if (!PLAIN.test(text) || NOT_PLAIN.test(text)) throw OTHERWISE;
  return text;
}

/** A literal block (`|`): its lines without their common indentation. */
function readLiteral(cursor: Cursor, indent: number, chomping: string): string {
  const kept: string[] = [];
  let inner = -1;
  for (; cursor.at < cursor.lines.length; cursor.at++) {
    const line = cursor.lines[cursor.at]!;
    const own = line.search(/[^ ]/);
    if (own < 0) {
      // Blanks beyond the indentation are text, and before the first line they decide about it.
      if (line !== '') throw OTHERWISE;
      kept.push('');
      continue;
    }
    if (inner < 0 && own > indent) inner = own;
    if (inner < 0 || own < inner) break;
    kept.push(line.slice(inner));
  }
  const next = cursor.lines[cursor.at];
  // A comment in the middle, or a line between the two indentations, is for the whole reader.
  if (next !== undefined && (inner < 0 || next.search(/[^ ]/) > indent || next.trimStart().startsWith('#'))) throw OTHERWISE;
  if (inner < 0) throw OTHERWISE;
  // Readers differ about a last line that no line end follows.
  if (cursor.at >= cursor.lines.length && kept.at(-1) !== '') throw OTHERWISE;
  while (kept.at(-1) === '') kept.pop();
  return kept.join('\n') + (chomping === '-' ? '' : '\n');
}
