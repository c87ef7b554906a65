import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'component-implements-import',
  title: 'An import whose name hides its interface',
  description: 'Finds component imports with a plain name that implement an interface: who reads only the names does not see what is granted.',
  family: 'component',
  securitySeverity: 5.6,
  confidence: 'high',
  cwe: [436],
  since: '0.1.0',
  remedy: 'Write policies on interface names, as wasmgate judges them, and make sure that the host does so too',
  references: ['https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md'],
  check,
});

function* check({ component }: Facts): Generator<RuleFinding> {
  for (const [index, { name, implements: hidden, offset, length }] of (component?.imports ?? []).entries()) {
    if (hidden === null) continue;
    yield { message: `Import ${name} implements ${hidden}`, subject: `${name} ${hidden.split('@')[0]}`, location: { path: `import[${index}] ${name}`, offset, length } };
  }
}
