/**
 * Controls, format characters (bidi, zero width, tags), invisible letters, line and paragraph separators,
 * spaces other than the plain one, and lone surrogates: whatever can move a cursor, hide or reorder text.
 */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;
const HARMFUL_IN_JSON = /[\u007f-\u{10ffff}]/u;

/**
 * A name taken from a binary, a path or a registry, made fit to be shown: every harmful character becomes a visible
 * escape (`\x1b`, `\n`, `\u202e`, `\u{e0041}`). Text without such characters comes back as it is.
 */
export function harmless(text: string): string {
  return text.replace(HARMFUL, escape);
}

/** `harmless`, cut in the middle to at most `length` characters, so that a long name cannot push the rest of a report away. */
export function harmlessName(text: string, length = 160): string {
  const clean = harmless(text.length > 4 * length ? text.slice(0, 2 * length) + text.slice(-2 * length) : text);
  if (clean.length <= length) return clean;
  const head = Math.ceil((length - 1) * 0.6);
  return `${clean.slice(0, head).replace(/[\ud800-\udbff]$/, '')}…${clean.slice(clean.length - (length - 1 - head)).replace(/^[\udc00-\udfff]/, '')}`;
}

/**
 * JSON text in which harmful characters inside strings are written as `\uXXXX` escapes. A parser gives back
 * the exact text; a terminal that shows the file stays as it is.
 */
export function harmlessJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return HARMFUL_IN_JSON.test(text) ? text.replace(HARMFUL, (found) => (found === '\n' ? found : unicodeEscapes(found))) : text;
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' };

function escape(found: string): string {
  const short = SHORT[found];
  if (short) return short;
  const code = found.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

function unicodeEscapes(found: string): string {
  let out = '';
  for (let at = 0; at < found.length; at++) out += `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return out;
}
