import type { Facts } from '../../scanner/facts/facts.ts';
import type { Module } from '../../scanner/wasm/module.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'exported-table',
  title: 'The table of indirect calls is open',
  description: 'Finds tables that are exported or imported: whoever holds them can call every function in them and put others in.',
  family: 'hardening',
  securitySeverity: 3.4,
  confidence: 'high',
  cwe: [749, 471],
  since: '0.1.0',
  remedy: 'Link without --export-table and --import-table where the host needs no callbacks',
  references: ['https://webassembly.github.io/spec/core/syntax/modules.html#tables', 'https://doi.org/10.1145/3597926.3598104'],
  *check(facts) {
    // Inside a component tables are shared between its own modules only.
    const module = facts.component === null ? facts.modules[0]?.module : undefined;
    if (module === undefined) return;
    yield* importedTables(module);
    yield* exportedTables(facts);
  },
});

function* importedTables({ imports }: Module): Generator<RuleFinding> {
  for (const [place, { type, module, name, offset, length }] of imports.entries()) {
    if (type.kind === 'table') yield { message: `Imports its table ${module}.${name}, so the host and other modules can change it`, subject: `import ${module}.${name}`, location: { path: `import[${place}] ${module}.${name}`, offset, length } };
  }
}

function* exportedTables({ exports }: Facts): Generator<RuleFinding> {
  for (const { kind, name, location } of exports) {
    if (kind === 'table') yield { message: `Exports its table ${name}: every function in it can be called from outside`, subject: `export ${name}`, location };
  }
}
