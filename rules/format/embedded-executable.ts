import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';

export default defineRule({
  id: 'embedded-executable',
  title: 'An executable file inside the data',
  description: 'Finds ELF, Windows, Mach-O and Wasm files in data segments, and native ones in custom sections. The header has to hold together: a magic number alone is a constant.',
  family: 'format',
  securitySeverity: 6.0,
  confidence: 'medium',
  cwe: [506],
  since: '0.1.0',
  remedy: 'Ship the file as an artifact of its own, so that it is scanned and signed as what it is',
  references: ['https://attack.mitre.org/techniques/T1027/009/'],
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  for (const { format, title, location } of facts.embedded) {
    yield { message: `${title} inside the data`, subject: format, location };
  }
}
