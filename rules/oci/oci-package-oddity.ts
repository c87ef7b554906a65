import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import type { PackageOddity } from '../../scanner/packaging.ts';
import { packageLocation } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'oci-package-oddity',
  title: 'A package that readers can read in two ways',
  description: 'Finds packages that hide what runs: several modules where a host takes the first, paths that leave the package, sizes and digests that lie.',
  family: 'oci',
  securitySeverity: 6.5,
  confidence: 'high',
  cwe: [436, 22, 345],
  since: '0.1.0',
  remedy: 'Pack again with an ordinary tool: one module, plain paths, no annotations about digests that somebody else computes',
  references: [
    'https://istio.io/latest/docs/tasks/extensibility/wasm-module-distribution/',
    'https://github.com/opencontainers/image-spec/blob/main/layer.md',
  ],
  about: 'surroundings',
  check,
});

/** A digest or size that disagrees has no honest reason; a strange path or a second module may be a careless build. */
const CONFIDENCE: Partial<Record<PackageOddity['id'], RuleFinding['confidence'] & string>> = {
  'digest-disagrees': 'high',
  'lying-size': 'high',
  'path-trick': 'medium',
  'several-modules': 'medium',
};

function* check(facts: Facts): Generator<RuleFinding> {
  for (const { id, message } of facts.packaging?.oddities ?? []) {
    const confidence = CONFIDENCE[id];
    if (confidence !== undefined) yield { message, subject: id, confidence, location: packageLocation(facts, 'package') };
  }
}
