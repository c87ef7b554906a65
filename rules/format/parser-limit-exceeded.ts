import { placeAt } from '../../scanner/facts/place.ts';
import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import type { ProblemCode } from '../../scanner/wasm/error.ts';

/** Bytes that are no Wasm at all have no limit to exceed; the verdict says so, and native code has a rule of its own. */
const CODES: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['limit-exceeded', 'unknown-encoding']);

export default defineRule({
  id: 'parser-limit-exceeded',
  title: 'The binary could not be analysed to its end',
  description: 'Finds what goes beyond a limit of this scanner or uses an encoding it does not know. Nothing is known of what follows, so the verdict is error.',
  family: 'format',
  securitySeverity: 7.1,
  confidence: 'high',
  cwe: [400, 674, 770],
  since: '0.1.0',
  remedy: 'Split the module; if an honest build reaches the limit or uses a new encoding, a newer version of wasmgate may know it',
  references: ['https://webassembly.github.io/spec/js-api/index.html#limits'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  for (const { code, message, offset, effect } of facts.problems) {
    if (effect !== 'unanalysed' || !CODES.has(code)) continue;
    yield { message: `Not analysed from here: ${message}`, subject: code, location: { path: placeAt(facts, offset), offset, length: Math.min(1, Math.max(0, facts.size - offset)) } };
  }
}
