import { placeAt } from '../../scanner/facts/place.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'tail-call-used',
  title: 'The program uses tail calls',
  description: 'Finds instructions that replace the frame of their caller: return_call, return_call_indirect and return_call_ref.',
  family: 'feature',
  securitySeverity: 2.8,
  confidence: 'high',
  cwe: [1357],
  since: '0.1.0',
  remedy: 'Build without -mtail-call where the code does not need it',
  references: ['https://github.com/WebAssembly/tail-call', 'https://github.com/advisories/GHSA-q8hx-mm92-4wvg'],
  *check(facts) {
    const use = facts.features.find(({ feature }) => feature === 'tail-call');
    if (use === undefined) return;
    const { count, offset } = use;
    yield { message: `Uses tail calls, ${count === 1 ? 'once' : `${count} times`}, first here`, subject: 'tail-call', location: { path: placeAt(facts, offset), offset, length: 1 } };
  },
});
