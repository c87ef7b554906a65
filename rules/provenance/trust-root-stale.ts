import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { nativeBesideWasm, wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'trust-root-stale',
  title: 'The trust root is old',
  description: 'Finds verifications that used keys and certificates of a Sigstore instance which were collected more than 180 days ago.',
  family: 'provenance',
  securitySeverity: 2.0,
  confidence: 'high',
  cwe: [672],
  since: '0.1.0',
  remedy: 'Take a newer release, or name a newer trusted_root.json in the policy: signatures: { trustRoots: [...] }',
  references: ['https://docs.sigstore.dev/certificate_authority/overview/', 'https://github.com/sigstore/root-signing'],
  about: 'provenance',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  if (nativeBesideWasm(facts)) return;
  for (const { name, date, stale } of facts.provenance.trustRoots) {
    if (stale) yield { message: `Trust root ${name} is of ${date}: signatures by newer keys cannot be verified, and keys that were withdrawn since still count`, subject: `trust-root:${name}`, location: wholeFile(facts) };
  }
}
