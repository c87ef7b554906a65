import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'signature-invalid',
  title: 'A signature that does not verify',
  description: 'Finds artifacts whose signature fails against known key material, and that have no trusted one beside it.',
  family: 'provenance',
  securitySeverity: 9.6,
  confidence: 'high',
  cwe: [347],
  since: '0.1.0',
  remedy: 'Do not run it: the bytes are not those that were signed. If a tool changed the file after signing, sign as the last step',
  references: ['https://github.com/WebAssembly/tool-conventions/blob/main/Signatures.md'],
  about: 'provenance',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  const { status, signatures } = facts.provenance;
  if (status !== 'invalid') return;
  const failed = signatures.find((one) => one.status === 'invalid' && one.predicateType === null);
  const message = failed === undefined ? 'The signature does not fit the artifact: the bytes or the signature were changed' : `The signature in ${failed.where} does not hold: ${failed.message}`;
  yield { message, subject: 'signature', location: wholeFile(facts) };
}
