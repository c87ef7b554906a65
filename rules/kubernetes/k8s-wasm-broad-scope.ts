import { defineRule } from '../../scanner/rule.ts';
import { settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-wasm-broad-scope',
  title: 'A module with reach over everything',
  description: 'Finds plug-ins and policies without a selector, or with resources and addresses of the whole cluster.',
  family: 'kubernetes',
  securitySeverity: 6.0,
  confidence: 'medium',
  cwe: [1220, 250],
  since: '0.1.0',
  remedy: 'Name the workloads, resources and hosts that are meant',
  references: [
    'https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/',
    'https://docs.kubewarden.io/reference/CRDs',
  ],
  about: 'surroundings',
  check: (facts) => settingFindings(facts, ['broad-scope']),
});
