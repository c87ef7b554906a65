import type { Facts } from '../../scanner/facts/facts.ts';
import { placeAt } from '../../scanner/facts/place.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { FEATURES, type FeatureStatus } from '../../scanner/wasm/features.ts';

const STATUS_WORDS: Readonly<Record<FeatureStatus, string>> = {
  standard: 'part of the standard',
  phase4: 'finished, not yet in a release of the standard',
  phase3: 'a proposal that may still change',
  draft: 'a draft',
};

export default defineRule({
  id: 'feature-not-allowed',
  title: 'The binary needs a feature that the policy does not allow',
  description: 'Finds the use of every WebAssembly feature beyond version 1.0; the policy says which are allowed. Code that never runs counts too, because engines compile it.',
  family: 'feature',
  securitySeverity: 5.0,
  confidence: 'high',
  cwe: [1357],
  since: '0.1.0',
  remedy: 'Compile for a lower feature baseline, for example with -mcpu=mvp or -mcpu=lime1',
  references: ['https://webassembly.org/features/', 'https://docs.wasmtime.dev/stability-tiers.html'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  for (const { feature, count, offset } of facts.features) {
    const { title, status } = FEATURES[feature];
    yield {
      message: `Needs ${title} (${STATUS_WORDS[status]}), used ${count === 1 ? 'once' : `${count} times`}, first here`,
      subject: feature,
      location: { path: placeAt(facts, offset), offset, length: 1 },
      treatment: `feature:${feature}`,
    };
  }
}
