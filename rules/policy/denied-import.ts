import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { judgedImport } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'denied-import',
  title: 'An import that the policy names and denies',
  description: 'Finds the imports that imports.deny of the policy names.',
  family: 'policy',
  securitySeverity: 6.0,
  confidence: 'high',
  cwe: [272],
  since: '0.1.0',
  remedy: 'Build without the import',
  references: ['https://github.com/WebAssembly/WASI/blob/main/docs/DesignPrinciples.md'],
  check,
});

/** All imports in one finding; the judge keeps those that the policy denies. */
function* check(facts: Facts): Generator<RuleFinding> {
  const first = facts.imports[0];
  if (first === undefined) return;
  yield { message: 'Imports that the policy denies', subject: 'imports', location: first.location, treatment: 'import', imports: facts.imports.map((found) => judgedImport(facts, found)) };
}
