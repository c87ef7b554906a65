import type { Facts } from '../../scanner/facts/facts.ts';
import type { Provenance } from '../../scanner/provenance.ts';
import type { RuleFinding } from '../../scanner/rule.ts';
import { defineRule } from '../../scanner/rule.ts';
import { wholeFile } from '../../scanner/rule-support.ts';

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
  // Native code in a package lies beside the Wasm that is asked for a signature; that it is there is said by rules of its own.
  if (facts.kind === 'native' && facts.packaging !== null) return;
  const { status } = facts.provenance;
  if (status !== 'trusted') yield { message: REASONS[status], subject: 'signature', location: wholeFile(facts) };
}
