import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'fs-read',
  title: 'The program can read files',
  description: 'Finds imports that open, read and list files and directories by path. Listing the directories it was given alone is not one of them: C libraries do so when they start.',
  family: 'capability',
  securitySeverity: 3.0,
  confidence: 'high',
  cwe: [272],
  since: '0.1.0',
  remedy: 'Give it no directories, or only the ones it reads',
  references: ['https://github.com/WebAssembly/WASI/blob/main/docs/DesignPrinciples.md'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(readsFiles), message: 'Reads files', subject: 'fs-read' }),
});

/** Reading from an open descriptor alone is standard input. */
const DESCRIPTOR = /^fd_(?:read|pread|seek|tell|advise)$/;

function readsFiles({ capability, name }: ImportFact): boolean {
  return capability === 'fs-open' || (capability === 'fs-read' && !DESCRIPTOR.test(name));
}
