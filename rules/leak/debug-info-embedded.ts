import type { CustomFact } from '../../scanner/facts/facts.ts';
import { customPath } from '../../scanner/facts/text-sources.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'debug-info-embedded',
  title: 'Debug information is shipped',
  description: 'Finds DWARF sections and names of functions that nothing but a debugger needs: they tell how the program is built, and often where and by whom.',
  family: 'leak',
  securitySeverity: 3.1,
  confidence: 'high',
  cwe: [215, 540],
  since: '0.1.0',
  remedy: 'Strip the release: wasm-tools strip --all, wasm-ld --strip-all, rustc -C strip=symbols, go build -ldflags=-s',
  references: ['https://github.com/WebAssembly/tool-conventions/blob/main/Debugging.md'],
  *check({ customs }) {
    const found = customs.filter((custom) => carriesDwarf(custom) || namesFunctions(custom));
    const first = found.find(carriesDwarf) ?? found[0];
    if (first === undefined) return;
    const sizes = Map.groupBy(found, ({ name }) => name);
    const parts = [...sizes].map(([name, sections]) => `${name} (${sections.reduce((sum, { length }) => sum + length, 0)} bytes)`);
    yield {
      message: `Carries debug information: ${listing(parts)}`,
      subject: found.some(carriesDwarf) ? 'dwarf' : 'names',
      location: { path: customPath(first.path, first.index, first.name), offset: first.offset, length: first.length },
    };
  },
});

function carriesDwarf({ name, length }: CustomFact): boolean {
  return name.startsWith('.debug_') && length > 0;
}

/** A damaged name section names things all the same. */
function namesFunctions({ name, content }: CustomFact): boolean {
  return name === 'name' && (content.kind !== 'name' || content.functions.size > 0);
}
