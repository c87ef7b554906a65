import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'native-plugin-import',
  title: 'The program calls native plug-ins of the host',
  description: 'Finds imports that native plug-ins of a runtime offer. They run in the process of the host, outside the sandbox.',
  family: 'capability',
  securitySeverity: 7.3,
  confidence: 'high',
  cwe: [829],
  since: '0.1.0',
  remedy: 'Enable only the plug-ins that the workload needs',
  references: [
    'https://github.com/WasmEdge/WasmEdge/issues/4531',
    'https://github.com/WebAssembly/wasi-nn',
  ],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(callsPlugin), message: 'Calls native plug-ins of the host', subject: 'native-plugin-import' }),
});

const ABIS: ReadonlySet<string> = new Set(['wasmedge-plugin', 'wasi-nn', 'wasi-crypto', 'wasi-parallel']);
const CAPABILITIES: ReadonlySet<string> = new Set(['ai-inference', 'media', 'kernel-bpf', 'gpu']);

/** Closing handles and the like grant nothing, but they still run in the plug-in. */
function callsPlugin({ abi, capability }: ImportFact): boolean {
  return (abi !== null && ABIS.has(abi)) || CAPABILITIES.has(capability);
}
