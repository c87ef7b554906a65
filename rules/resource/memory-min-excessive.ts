import type { Facts, ModuleFact } from '../../scanner/facts/facts.ts';
import type { Location } from '../../scanner/location.ts';
import type { MemoryType } from '../../scanner/wasm/module.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'memory-min-excessive',
  title: 'The program asks for much memory at its start',
  description: 'Finds artifacts whose linear memories have more initial bytes together than the policy allows.',
  family: 'resource',
  securitySeverity: 5.5,
  confidence: 'high',
  cwe: [789],
  since: '0.1.0',
  remedy: 'Lower the initial memory (wasm-ld --initial-memory, emcc -sINITIAL_MEMORY), or raise limits.memory in the policy',
  references: ['https://webassembly.github.io/spec/core/syntax/modules.html#memories'],
  *check(facts, { memory: limit }) {
    const memories = facts.modules.flatMap((fact) => memoriesOf(facts, fact));
    const total = memories.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total <= limit) return;
    const largest = memories.reduce((a, b) => (b.bytes > a.bytes ? b : a));
    yield {
      message: `Asks for ${mebibytes(total)} of memory at its start${memories.length > 1 ? `, in ${memories.length} memories` : ''}; the policy allows ${mebibytes(limit)}`,
      subject: 'initial memory',
      location: largest.location,
    };
  },
});

interface Asked { readonly bytes: number; readonly location: Location }

/** The memories a module defines. One it imports counts where the host must give it: inside a component another module gives it, and has been counted. */
function memoriesOf(facts: Facts, { path, module }: ModuleFact): Asked[] {
  const within = path === '' ? '' : `${path}/`;
  const imported = module.imports.flatMap(({ type, name, module: from, offset, length }, index) =>
    type.kind === 'memory' ? [{ bytes: bytesOf(type), location: { path: `${within}import[${index}] ${from}.${name}`, offset, length } }] : []);
  const own = module.memories.map(({ type, offset, length }, index) => ({ bytes: bytesOf(type), location: { path: `${within}memory[${imported.length + index}]`, offset, length } }));
  return facts.component === null ? [...imported, ...own] : own;
}

function bytesOf({ minimum, pageSize }: MemoryType): number {
  return minimum * pageSize;
}

/** Rounded up where it is not whole, so that a byte over the limit does not read as the limit. */
function mebibytes(bytes: number): string {
  const whole = bytes / (1 << 20);
  return `${Number.isInteger(whole) ? whole : Math.ceil(whole * 100) / 100} MiB`;
}
