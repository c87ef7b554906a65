import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'process-spawn-exec',
  title: 'The program starts, forks or replaces processes',
  description: 'Finds imports that start, fork or replace a process: WASIX process calls, process plug-ins, and system, popen or exec of a C library.',
  family: 'capability',
  securitySeverity: 9.3,
  confidence: 'high',
  cwe: [78, 250],
  since: '0.1.0',
  remedy: 'Build for WASI without a process API, and leave starting processes to the host',
  references: [
    'https://github.com/wasix-org/wasix-libc',
    'https://github.com/WasmEdge/WasmEdge/blob/master/Changelog.md',
  ],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(startsProcess), message: 'Starts, forks or replaces processes', subject: 'process-spawn-exec' }),
});

/** Preparing and collecting belong to it: an argument list without a run is a run that the scanner has not understood. */
function startsProcess({ capability }: ImportFact): boolean {
  return capability === 'process-spawn';
}
