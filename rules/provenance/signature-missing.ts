import type { Facts } from '../../scanner/facts/facts.ts';
import type { Provenance } from '../../scanner/provenance.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { listing, nativeBesideWasm, wholeFile } from '../../scanner/rule-support.ts';

export default defineRule({
  id: 'signature-missing',
  title: 'No trusted signature',
  description: 'Finds artifacts for which no signature of a trusted signer has been established, whatever the reason.',
  family: 'provenance',
  securitySeverity: 6.0,
  confidence: 'high',
  cwe: [347, 345],
  since: '0.1.0',
  remedy: 'Sign the artifact in CI, for example with cosign sign, and name the signer in the policy: signatures: { authorities: [...] }',
  references: ['https://github.com/WebAssembly/tool-conventions/blob/main/Signatures.md', 'https://docs.sigstore.dev/cosign/signing/overview/'],
  about: 'provenance',
  check,
});

/** Why nobody trusted stands behind the artifact. "Nobody looked" is not the same as "there is none". */
const REASONS: Readonly<Record<Exclude<Provenance['status'], 'trusted'>, string>> = {
  unknown: 'No trusted signature is established: nothing has looked for one',
  absent: 'No signature exists',
  untrusted: 'The signature is by nobody whom the policy trusts',
  invalid: 'The signature does not fit the artifact',
  unsupported: 'The signature has a form that cannot be verified',
  error: 'No trusted signature is established: verification failed before it had an answer',
};

function* check(facts: Facts): Generator<RuleFinding> {
  if (nativeBesideWasm(facts)) return;
  const { status, authorities } = facts.provenance;
  if (status === 'trusted') return;
  const message = authorities.length > 0 ? `Signed for ${listing(authorities)}, which is not all that the policy asks for` : `${REASONS[status]}${detail(facts.provenance)}`;
  yield { message, subject: 'signature', location: wholeFile(facts) };
}

/** What the evidence behind the status says; attestations are no signatures. */
function detail({ status, signatures }: Provenance): string {
  const behind = signatures.find((one) => one.status === status && (one.predicateType === null || status === 'error'));
  return behind === undefined ? '' : ` (${behind.message})`;
}
