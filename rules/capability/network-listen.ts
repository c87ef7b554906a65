import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'network-listen',
  title: 'The program accepts connections',
  description: 'Finds imports that bind, listen or accept. Linked programs often import them without use, so it is a hint and no proof.',
  family: 'capability',
  securitySeverity: 6.0,
  confidence: 'medium',
  cwe: [1327],
  since: '0.1.0',
  remedy: 'Let the platform take the connections: export wasi:http/incoming-handler or the handler of the platform',
  references: ['https://github.com/WebAssembly/WASI/tree/main/proposals/sockets'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(listens), message: 'Can accept connections', subject: 'network-listen' }),
});

function listens({ capability }: ImportFact): boolean {
  return capability === 'net-listen';
}
