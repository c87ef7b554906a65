import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

/** Handing these on gives nobody a power. */
const POWERLESS: ReadonlySet<string> = new Set(['runtime-support', 'async-runtime']);

export default defineRule({
  id: 'component-reexported-capability',
  title: 'A component hands a power of its host on',
  description: 'Finds exports that are an import of the component, unchanged: whoever is composed with it gets what the host granted to this component.',
  family: 'component',
  securitySeverity: 5.5,
  confidence: 'high',
  cwe: [441],
  since: '0.1.0',
  remedy: 'Wrap the interface in functions that limit what callers may do, or grant it to the caller itself',
  references: ['https://github.com/bytecodealliance/WASI-Virt'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  for (const { exported, imported } of facts.component?.linking?.reexports ?? []) {
    const powers = facts.imports.filter((found) => found.module === imported && !POWERLESS.has(found.capability)).map(({ capability }) => capability);
    if (powers.length === 0) continue;
    const index = facts.component!.exports.findIndex(({ name }) => name === exported);
    const { offset, length } = facts.component!.exports[index] ?? { offset: 0, length: facts.size };
    yield {
      message: `Export ${exported} hands import ${imported} on unchanged: ${[...new Set(powers)].sort().join(', ')}`,
      subject: exported.split('@')[0]!,
      location: { path: `export[${index}] ${exported}`, offset, length },
    };
  }
}
