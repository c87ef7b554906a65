import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'proxy-wasm-foreign-function',
  title: 'The filter can call extensions of the proxy by name',
  description: 'Finds the proxy-wasm import that calls a foreign function: an extension of the proxy that the filter names at run time. The Rust SDK imports it in every filter.',
  family: 'capability',
  securitySeverity: 7.1,
  confidence: 'medium',
  cwe: [749],
  since: '0.1.0',
  remedy: 'Leave it out of the allowed capabilities of the proxy unless the filter needs it',
  references: [
    'https://github.com/istio/api/issues/2797',
    'https://github.com/proxy-wasm/spec',
  ],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(callsForeign), message: 'Can call any extension of the proxy by name', subject: 'proxy-wasm-foreign-function' }),
});

const NAMES: ReadonlySet<string> = new Set(['proxy_call_foreign_function', 'proxy_call_custom_function']);

function callsForeign({ name }: ImportFact): boolean {
  return NAMES.has(name);
}
