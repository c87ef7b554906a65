import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { nativeBesideWasm, wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'signer-not-allowed',
  title: 'Signed by somebody who was not asked for',
  description: 'Finds good signatures by signers whom the policy does not name, where it has none of those that it asks for.',
  family: 'provenance',
  securitySeverity: 6.5,
  confidence: 'high',
  cwe: [345, 346],
  since: '0.1.0',
  remedy: 'If the signer is one of yours, name it in the policy: signatures: { authorities: [...] }; otherwise take the artifact from its source again',
  references: ['https://docs.sigstore.dev/cosign/verifying/verify/', 'https://github.com/notaryproject/specifications/blob/main/specs/trust-store-trust-policy.md'],
  about: 'provenance',
  check,
});

/** Beside a trusted signature another one says nothing against the artifact: whoever can write to the registry could add it. */
function* check(facts: Facts): Generator<RuleFinding> {
  const { status, signatures } = facts.provenance;
  if (status === 'trusted' || nativeBesideWasm(facts)) return;
  const said = new Set<string>();
  for (const { status: one, code, covers, predicateType, identity, issuer, message } of signatures) {
    // What could not be held against anything is no good signature, and partial coverage has a rule of its own.
    if (one !== 'untrusted' || predicateType !== null || covers !== 'whole' || code === 'unverifiable') continue;
    const signer = identity ?? 'nobody named';
    const key = JSON.stringify([signer, issuer]);
    if (said.has(key)) continue;
    said.add(key);
    yield { message: `Signed by ${signer}${issuer === null ? '' : ` of ${issuer}`}, whom the policy does not name: ${message}`, subject: `signer:${signer}`, location: wholeFile(facts) };
  }
}
