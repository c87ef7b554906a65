import type { Facts, Tool } from '../../scanner/facts/facts.ts';
import { joinSearch } from '../../scanner/facts/joined-search.ts';
import { asciiBytes } from '../../scanner/facts/literal-search.ts';
import { dataSources } from '../../scanner/facts/text-sources.ts';
import type { Location } from '../../scanner/location.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'interpreter-source-embedded',
  title: 'Source text is shipped inside an interpreter',
  description: 'Finds readable JavaScript, Python or Ruby in the memory of programs that bring the interpreter for it.',
  family: 'leak',
  securitySeverity: 3.2,
  confidence: 'medium',
  cwe: [540],
  since: '0.1.0',
  remedy: 'Treat the artifact as published source: keep secrets and comments out of it, or minify before building',
  references: ['https://github.com/bytecodealliance/componentize-py', 'https://github.com/bytecodealliance/ComponentizeJS'],
  *check(facts) {
    const languages = new Set(facts.tools.flatMap(languageOf));
    if (languages.size === 0) return;
    for (const [language, { count, first }] of sourcesIn(facts)) {
      if (!languages.has(language) || count < LEAST) continue;
      yield { message: `Carries readable ${language} source: ${count} places look like it, the first here`, subject: language, location: first };
    }
  },
});

/** Places that must look like source before it counts: messages of an interpreter quote a line or two. */
const LEAST = 8;

/** Lines that programs have and messages do not. */
const LINES: readonly (readonly [string, readonly string[]])[] = [
  ['JavaScript', ['\nexport default ', '\nexport function ', '\nexport async function ', '\nexport class ', '\nmodule.exports', '\nasync function ', '\nfunction ', '\nconst ', '\nclass ']],
  ['Python', ['\nimport ', '\nfrom __future__ import', '\ndef ', '\n    def ', '\nclass ', 'if __name__ == ']],
  ['Ruby', ['\nrequire ', '\nrequire_relative ', '\nmodule ', '\n  def ', '# frozen_string_literal: true']],
];
const ANCHORS = LINES.flatMap(([language, lines]) => lines.map((line) => ({ language, bytes: asciiBytes(line) })));
const search = joinSearch(() => ANCHORS.map(({ bytes }) => bytes));

const INTERPRETERS: readonly (readonly [RegExp, string])[] = [
  [/^(?:StarlingMonkey|ComponentizeJS|componentize-qjs|Javy|QuickJS)$/i, 'JavaScript'],
  [/^(?:CPython|componentize-py)$/i, 'Python'],
  [/^Ruby$/i, 'Ruby'],
];

function languageOf({ name }: Tool): readonly string[] {
  return INTERPRETERS.filter(([pattern]) => pattern.test(name)).map(([, language]) => language);
}

interface Found { count: number; readonly first: Location }

function sourcesIn({ modules }: Facts): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  for (const { bytes, locate } of dataSources(modules)) {
    search.search(bytes, (anchor, start) => {
      const { language, bytes: literal } = ANCHORS[anchor]!;
      const known = found.get(language);
      if (known) known.count++;
      else found.set(language, { count: 1, first: locate(start, literal.length) });
    });
  }
  return found;
}
