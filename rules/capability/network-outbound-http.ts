import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'network-outbound-http',
  title: 'The program sends HTTP requests',
  description: 'Finds imports that send HTTP or gRPC requests to a destination the program names.',
  family: 'capability',
  securitySeverity: 5.6,
  confidence: 'high',
  cwe: [918, 441],
  since: '0.1.0',
  remedy: 'Name the hosts it may reach in the manifest of the platform, and grant no others',
  references: ['https://github.com/WebAssembly/WASI/tree/main/proposals/http'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(sendsRequest), message: 'Sends HTTP requests', subject: 'network-outbound-http' }),
});

function sendsRequest({ capability }: ImportFact): boolean {
  return capability === 'http-client';
}
