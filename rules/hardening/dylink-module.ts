import type { ModuleFact } from '../../scanner/facts/facts.ts';
import { customPath } from '../../scanner/facts/text-sources.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'dylink-module',
  title: 'The module is linked when it is loaded',
  description: 'Finds modules made for dynamic linking: they run in the memory of the program that loads them, and name further libraries to load.',
  family: 'hardening',
  securitySeverity: 3.5,
  confidence: 'high',
  cwe: [427],
  since: '0.1.0',
  remedy: 'Link it into the program, or treat both as one and scan both',
  references: ['https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md'],
  *check({ customs, modules }) {
    const libraries = new Set(modules.filter(isLibrary).map(({ path }) => path));
    for (const { name, path, index, offset, length, content } of customs) {
      if (name !== 'dylink.0' && name !== 'dylink') continue;
      const needed = content.kind === 'dylink' ? content.needed : [];
      const library = libraries.has(path);
      yield {
        message: `${library ? 'Is linked into the memory of another program when loaded' : 'Links other modules into its memory when it runs'}${needed.length > 0 ? `, and needs ${listing(needed)}` : ''}`,
        subject: `${path === '' ? '' : 'inner '}${library ? 'library' : 'main program'}`,
        location: { path: customPath(path, index, name), offset, length },
      };
    }
  },
});

/** A library is told where its data lies; the main program decides it. */
function isLibrary({ module: { imports } }: ModuleFact): boolean {
  return imports.some(({ name, type }) => type.kind === 'global' && name === '__memory_base');
}
