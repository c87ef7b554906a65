import { harmless } from '../harmless.ts';
import { cut } from './profile.ts';

/**
 * Text for a SARIF message, which readers search for links `[text](target)` and placeholders `{0}`. Names from a binary must
 * become neither, so those two forms are broken up; controls become visible escapes. At most `length` code units come out.
 */
export function plainText(text: string, length: number): string {
  const plain = harmless(text.slice(0, 2 * length)).replaceAll('](', '] (').replace(/\{(\d+[^{}]*)\}/g, '{ $1 }');
  return cut(plain, length);
}
