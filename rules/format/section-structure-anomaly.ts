import type { Facts } from '../../scanner/facts/facts.ts';
import { placeAt } from '../../scanner/facts/place.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import type { ProblemCode } from '../../scanner/wasm/error.ts';
import type { Anomaly } from '../../scanner/wasm/module.ts';

/** Ways to be malformed that concern the frame, where two parsers are most likely to read two different programs. */
const STRUCTURE: ReadonlySet<ProblemCode> = new Set<ProblemCode>(['section-id', 'section-order', 'section-size', 'count-mismatch', 'data-count-missing', 'duplicate-name', 'invalid-utf8']);

export default defineRule({
  id: 'section-structure-anomaly',
  title: 'The sections are laid out as no toolchain does',
  description: 'Finds sections out of order, repeated, of a wrong size or followed by more bytes, and encodings that are allowed but odd: what lets two parsers see two programs.',
  family: 'format',
  securitySeverity: 6.1,
  confidence: 'high',
  cwe: [436],
  since: '0.1.0',
  remedy: 'Write the file again with a strict tool, for example wasm-tools, and compare what the two files do',
  references: ['https://webassembly.github.io/spec/core/binary/modules.html#sections'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  for (const { code, message, offset, effect } of facts.problems) {
    if (effect !== 'malformed' || !STRUCTURE.has(code)) continue;
    yield { message: `Section structure: ${message}`, subject: code, location: { path: placeAt(facts, offset), offset, length: Math.min(1, Math.max(0, facts.size - offset)) } };
  }
  for (const { module } of facts.modules) yield* allowedOddities(facts, module.anomalies);
  if (facts.component !== null) yield* allowedOddities(facts, facts.component.anomalies);
}

/** The specification allows them, so they never deny. One finding for each kind, placed at the first. */
function* allowedOddities(facts: Facts, anomalies: readonly Anomaly[]): Generator<RuleFinding> {
  for (const [kind, members] of Map.groupBy(anomalies, (anomaly) => anomaly.kind)) {
    const { message, offset, length } = members[0]!;
    const more = members.length === 1 ? '' : `, and ${members.length - 1} more of the kind`;
    yield { message: `Allowed, but odd: ${message}${more}`, subject: kind, location: { path: placeAt(facts, offset), offset, length }, atMost: 'note' };
  }
}
