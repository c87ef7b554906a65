import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'proxy-wasm-http-callout',
  title: 'The filter calls other services from the proxy',
  description: 'Finds the proxy-wasm imports that send HTTP or gRPC requests to clusters of the proxy. SDKs import them in every filter.',
  family: 'capability',
  securitySeverity: 5.6,
  confidence: 'medium',
  cwe: [918, 441],
  since: '0.1.0',
  remedy: 'Leave the calls out of the allowed capabilities of the proxy unless the filter needs them, and name the clusters it may call',
  references: ['https://github.com/proxy-wasm/spec', 'https://github.com/istio/api/issues/2797'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(callsOut), message: 'Can call other services from the proxy', subject: 'proxy-wasm-http-callout' }),
});

const NAMES: ReadonlySet<string> = new Set(['proxy_http_call', 'proxy_dispatch_http_call', 'proxy_grpc_call', 'proxy_grpc_stream', 'proxy_grpc_send', 'proxy_dispatch_grpc_call', 'proxy_open_grpc_stream', 'proxy_send_grpc_stream_message']);

function callsOut({ name }: ImportFact): boolean {
  return NAMES.has(name);
}
