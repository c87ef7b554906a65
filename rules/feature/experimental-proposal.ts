import { placeAt } from '../../scanner/facts/place.ts';
import { defineRule } from '../../scanner/rule.ts';
import { FEATURES } from '../../scanner/wasm/features.ts';

export default defineRule({
  id: 'experimental-proposal',
  title: 'The binary needs a proposal that is not finished, or was given up',
  description: 'Finds features that are not in phase 4 of the standard, and exception handling in the form that was replaced. Engines test them less, and may drop them.',
  family: 'feature',
  securitySeverity: 5.0,
  confidence: 'high',
  cwe: [1357],
  since: '0.1.0',
  remedy: 'Compile without it, or with the final form of the proposal',
  references: ['https://github.com/WebAssembly/proposals', 'https://docs.wasmtime.dev/stability-wasm-proposals.html'],
  *check(facts) {
    for (const { feature, count, offset } of facts.features) {
      const { title, status } = FEATURES[feature];
      const replaced = feature === 'legacy-exceptions';
      if (!replaced && status !== 'phase3' && status !== 'draft') continue;
      yield {
        message: `Needs ${title}, ${replaced ? 'which was replaced by another form' : status === 'draft' ? 'a draft' : 'which may still change'}; used ${count === 1 ? 'once' : `${count} times`}, first here`,
        subject: feature,
        location: { path: placeAt(facts, offset), offset, length: 1 },
        // Toolchains wrote it by default for years, and every browser keeps it.
        confidence: replaced ? 'low' : 'high',
      };
    }
  },
});
