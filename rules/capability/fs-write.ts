import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'fs-write',
  title: 'The program can change files',
  description: 'Finds imports that create, change, rename or delete files. Writing to an open descriptor alone is not one of them: standard output needs it too.',
  family: 'capability',
  securitySeverity: 5.8,
  confidence: 'high',
  cwe: [272, 732],
  since: '0.1.0',
  remedy: 'Mount directories read-only, and give it one scratch directory where it has to write',
  references: ['https://github.com/advisories/GHSA-2r75-cxrj-cmph'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(changesFiles), message: 'Changes files', subject: 'fs-write' }),
});

/** Making data durable changes no file. */
const DURABLE = /(?:^|_|\.)(?:fd_)?(?:f?data)?sync(?:-data)?$/;

function changesFiles({ capability, name }: ImportFact): boolean {
  return capability === 'fs-write' && !DURABLE.test(name);
}
