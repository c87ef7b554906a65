import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'wasix-network-admin',
  title: 'The program sets up interfaces, routes or bridges',
  description: 'Finds WASIX imports that change or list the network set-up of the host.',
  family: 'capability',
  securitySeverity: 9.0,
  confidence: 'high',
  cwe: [250],
  since: '0.1.0',
  remedy: 'Build without them; no ordinary service sets up its own network',
  references: ['https://github.com/wasix-org/wasix-libc'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(setsUpNetwork), message: 'Sets up the network of the host', subject: 'wasix-network-admin' }),
});

/** Multicast membership is not among them: it changes what one socket receives. */
function setsUpNetwork({ abi, name }: ImportFact): boolean {
  return abi === 'wasix' && name.startsWith('port_');
}
