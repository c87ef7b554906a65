import { defineRule } from '../../scanner/rule.ts';
import { settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-wasm-host-env',
  title: 'The environment of the host reaches the module',
  description: 'Finds settings that hand variables of the host process to the module, where tokens and addresses of the platform stand.',
  family: 'kubernetes',
  securitySeverity: 7.0,
  confidence: 'high',
  cwe: [526],
  since: '0.1.0',
  remedy: 'Give the module named values of its own, and no variable of the host',
  references: [
    'https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/',
    'https://gateway.envoyproxy.io/docs/api/extension_types/',
  ],
  about: 'surroundings',
  check: (facts) => settingFindings(facts, ['host-environment']),
});
