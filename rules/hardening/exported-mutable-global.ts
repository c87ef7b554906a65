import type { Export, Module } from '../../scanner/wasm/module.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'exported-mutable-global',
  title: 'A mutable global is exported',
  description: 'Finds mutable globals that the host and other modules can write: with the stack pointer they can move the stack over data.',
  family: 'hardening',
  securitySeverity: 4.6,
  confidence: 'medium',
  cwe: [668, 471],
  since: '0.1.0',
  remedy: 'Export functions that read and change the value, or link without --export of the global',
  references: ['https://www.usenix.org/conference/usenixsecurity20/presentation/lehmann', 'https://github.com/WebAssembly/tool-conventions/blob/main/BasicCABI.md'],
  *check(facts) {
    const module = facts.kind === 'module' ? facts.modules[0]?.module : undefined;
    if (module === undefined) return;
    const mutable = mutableGlobals(module);
    const found: { readonly place: number; readonly entry: Export }[] = [];
    let place = 0;
    for (const entry of module.exports) {
      if (entry.kind === 'global' && mutable[entry.index] === true) found.push({ place, entry });
      place++;
    }
    const first = found.find(({ entry: { name } }) => LAYOUT.test(name)) ?? found[0];
    if (first === undefined) return;
    const { name, offset, length } = first.entry;
    const names = listing(found.map(({ entry }) => entry.name).sort());
    yield {
      message: `Exports ${found.length === 1 ? 'a mutable global' : 'mutable globals'}: ${names}`,
      subject: names,
      location: { path: `export[${first.place}] ${name}`, offset, length },
      confidence: LAYOUT.test(name) ? 'high' : 'medium',
    };
  },
});

/** Globals that say where stack, heap and thread data lie. */
const LAYOUT = /^_*(stack_pointer|tls_base|heap_base|heap_end|memory_base|table_base|stack_low|stack_high|stack_end)$/;

/** By index: imported globals come first. */
function mutableGlobals({ imports, globals }: Module): boolean[] {
  return [...imports.flatMap(({ type }) => (type.kind === 'global' ? [type.mutable] : [])), ...globals.map(({ type }) => type.mutable)];
}
