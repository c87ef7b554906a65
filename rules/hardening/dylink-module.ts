import { customPath } from '../../scanner/facts/text-sources.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'dylink-module',
  title: 'The module is a shared library',
  description: 'Finds modules made for dynamic linking: they run in the memory of the program that loads them, and name further libraries to load.',
  family: 'hardening',
  securitySeverity: 3.5,
  confidence: 'high',
  cwe: [427],
  since: '0.1.0',
  remedy: 'Link it into the program, or treat both as one and scan both',
  references: ['https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md'],
  *check({ customs }) {
    for (const { name, path, index, offset, length, content } of customs) {
      if (name !== 'dylink.0' && name !== 'dylink') continue;
      const needed = content.kind === 'dylink' ? content.needed : [];
      yield {
        message: `Is linked into the memory of another program when loaded${needed.length > 0 ? `, and needs ${listing(needed)}` : ''}`,
        subject: path === '' ? 'library' : 'inner library',
        location: { path: customPath(path, index, name), offset, length },
      };
    }
  },
});
