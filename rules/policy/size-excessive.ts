import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding, Thresholds } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'size-excessive',
  title: 'The artifact is larger than the policy allows',
  description: 'Finds artifacts with more bytes, and core modules with more functions, than limits.bytes and limits.functions of the policy say.',
  family: 'policy',
  securitySeverity: 4.0,
  confidence: 'high',
  cwe: [400],
  since: '0.1.0',
  remedy: 'Build for size and strip what is not needed, or raise the limit in the policy',
  references: ['https://rustwasm.github.io/docs/book/reference/code-size.html'],
  check,
});

function* check(facts: Facts, { bytes, functions }: Thresholds): Generator<RuleFinding> {
  if (bytes !== null && facts.size > bytes) {
    yield { message: `${facts.size} bytes, and the policy allows ${bytes}`, subject: 'bytes', location: wholeFile(facts) };
  }
  if (functions === null) return;
  for (const { path, module } of facts.modules) {
    const defined = module.functionTypes.length - module.importedFunctions;
    if (defined <= functions) continue;
    yield { message: `${path === '' ? 'The module' : path} defines ${defined} functions, and the policy allows ${functions}`, subject: 'functions', location: { path: path === '' ? 'file' : path, ...module.range } };
  }
}
