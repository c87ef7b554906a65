import { defineRule } from '../../scanner/rule.ts';
import { settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-unsupported-scheme',
  title: 'A reference that the host does not fetch',
  description: 'Finds references with a scheme that the named host cannot fetch, so that the module never loads or an older one stays.',
  family: 'kubernetes',
  securitySeverity: 2.0,
  confidence: 'high',
  cwe: [],
  since: '0.1.0',
  remedy: 'Write the reference in a form that the host reads',
  references: [
    'https://docs.dapr.io/reference/components-reference/supported-middleware/middleware-wasm/',
    'https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/',
  ],
  about: 'surroundings',
  check: (facts) => settingFindings(facts, ['unsupported-scheme']),
});
