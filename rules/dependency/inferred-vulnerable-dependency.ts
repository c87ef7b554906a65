import { advisoryFindings, DECLARED } from '../../scanner/rule-advisories.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'inferred-vulnerable-dependency',
  title: 'A package that its texts name has a known vulnerability',
  description: 'Finds packages known by source paths and banners alone that an advisory of the given data applies to.',
  family: 'dependency',
  securitySeverity: 6.0,
  confidence: 'medium',
  cwe: [1395],
  since: '0.1.0',
  remedy: 'Update the package and rebuild, with a list of dependencies inside so that nothing has to be inferred',
  references: ['https://ossf.github.io/osv-schema/', 'https://rustsec.org/', 'https://github.com/rust-secure-code/cargo-auditable'],
  check: (facts) => advisoryFindings(facts, (kind) => !DECLARED.includes(kind)),
});
