import type { ExportFact, Facts } from '../../scanner/facts/facts.ts';
import type { Module } from '../../scanner/wasm/module.ts';
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
    const module = facts.component === null ? facts.modules[0]?.module : undefined;
    if (module === undefined) return;
    const found = mutableExports(facts, module);
    const first = found.find(({ name }) => LAYOUT.test(name)) ?? found[0];
    if (first === undefined) return;
    const names = listing(found.map(({ name }) => name).sort());
    yield {
      message: `Exports ${found.length === 1 ? 'a mutable global' : 'mutable globals'}: ${names}`,
      subject: names,
      location: first.location,
      confidence: LAYOUT.test(first.name) ? 'high' : 'medium',
    };
  },
});

/** Globals that say where stack, heap and thread data lie. */
const LAYOUT = /^_*(stack_pointer|tls_base|heap_base|heap_end|memory_base|table_base|stack_low|stack_high|stack_end)$/;

function mutableExports({ exports }: Facts, { imports, globals, exports: rows }: Module): ExportFact[] {
  // By index: imported globals come first.
  const mutable = [...imports.flatMap(({ type }) => (type.kind === 'global' ? [type.mutable] : [])), ...globals.map(({ type }) => type.mutable)];
  return [...exports].filter(({ kind }, row) => kind === 'global' && mutable[rows.at(row).index] === true);
}
