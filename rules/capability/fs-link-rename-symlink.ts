import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'fs-link-rename-symlink',
  title: 'The program links, renames or symlinks files',
  description: 'Finds imports that make links or rename files: the operations behind most escapes from file-system sandboxes.',
  family: 'capability',
  securitySeverity: 7.0,
  confidence: 'high',
  cwe: [59, 22],
  since: '0.1.0',
  remedy: 'Give it directories without symbolic links, and a runtime with the fixes for path handling',
  references: [
    'https://github.com/advisories/GHSA-4ch3-9j33-3pmj',
    'https://github.com/advisories/GHSA-vqjp-4c8c-hfgg',
    'https://nvd.nist.gov/vuln/detail/CVE-2024-38358',
    'https://nvd.nist.gov/vuln/detail/CVE-2025-43853',
  ],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(linksOrRenames), message: 'Links, renames or symlinks files', subject: 'fs-link-rename-symlink' }),
});

const NAMES = /^(?:path_(?:link|rename|symlink)|\[method\]descriptor\.(?:link|rename|symlink)-at|__syscall_(?:linkat|renameat|symlinkat))$/;

function linksOrRenames({ capability, name }: ImportFact): boolean {
  return capability === 'fs-write' && NAMES.test(name);
}
