import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'unknown-host-import',
  title: 'The program calls functions that no known interface explains',
  description: 'Finds imports that belong to no known host interface, so that nobody can say from their names what they grant.',
  family: 'capability',
  securitySeverity: 5.2,
  confidence: 'high',
  cwe: [749, 1357],
  since: '0.1.0',
  remedy: 'Say in the policy which of these imports are meant: imports: { allow: [...] }',
  references: ['https://doi.org/10.1145/3442381.3450138'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(isUnknown), message: 'Imports that no known interface explains', subject: 'unknown-host-import' }),
});

function isUnknown({ capability }: ImportFact): boolean {
  return capability === 'unknown';
}
