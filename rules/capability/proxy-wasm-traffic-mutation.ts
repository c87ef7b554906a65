import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'proxy-wasm-traffic-mutation',
  title: 'The filter can change or answer the traffic that passes it',
  description: 'Finds the proxy-wasm imports that change headers, bodies and properties, answer requests themselves or act for another request.',
  family: 'capability',
  securitySeverity: 3.9,
  confidence: 'medium',
  cwe: [441],
  since: '0.1.0',
  remedy: 'Allow the filter only the host functions it needs in the configuration of the proxy',
  references: ['https://github.com/proxy-wasm/spec', 'https://github.com/istio/api/issues/2797'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(changesTraffic), message: 'Can change or answer the traffic', subject: 'proxy-wasm-traffic-mutation' }),
});

/** What reads traffic or goes on with it unchanged is not among them; acting for another request is. */
const NAMES = /^proxy_(?:set_buffer(?:_bytes)?|(?:set|add|replace|remove)_header_map_(?:value|pairs)|(?:set|add|remove)_map_values?|set_property|send_local_response|send_http_response|close_stream|clear_route_cache|set_effective_context)$/;

function changesTraffic({ name }: ImportFact): boolean {
  return NAMES.test(name);
}
