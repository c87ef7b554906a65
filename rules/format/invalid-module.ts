import { placeAt } from '../../scanner/facts/place.ts';
import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'invalid-module',
  title: 'The binary is malformed',
  description: 'Finds everything that breaks the binary format: encodings, counts, index ranges, sections in the wrong place. Operand types are not examined.',
  family: 'format',
  securitySeverity: 7.5,
  confidence: 'high',
  cwe: [20, 1287],
  since: '0.1.0',
  remedy: 'Build it again with a current toolchain, and compare the digest with the one that was published: the file may be cut off or changed',
  references: ['https://webassembly.github.io/spec/core/binary/index.html', 'https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  for (const { code, message, offset, effect } of facts.problems) {
    if (effect !== 'malformed') continue;
    yield { message: `Malformed: ${message}`, subject: code, location: { path: placeAt(facts, offset), offset, length: Math.min(1, Math.max(0, facts.size - offset)) } };
  }
}
