import type { Facts, ModuleFact } from '../../scanner/facts/facts.ts';
import { dataRegions } from '../../scanner/facts/memory-regions.ts';
import { keepsStack, stackPointer } from '../../scanner/facts/stack-pointer.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'stack-overflow-reaches-data',
  title: 'A stack that overflows runs into data',
  description: 'Finds programs whose stack in memory lies above their static data, so that too deep a recursion or too large a buffer overwrites constants and tables before anything stops it.',
  family: 'hardening',
  securitySeverity: 3.5,
  confidence: 'medium',
  cwe: [121, 787],
  since: '0.1.0',
  remedy: 'Link with --stack-first, so that an overflow leaves the memory and traps',
  references: ['https://www.usenix.org/conference/usenixsecurity20/presentation/lehmann', 'https://lld.llvm.org/WebAssembly.html'],
  *check(facts) {
    const known = keepsStack(facts);
    for (const fact of facts.modules) yield* overflowIn(facts, fact, known ? 'medium' : 'low');
  },
});

function* overflowIn({ languages }: Facts, fact: ModuleFact, confidence: 'medium' | 'low'): Generator<RuleFinding> {
  const pointer = stackPointer(fact);
  if (pointer === null || languages.includes('AssemblyScript')) return;
  const end = staticEnd(fact);
  if (end === null || pointer.start < end) return;
  yield {
    message: `The stack grows down from ${hex(pointer.start)} towards static data that ends at ${hex(end)}`,
    subject: fact.path === '' ? 'stack' : `stack of ${fact.path}`,
    location: pointer.location,
    confidence,
    // Safe Rust writes past no buffer: there an overflow takes a recursion.
    ...(languages.includes('Rust') && { atMost: 'note' as const }),
  };
}

/** First address after the data of the first memory; null where no place is known. */
function staticEnd({ module }: ModuleFact): number | null {
  const ends = dataRegions(module).flatMap(({ address, bytes }) => (address === null ? [] : [address + bytes.length]));
  return ends.length === 0 ? null : ends.reduce((a, b) => Math.max(a, b));
}

function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
