import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'kubewarden-host-capability',
  title: 'The policy module can ask its host for cluster or network data',
  description: 'Finds the call by which a Kubewarden policy asks the policy server: for objects of the cluster, registries, host names or certificates.',
  family: 'capability',
  securitySeverity: 6.2,
  confidence: 'medium',
  cwe: [250, 863],
  since: '0.1.0',
  remedy: 'Keep contextAwareResources minimal, and leave namespacedPoliciesCapabilities empty unless the policy needs them',
  references: [
    'https://github.com/advisories/GHSA-6r7f-3fwq-hq74',
    'https://docs.kubewarden.io/reference/spec/host-capabilities/intro-host-capabilities',
  ],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(asksPolicyServer), message: 'Can ask the policy server for cluster and network data', subject: 'kubewarden-host-capability' }),
});

const PATHS: readonly (readonly [string, string])[] = [['wapc', '__host_call'], ['host', 'call'], ['kubewarden:javy/host', 'call']];

function asksPolicyServer({ abi, interface: from, name }: ImportFact): boolean {
  return (abi === 'kubewarden' || abi === 'wapc') && PATHS.some(([module, call]) => module === from && call === name);
}
