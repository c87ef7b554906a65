import { defineRule } from '../../scanner/rule.ts';
import { settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-wasm-missing-limits',
  title: 'A module without a bound on what it uses',
  description: 'Finds workloads that leave memory, time or calls of a module without a bound.',
  family: 'kubernetes',
  securitySeverity: 5.0,
  confidence: 'medium',
  cwe: [770],
  since: '0.1.0',
  remedy: 'Set limits for memory and processor, and for the number of calls where the host has such a limit',
  references: [
    'https://www.spinkube.dev/docs/reference/spin-app/',
    'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  ],
  about: 'surroundings',
  check: (facts) => settingFindings(facts, ['missing-limits']),
});
