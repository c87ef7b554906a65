import { harmlessName } from './harmless.ts';

/** A code span that nothing inside can end, nor the cell of the table around it: an escaped bar is read differently behind a backslash. Empty text has none. */
export function codeSpan(text: string, length = 200): string {
  const inside = harmlessName(text, length).replaceAll('`', "'").replaceAll('|', '¦');
  return inside === '' ? '' : `\`${inside}\``;
}
