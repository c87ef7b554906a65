import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'secret-store-access',
  title: 'The program reads secrets or configuration kept by the host',
  description: 'Finds imports that read from a secret store, a configuration store or the variables of the platform.',
  family: 'capability',
  securitySeverity: 5.0,
  confidence: 'high',
  cwe: [522],
  since: '0.1.0',
  remedy: 'Bind only the keys it needs, and no store as a whole',
  references: ['https://github.com/WebAssembly/wasi-config', 'https://wasmcloud.com/docs/concepts/secrets/'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(readsStore), message: 'Reads secrets or configuration of the host', subject: 'secret-store-access' }),
});

function readsStore({ capability }: ImportFact): boolean {
  return capability === 'secrets-read' || capability === 'config-read';
}
