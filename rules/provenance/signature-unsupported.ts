import type { Facts } from '../../scanner/facts/facts.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { nativeBesideWasm, wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'signature-unsupported',
  title: 'A signature that cannot be verified here',
  description: 'Finds signatures of a form or algorithm that is recognised and not verified, where no trusted one stands beside them.',
  family: 'provenance',
  securitySeverity: 3.0,
  confidence: 'high',
  cwe: [345],
  since: '0.1.0',
  remedy: 'Sign in a form that can be verified, for example with cosign sign and an ECDSA key or an identity',
  references: ['https://docs.sigstore.dev/cosign/signing/overview/', 'https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto'],
  about: 'provenance',
  check,
});

function* check(facts: Facts): Generator<RuleFinding> {
  const { status, signatures } = facts.provenance;
  if (status === 'trusted' || nativeBesideWasm(facts)) return;
  const said = new Set<string>();
  for (const { status: one, code, form, message } of signatures) {
    if (one !== 'unsupported' || said.has(`${form}:${code}`)) continue;
    said.add(`${form}:${code}`);
    yield { message: `A signature is not verified: ${message}`, subject: `signature:${form}:${code}`, location: wholeFile(facts) };
  }
}
