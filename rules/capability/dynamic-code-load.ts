import type { CustomFact, Facts, ImportFact } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions, listing } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'dynamic-code-load',
  title: 'The program loads code chosen at run time',
  description: 'Finds imports that load, compile or reflectively call code at run time, and modules that name libraries to be loaded with them.',
  family: 'capability',
  securitySeverity: 7.6,
  confidence: 'high',
  cwe: [829, 114],
  since: '0.1.0',
  remedy: 'Link statically, and ship one module or component',
  references: ['https://github.com/WebAssembly/tool-conventions/blob/main/DynamicLinking.md', 'https://github.com/wasix-org/wasix-libc'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  yield* findingOf(facts, { imports: importedFunctions(facts).filter(loadsCode), message: 'Loads or calls code chosen at run time', subject: 'imports' });
  for (const custom of facts.customs) yield* neededLibraries(custom);
}

/** A slot for the address of a function is linkage; evaluating JavaScript text has a rule of its own. */
function loadsCode({ capability, module, name }: ImportFact): boolean {
  return capability === 'dynamic-code' && module !== 'GOT.func' && !/run_script|eval/.test(name);
}

function* neededLibraries({ path, name, index, content, offset, length }: CustomFact): Generator<RuleFinding> {
  if (content.kind !== 'dylink') return;
  const wanted = [...content.needed, ...content.runtimePaths.map((directory) => `${directory}/`)];
  if (wanted.length === 0) return;
  const place = `custom[${index}] ${name}`;
  yield {
    message: `Asks its loader for further modules: ${listing(wanted)}`,
    subject: 'needed-libraries',
    location: { path: path === '' ? place : `${path}/${place}`, offset, length },
  };
}
