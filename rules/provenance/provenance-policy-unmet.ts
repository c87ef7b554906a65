import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'provenance-policy-unmet',
  title: 'An attestation that the policy asks for is missing',
  description: 'Stands for every attestation that the policy asks for and that has not been established. The judge reports it, because only the policy knows what it asks for.',
  family: 'provenance',
  securitySeverity: 7.4,
  confidence: 'high',
  cwe: [345, 1357],
  since: '0.1.0',
  remedy: 'Attach the attestation to the artifact, or take it out of the policy',
  references: ['https://slsa.dev/spec/v1.1/verifying-artifacts', 'https://github.com/in-toto/attestation'],
  check: () => [],
});
