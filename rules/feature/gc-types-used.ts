import { placeAt } from '../../scanner/facts/place.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'gc-types-used',
  title: 'The program has objects that the engine collects',
  description: 'Finds types and instructions of the garbage collection proposal: structures, arrays, recursion groups and casts.',
  family: 'feature',
  securitySeverity: 3.4,
  confidence: 'high',
  cwe: [1357],
  since: '0.1.0',
  remedy: 'Run it on an engine that collects garbage as a supported feature, up to date',
  references: ['https://github.com/WebAssembly/gc', 'https://nvd.nist.gov/vuln/detail/CVE-2024-2887'],
  *check(facts) {
    const use = facts.features.find(({ feature }) => feature === 'gc');
    if (use === undefined) return;
    const types = facts.modules.reduce((sum, { module }) => sum + module.types.filter(({ type }) => type.kind === 'struct' || type.kind === 'array').length, 0);
    yield {
      message: `Needs a garbage collector: ${use.count === 1 ? 'one use' : `${use.count} uses`} of the proposal, ${types === 1 ? 'one type' : `${types} types`} of structures and arrays`,
      subject: 'gc',
      location: { path: placeAt(facts, use.offset), offset: use.offset, length: 1 },
    };
  },
});
