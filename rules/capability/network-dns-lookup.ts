import type { Facts, ImportFact } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'network-dns-lookup',
  title: 'The program looks up host names and opens no connection',
  description: 'Finds name look-ups in programs that have no sockets to use the answers with: each look-up can carry data out. Where sockets are imported as well, they say it all.',
  family: 'capability',
  securitySeverity: 4.6,
  confidence: 'high',
  cwe: [200, 515],
  since: '0.1.0',
  remedy: 'List the names it may look up in the host, or build it without look-ups',
  references: ['https://github.com/WebAssembly/WASI/tree/main/proposals/sockets', 'https://docs.kubewarden.io/reference/spec/host-capabilities/net'],
  check,
});

/** With one of these, a look-up is a part of opening a connection. */
const SOCKETS: ReadonlySet<string> = new Set(['net-connect', 'net-socket', 'net-listen']);

function check(facts: Facts): Iterable<RuleFinding> {
  const functions = importedFunctions(facts);
  if (functions.some(({ capability }) => SOCKETS.has(capability))) return [];
  return findingOf(facts, { imports: functions.filter(looksUp), message: 'Looks up host names', subject: 'network-dns-lookup' });
}

function looksUp({ capability }: ImportFact): boolean {
  return capability === 'net-dns';
}
