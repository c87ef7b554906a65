import type { ImportFact } from '../../scanner/facts/facts.ts';
import { defineRule } from '../../scanner/rule.ts';
import { findingOf, importedFunctions } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'js-eval-bridge',
  title: 'The program evaluates JavaScript text',
  description: 'Finds imports that hand a text to the JavaScript engine of the host to be evaluated.',
  family: 'capability',
  securitySeverity: 7.4,
  confidence: 'high',
  cwe: [95, 94],
  since: '0.1.0',
  remedy: 'Replace it by imports for the single functions, and set a content security policy without unsafe-eval',
  references: ['https://www.usenix.org/conference/usenixsecurity20/presentation/lehmann'],
  check: (facts) => findingOf(facts, { imports: importedFunctions(facts).filter(evaluates), message: 'Evaluates JavaScript text', subject: 'js-eval-bridge' }),
});

/** Some bindings write the whole signature into the name; a constructor of functions takes text like eval does. */
const NAMES = /^(?:_?emscripten_(?:async_)?run_script(?:_int|_string)?|__wbg_(?:eval|newwithargs|new_with_args|Function)(?:_.*)?|eval|eval[-_]js(?::.*)?|js[-_]eval|javascript_eval)$/s;

/** A slot for the address of a function is linkage within the program. */
function evaluates({ module, name }: ImportFact): boolean {
  return NAMES.test(name) && !module.startsWith('GOT.');
}
