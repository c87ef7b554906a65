import { placeAt } from '../../scanner/facts/place.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'relaxed-simd-used',
  title: 'The program computes what differs between processors',
  description: 'Finds instructions of relaxed SIMD, whose results may differ from one processor or engine to the next.',
  family: 'feature',
  securitySeverity: 2.5,
  confidence: 'high',
  cwe: [758],
  since: '0.1.0',
  remedy: 'Build without -mrelaxed-simd, or let the engine run in its deterministic mode',
  references: ['https://github.com/WebAssembly/relaxed-simd'],
  *check(facts) {
    const use = facts.features.find(({ feature }) => feature === 'relaxed-simd');
    if (use === undefined) return;
    const { count, offset } = use;
    yield { message: `Uses relaxed SIMD, ${count === 1 ? 'once' : `${count} times`}, first here: results may differ between processors`, subject: 'relaxed-simd', location: { path: placeAt(facts, offset), offset, length: 1 } };
  },
});
