import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'js-inline-snippet',
  title: 'The program runs JavaScript snippets fixed at build time',
  description: 'Finds imports that run inlined JavaScript or reach the global object through the Function constructor. The text is fixed at build time and stands outside the module.',
  family: 'capability',
  securitySeverity: 2.5,
  confidence: 'high',
  cwe: [95],
  since: '0.1.0',
  remedy: 'Move the snippets to imports, or build with a version of wasm-bindgen that uses globalThis',
  references: ['https://emscripten.org/docs/api_reference/emscripten.h.html#inline-assembly-javascript'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(runsSnippet), message: 'Runs JavaScript snippets that stand outside the module', subject: 'js-inline-snippet' }),
});

const NAMES = /^(?:_?emscripten_asm_const(?:_.*)?|__asmjs__.*|__asyncjs__.*|__wbg_newnoargs_.*|__wbg_new_no_args_.*)$/;

/** Kotlin names the module of its snippets. */
function runsSnippet({ module, name }: ImportFact): boolean {
  return NAMES.test(name) || module === 'js_code';
}
