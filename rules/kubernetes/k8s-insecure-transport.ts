import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { carrierLocation, cut, holdsWasm, settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-insecure-transport',
  title: 'The module is fetched over a connection that anybody can change',
  description: 'Finds modules fetched over plain HTTP, and registries whose certificate is not checked.',
  family: 'kubernetes',
  securitySeverity: 7.4,
  confidence: 'high',
  cwe: [319, 295],
  since: '0.1.0',
  remedy: 'Fetch over https with checked certificates, and pin the digest',
  references: [
    'https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/',
    'https://github.com/advisories/GHSA-cxpq-8v7q-cg56',
  ],
  about: 'surroundings',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  const { carrier } = facts;
  const plain = carrier !== null && holdsWasm(facts) && /^http:\/\//i.test(carrier.reference.trim());
  if (plain) {
    const message = carrier.pinned ? 'Fetched over plain HTTP; its hash keeps it from being changed, not from being read' : 'Fetched over plain HTTP, and nothing holds what arrives to what was meant';
    yield { message: `${message}: ${cut(carrier.reference)}`, subject: cut(carrier.reference), confidence: carrier.pinned ? 'medium' : 'high', location: carrierLocation(carrier) };
  }
  for (const finding of settingFindings(facts, ['insecure-transport'])) {
    // The reference itself has been spoken of.
    if (!plain || finding.location.source?.pointer !== carrier.pointer) yield finding;
  }
}
