import { defineRule } from '../../scanner/rule.ts';
import { settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-wasm-fail-open',
  title: 'A plug-in that is skipped when it fails',
  description: 'Finds settings by which a plug-in or policy is passed over when it crashes, cannot be loaded or takes too long.',
  family: 'kubernetes',
  securitySeverity: 7.5,
  confidence: 'high',
  cwe: [636],
  since: '0.1.0',
  remedy: 'Let the request fail with the plug-in: failStrategy FAIL_CLOSE, failOpen false, failurePolicy Fail',
  references: [
    'https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/',
    'https://gateway.envoyproxy.io/docs/api/extension_types/',
  ],
  about: 'surroundings',
  check: (facts) => settingFindings(facts, ['fail-open']),
});
