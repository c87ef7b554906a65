import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { grantsOf } from '../../scanner/facts/grants.ts';
import { cut, holdsWasm, placedLocation, settingsOf } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'grant-everything',
  title: 'A manifest that gives a module everything',
  description: 'Finds grants without a bound: every host, every folder, every interface.',
  family: 'grant',
  securitySeverity: 6.5,
  confidence: 'high',
  cwe: [1220, 250, 918],
  since: '0.1.0',
  remedy: 'Name what the module needs, one entry each',
  references: [
    'https://spinframework.dev/v3/http-outbound#configuration',
    'https://extism.org/docs/concepts/manifest/',
  ],
  about: 'surroundings',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  if (!holdsWasm(facts)) return;
  const told = new Set(settingsOf(facts).flatMap(({ id, place }) => (id === 'broad-scope' && place !== null ? [`${place.document} ${place.pointer}`] : [])));
  for (const { field, values, everything, place } of grantsOf(facts)) {
    if (!everything || (place !== null && told.has(`${place.document} ${place.pointer}`))) continue;
    yield { message: `Everything is given by ${cut(field)}: ${cut(values.join(', '))}`.replace(/[.\s]+$/, ''), subject: cut(field), location: placedLocation(facts, { place, path: cut(field) }) };
  }
}
