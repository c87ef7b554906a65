import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { packageLocation } from '../../scanner/rule-surroundings.ts';

export default defineRule({
  id: 'oci-decompression-bomb',
  title: 'A layer that grows beyond all bounds',
  description: 'Finds layers and archives that expand so far beyond their size that unpacking them is an attack on whoever does.',
  family: 'oci',
  securitySeverity: 7.1,
  confidence: 'high',
  cwe: [409],
  since: '0.1.0',
  remedy: 'Publish the module as an uncompressed layer of type application/wasm',
  references: [
    'https://github.com/advisories/GHSA-cxpq-8v7q-cg56',
  ],
  about: 'surroundings',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  for (const { id, message } of facts.packaging?.oddities ?? []) {
    if (id === 'decompression-bomb') yield { message, subject: id, location: packageLocation(facts, 'package') };
  }
}
