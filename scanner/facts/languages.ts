import type { Tool } from './facts.ts';
import type { Recognised } from './markers.ts';

/** Names that compilers write for a dialect, and tools whose input is always one language. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^C(89|90|99|11|17|18|23|2x)?$|^C_\d+$/i, 'C'],
  [/^C(_plus_plus|\+\+)(_?\w+)?$/i, 'C++'],
  [/^Rust$|^rustc$/i, 'Rust'],
  [/^Go$|^TinyGo$|^Go cmd\/compile$/i, 'Go'],
  [/^AssemblyScript$/i, 'AssemblyScript'],
  [/^componentize-py$|^Python$/i, 'Python'],
  [/^(ComponentizeJS|componentize-qjs|Javy|porffor|JavaScript)$/i, 'JavaScript'],
  [/^zig$/i, 'Zig'],
  [/^Swift$/i, 'Swift'],
  [/^Kotlin/i, 'Kotlin'],
];

/**
 * Source languages, in the order found: those declared (a name nobody here knows is kept as written), then those that
 * a toolchain's traces show. Empty when there is no evidence, which says nothing.
 */
export function collectLanguages(tools: readonly Tool[], recognised: readonly Recognised[]): string[] {
  const languages = new Set<string>();
  for (const { name, field } of tools) {
    const known = NAMES.find(([pattern]) => pattern.test(name))?.[1];
    if (known) languages.add(known);
    else if (field === 'language') languages.add(name);
  }
  for (const { language } of recognised) if (language) languages.add(language);
  return [...languages];
}
