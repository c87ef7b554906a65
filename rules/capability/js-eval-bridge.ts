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

const NAMES = /^(?:_?emscripten_(?:async_)?run_script(?:_int|_string)?|__wbg_eval(?:_.*)?|eval|eval-js|js_eval|javascript_eval)$/;

function evaluates({ name }: ImportFact): boolean {
  return NAMES.test(name);
}
