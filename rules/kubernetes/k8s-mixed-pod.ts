import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { settingFindings } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'k8s-mixed-pod',
  title: 'Wasm and native containers share a pod',
  description: 'Finds pods that run native containers beside Wasm ones: what this scanner says of the module holds for none of its neighbours.',
  family: 'kubernetes',
  securitySeverity: 2.0,
  confidence: 'medium',
  cwe: [],
  since: '0.1.0',
  remedy: 'Know that the sandbox of the module does not hold its neighbours, and judge their images by other means',
  references: [
    'https://github.com/containerd/runwasi',
  ],
  about: 'surroundings',
  check,
});

/** Sidecars are ordinary, so whatever a level says of it, this never denies. */
function* check(facts: Facts): Generator<RuleFinding> {
  for (const finding of settingFindings(facts, ['mixed-pod'])) yield { ...finding, atMost: 'warning' };
}
