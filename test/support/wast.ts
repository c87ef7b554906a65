/** What a script says must become of a binary. */
export type Expectation = 'valid' | 'invalid' | 'malformed';

/** One module or component of a script, either as text still to be parsed or as bytes. */
export interface ScriptItem {
  /** Line of the form in the script, from 1. */
  readonly line: number;
  readonly expect: Expectation;
  readonly kind: 'core' | 'component';
  readonly message: string | null;
  readonly content: { readonly text: string } | { readonly bytes: Uint8Array };
}

const EXPECTATIONS: Record<string, Expectation> = {
  assert_unlinkable: 'valid', assert_uninstantiable: 'valid', assert_trap: 'valid',
  assert_invalid: 'invalid', assert_invalid_custom: 'invalid',
  assert_malformed: 'malformed', assert_malformed_custom: 'malformed',
};

const COMMANDS = /^\((module|component|register|invoke|get|thread|wait|input|output|script|assert_\w+)\b/;

/** Reads a .wast script into its modules and components. Malformed text is left out: it has no bytes. */
export function readScript(source: string): ScriptItem[] {
  const forms = [...splitForms(source, 0, source.length)];
  if (forms.length > 0 && !forms.some((form) => COMMANDS.test(source.slice(form.start, form.start + 40)))) {
    return [{ line: 1, expect: 'valid', kind: 'core', message: null, content: { text: `(module ${source}\n)` } }];
  }
  const items: ScriptItem[] = [];
  let line = 1;
  let counted = 0;
  for (const { start, end } of forms) {
    for (; counted < start; counted++) if (source.charCodeAt(counted) === 10) line++;
    const item = readForm(source.slice(start, end), line);
    if (item) items.push(item);
  }
  return items;
}

function readForm(form: string, line: number): ScriptItem | null {
  const keyword = /^\(([\w]+)/.exec(form)?.[1] ?? '';
  if (keyword === 'module' || keyword === 'component') return readDefinition(form, line, { expect: 'valid', message: null });
  const expect = EXPECTATIONS[keyword];
  if (!expect) return null;
  const inner = splitForms(form, 1 + keyword.length, form.length - 1).next().value;
  if (!inner) return null;
  const text = form.slice(inner.start, inner.end);
  if (!/^\((module|component)\b/.test(text)) return null;
  const message = [...strings(form.slice(inner.end))][0];
  return readDefinition(text, line, { expect, message: message === undefined ? null : new TextDecoder().decode(message) });
}

function readDefinition(form: string, line: number, about: { expect: Expectation; message: string | null }): ScriptItem | null {
  const head = /^\((module|component)((?:\s|;;[^\n]*\n|\(;.*?;\))+(?:definition|instance)\b)?(?:\s|;;[^\n]*\n)*(\$[^\s()"]+|\$"[^"]*")?(?:\s|;;[^\n]*\n)*(binary|quote)?(?=[\s()";])/s.exec(form);
  if (!head || head[2]?.endsWith('instance')) return null;
  const rest = form.slice(head[0].length, -1);
  const base = { line, kind: head[1] === 'module' ? 'core' : 'component', ...about } as const;
  if (head[4] === 'binary') return { ...base, content: { bytes: join(strings(rest), '') } };
  if (head[4] === 'quote') {
    if (about.expect === 'malformed') return null;
    const text = new TextDecoder().decode(join(strings(rest), ' '));
    return { ...base, content: { text: /^\s*\((module|component)\b/.test(text) ? text : `(${head[1]} ${text})` } };
  }
  return { ...base, content: { text: `(${head[1]} ${head[3] ?? ''} ${rest})` } };
}

/** The parenthesised forms at the outermost level between two positions. */
function* splitForms(source: string, from: number, to: number): Generator<{ start: number; end: number }, undefined> {
  let depth = 0;
  let start = 0;
  for (let at = from; at < to; at++) {
    const char = source[at];
    if (char === '"') at = endOfString(source, at);
    else if (char === ';' && source[at + 1] === ';') at = endOfLine(source, at);
    else if (char === '(' && source[at + 1] === ';') at = endOfComment(source, at);
    else if (char === '(' && depth++ === 0) start = at;
    else if (char === ')' && --depth === 0) yield { start, end: at + 1 };
  }
}

/** Position of the closing quote. */
function endOfString(source: string, start: number): number {
  let at = start + 1;
  while (at < source.length && source[at] !== '"') at += source[at] === '\\' ? 2 : 1;
  return at;
}

function endOfLine(source: string, start: number): number {
  const end = source.indexOf('\n', start);
  return end < 0 ? source.length : end;
}

/** Block comments nest. */
function endOfComment(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    const pair = source.slice(at, at + 2);
    if (pair !== '(;' && pair !== ';)') continue;
    at++;
    depth += pair === '(;' ? 1 : -1;
    if (depth === 0) return at;
  }
  return source.length;
}

/** The string literals of a text, un-escaped. */
function* strings(text: string): Generator<Uint8Array> {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === ';' && text[at + 1] === ';') at = endOfLine(text, at);
    else if (text[at] === '(' && text[at + 1] === ';') at = endOfComment(text, at);
    else if (text[at] === '"') {
      const end = endOfString(text, at);
      yield unescape(text.slice(at + 1, end));
      at = end;
    }
  }
}

const ESCAPES: Record<string, number> = { t: 9, n: 10, r: 13, '"': 34, "'": 39, '\\': 92 };

function unescape(literal: string): Uint8Array {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const part of literal.matchAll(/\\u\{([0-9a-fA-F_]+)\}|\\([0-9a-fA-F]{2})|\\(.)|[^\\]+/gs)) {
    if (part[1]) bytes.push(...encoder.encode(String.fromCodePoint(Number.parseInt(part[1].replaceAll('_', ''), 16))));
    else if (part[2]) bytes.push(Number.parseInt(part[2], 16));
    else if (part[3]) bytes.push(ESCAPES[part[3]] ?? part[3].charCodeAt(0));
    else for (const byte of encoder.encode(part[0])) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function join(parts: Iterable<Uint8Array>, separator: string): Uint8Array {
  const gap = new TextEncoder().encode(separator);
  const all: number[] = [];
  for (const part of parts) {
    if (all.length > 0) all.push(...gap);
    for (const byte of part) all.push(byte);
  }
  return Uint8Array.from(all);
}
