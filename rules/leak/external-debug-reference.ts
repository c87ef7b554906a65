import { isPrivateHost } from '../../scanner/facts/private-host.ts';
import { customPath } from '../../scanner/facts/text-sources.ts';
import type { Confidence } from '../../scanner/severity.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'external-debug-reference',
  title: 'The program refers to a debug file outside',
  description: 'Finds references to source maps and separate debug files: they tell where sources lie, and a debugger may fetch them.',
  family: 'leak',
  securitySeverity: 3.4,
  confidence: 'low',
  cwe: [540],
  since: '0.1.0',
  remedy: 'Strip the sections sourceMappingURL and external_debug_info, or keep the reference a plain file name',
  references: ['https://github.com/WebAssembly/tool-conventions/blob/main/Debugging.md', 'https://tc39.es/ecma426/'],
  *check({ customs }) {
    for (const { content, path, index, name, offset, length } of customs) {
      if (content.kind !== 'url' || content.url === '') continue;
      const what = content.role === 'source-map' ? 'source map' : 'debug file';
      const shown = harmlessUrl(content.url);
      yield {
        message: `Refers to a ${what}: ${shown}`,
        subject: `${content.role} ${shown}`,
        location: { path: customPath(path, index, name), offset, length },
        confidence: confidenceOf(content.url),
      };
    }
  },
});

/** Characters of an address that a message shows. */
const SHOWN = 120;

/** Without user name, password and query, which may be secrets; content in the address itself is not shown. */
function harmlessUrl(url: string): string {
  if (/^data:/i.test(url)) return 'data: (the map itself)';
  const bare = url.trim().replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/[?#].*$/s, '');
  return bare.length > SHOWN ? `${bare.slice(0, SHOWN)} (cut)` : bare;
}

/** High: it names a machine of a private network. Medium: the place of a file on the build machine, or content. Low: anything a browser resolves by itself. */
function confidenceOf(url: string): Confidence {
  const host = /^https?:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(url)?.[1];
  if (host !== undefined) return isPrivateHost(host) ? 'high' : 'low';
  return /^(file:|data:|\/|[a-z]:[\\/]|\\\\)/i.test(url) ? 'medium' : 'low';
}
