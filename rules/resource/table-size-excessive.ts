import type { ModuleFact } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

/** Elements. The largest program of the measured packages has below 100,000; engines of browsers stop at 10 million. */
const LARGEST = 1_000_000;

export default defineRule({
  id: 'table-size-excessive',
  title: 'A table is very large at its start',
  description: 'Finds tables with more than a million initial elements: a few bytes make the host allocate megabytes, or overflow its arithmetic.',
  family: 'resource',
  securitySeverity: 5.4,
  confidence: 'high',
  cwe: [789],
  since: '0.1.0',
  remedy: 'Lower the initial size of the table',
  references: ['https://github.com/advisories/GHSA-p8xm-42r7-89xg', 'https://webassembly.github.io/spec/js-api/#limits'],
  *check({ modules }) {
    for (const fact of modules) yield* largeTables(fact);
  },
});

function* largeTables({ path, module }: ModuleFact): Generator<RuleFinding> {
  const within = path === '' ? '' : `${path}/`;
  let before = 0;
  for (const [index, { type, module: from, name, offset, length }] of module.imports.entries()) {
    if (type.kind !== 'table') continue;
    before++;
    if (type.minimum > LARGEST) yield { message: message(type.minimum), subject: `import ${from}.${name}`, location: { path: `${within}import[${index}] ${from}.${name}`, offset, length } };
  }
  for (const [index, { type, offset, length }] of module.tables.entries()) {
    if (type.minimum > LARGEST) yield { message: message(type.minimum), subject: path === '' ? 'table' : 'inner table', location: { path: `${within}table[${before + index}]`, offset, length } };
  }
}

function message(elements: number): string {
  return `Has a table of ${elements} elements at its start`;
}
