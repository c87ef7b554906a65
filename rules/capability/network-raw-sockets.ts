import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'network-raw-sockets',
  title: 'The program uses TCP or UDP sockets itself',
  description: 'Finds imports that create, connect or bind sockets, send to addresses, or move bytes over sockets.',
  family: 'capability',
  securitySeverity: 7.2,
  confidence: 'high',
  cwe: [272, 441],
  since: '0.1.0',
  remedy: 'Use wasi:http with a list of allowed hosts, and deny sockets in the runtime',
  references: ['https://github.com/WebAssembly/WASI/tree/main/proposals/sockets'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(usesSocket), message: 'Uses sockets', subject: 'network-raw-sockets' }),
});

const SOCKETS: ReadonlySet<string> = new Set(['net-ambient', 'net-socket', 'net-connect', 'net-listen', 'net-io']);

function usesSocket({ capability }: ImportFact): boolean {
  return SOCKETS.has(capability);
}
