import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'sbom-missing',
  title: 'The binary does not say what it is made of',
  description: 'Finds binaries without a list of dependencies: no .dep-v0 section, no bill of materials inside or attested, and no Go build information.',
  family: 'provenance',
  about: 'provenance',
  securitySeverity: 1.0,
  confidence: 'medium',
  cwe: [1357],
  since: '0.1.0',
  remedy: 'Build with cargo auditable (Rust), keep the build information (Go), or attest an SBOM beside the artifact',
  references: ['https://github.com/rust-secure-code/cargo-auditable', 'https://pkg.go.dev/debug/buildinfo'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  if ((facts.kind !== 'module' && facts.kind !== 'component') || facts.listsDependencies || attested(facts)) return;
  const inferred = facts.dependencies.length;
  const rest = inferred === 0 ? '' : `; its texts name ${inferred === 1 ? 'one package' : `${inferred} packages`}`;
  yield { message: `No list of dependencies stands in the binary${rest}`, subject: 'sbom', location: wholeFile(facts) };
}

function attested({ provenance: { signatures } }: Facts): boolean {
  return signatures.some(({ status, predicateType }) => status === 'trusted' && /^https:\/\/(?:cyclonedx\.org\/bom|spdx\.dev\/Document)(?:\/|$)/.test(predicateType ?? ''));
}
