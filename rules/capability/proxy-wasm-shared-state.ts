import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'proxy-wasm-shared-state',
  title: 'The filter shares data with other filters of the proxy',
  description: 'Finds the proxy-wasm imports of shared data and shared queues, which every filter with the same vm_id reads and writes.',
  family: 'capability',
  securitySeverity: 4.6,
  confidence: 'medium',
  cwe: [668],
  since: '0.1.0',
  remedy: 'Give filters that do not trust each other a vm_id each',
  references: ['https://github.com/proxy-wasm/spec'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(shares), message: 'Can share data with other filters', subject: 'proxy-wasm-shared-state' }),
});

const NAMES = /^proxy_(?:(?:get|set)_shared_(?:data|kvstore_key_values?)|(?:register|resolve|open|create)_shared_(?:queue|kvstore)|(?:en|de)queue_shared_queue(?:_item)?)$/;

function shares({ name }: ImportFact): boolean {
  return NAMES.test(name);
}
