import type { ExportFact, Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'exported-allocator',
  title: 'The allocator can be called from outside',
  description: 'Finds exports that give out and take back memory. Many interfaces need them; whoever calls them wrongly damages the heap.',
  family: 'hardening',
  securitySeverity: 2.0,
  confidence: 'high',
  cwe: [749],
  since: '0.1.0',
  remedy: 'Nothing to do where the interface asks for it; otherwise leave the functions out of the exports',
  references: ['https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md', 'https://emscripten.org/docs/porting/connecting_cpp_and_javascript/Interacting-with-code.html'],
  check,
});

const NAMES: ReadonlySet<string> = new Set([
  'malloc', 'free', 'calloc', 'realloc', '_malloc', '_free', 'aligned_alloc', 'memalign', '__wbindgen_malloc', '__wbindgen_realloc', '__wbindgen_free', 'cabi_realloc', 'canonical_abi_realloc', 'canonical_abi_free',
  '__new', '__alloc', '__free', '__retain', '__release', 'alloc', 'allocate', 'dealloc', 'deallocate', 'opa_malloc', 'opa_free', 'proxy_on_memory_allocate',
]);

function* check(facts: Facts): Generator<RuleFinding> {
  // Inside a component the adapter of its own world calls them, and nobody else can.
  if (facts.component !== null) return;
  const found: ExportFact[] = [];
  for (const exported of facts.exports) if (exported.kind === 'func' && NAMES.has(exported.name)) found.push(exported);
  const first = found[0];
  if (first !== undefined) yield { message: `Exports its allocator: ${listing(found.map(({ name }) => name))}`, subject: 'allocator', location: first.location };
}
