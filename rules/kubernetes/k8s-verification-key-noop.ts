import { defineRule } from '../../scanner/rule.ts';
import { settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-verification-key-noop',
  title: 'A protection that the host ignores',
  description: 'Finds settings that promise protection and have no effect, such as a verification key that no control plane reads.',
  family: 'kubernetes',
  securitySeverity: 6.0,
  confidence: 'high',
  cwe: [347],
  since: '0.1.0',
  remedy: 'Take the setting out, and enforce what it promised where it holds: a pinned digest, and a policy with signatures',
  references: [
    'https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/',
  ],
  about: 'surroundings',
  check: (facts) => settingFindings(facts, ['no-effect']),
});
