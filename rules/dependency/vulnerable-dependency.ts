import { advisoryFindings, DECLARED } from '../../scanner/rule-advisories.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'vulnerable-dependency',
  title: 'A package it says it contains has a known vulnerability',
  description: 'Finds packages of embedded lists, Go build information and package manifests that an advisory of the given data applies to.',
  family: 'dependency',
  securitySeverity: 7.0,
  confidence: 'high',
  cwe: [1395],
  since: '0.1.0',
  remedy: 'Update the package and rebuild',
  references: ['https://ossf.github.io/osv-schema/', 'https://github.com/rust-secure-code/cargo-auditable', 'https://pkg.go.dev/debug/buildinfo'],
  check: (facts) => advisoryFindings(facts, (kind) => DECLARED.includes(kind)),
});
