import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'sbom-missing',
  title: 'The binary does not say what it is made of',
  description: 'Finds binaries without a list of dependencies inside: no .dep-v0 section and no Go build information.',
  family: 'provenance',
  securitySeverity: 1.0,
  confidence: 'medium',
  cwe: [1357],
  since: '0.1.0',
  remedy: 'Build with cargo auditable (Rust), keep the build information (Go), or attest an SBOM beside the artifact',
  references: ['https://github.com/rust-secure-code/cargo-auditable', 'https://pkg.go.dev/debug/buildinfo'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  if (facts.modules.length === 0 || facts.dependencies.some(({ evidence }) => evidence === 'embedded-list' || evidence === 'build-info')) return;
  yield { message: 'No list of dependencies stands in the binary', subject: 'sbom', location: wholeFile(facts) };
}
