import { describe, expect, it } from 'vitest';
import { verifySigstoreBundle } from '../../scanner/signature/sigstore/verify.ts';
import { PUBLIC_GOOD_ROOT } from '../../scanner/signature/public-good-root.generated.ts';
import { artifactOf, authorityOf, CONFORMANCE_FILE, conformanceCases, type ConformanceCase } from '../support/conformance.ts';
import { haveSuite } from '../support/suites.ts';

const available = haveSuite(CONFORMANCE_FILE);
const { publicGood, cases } = available ? conformanceCases() : { publicGood: {}, cases: [] };
const NOW = new Date('2026-11-22T00:00:00Z');

/** Why each case is refused, by code: a case that is refused for a side reason proves nothing. */
const REFUSED: Record<string, readonly string[]> = {
  'certificate-expected': ['managed-key-no-key'],
  'certificate-invalid': ['integrated-time-in-future', 'intoto-expired-certificate', 'intoto-set-outside-signing-cert-validity', 'intoto-tsa-timestamp-outside-cert-validity'],
  'digest-mismatch': ['message-digest-mismatch', 'wrong-material'],
  'log-body-mismatch': ['dsse-invalid-sig', 'dsse-mismatch-envelope', 'dsse-mismatch-sig', 'incorrect-public-key', 'intoto-log-entry-mismatch', 'rekor2-dsse-invalid-sig', 'rekor2-dsse-mismatch-envelope', 'rekor2-dsse-mismatch-sig', 'signature-mismatch', 'wrong-hashedrekord-artifact', 'wrong-hashedrekord-cert-and-sig', 'wrong-hashedrekord-entry'],
  'log-entry-invalid': ['checkpoint-bad-keyhint', 'checkpoint-wrong-roothash', 'inclusion-proof-corrupted-hash', 'invalid-checkpoint-signature', 'rekor2-checkpoint-missing-log-signature', 'rekor2-checkpoint-missing-origin', 'rekor2-checkpoint-missing-root-hash', 'rekor2-checkpoint-missing-size', 'rekor2-checkpoint-no-matching-signature', 'set-invalid-signature'],
  'log-unknown': ['bundle-from-wrong-instance'],
  'malformed-bundle': ['bundle-empty-certificate-chain', 'bundle-invalid-base64-signature', 'bundle-malformed-json', 'bundle-negative-log-index', 'bundle-with-root-cert', 'intoto-missing-inclusion-proof', 'invalid-inclusion-proof', 'rekor2-no-inclusion-proof', 'rekor2-timestamp-with-incorrect-time'],
  'malformed-key': ['managed-key-wrong-key'],
  'media-type-unknown': ['bundle-unknown-version'],
  'sct-invalid': ['invalid-ct-key'],
  'timestamp-invalid': ['rekor2-timestamp-outside-trust-root-tsa-validity', 'rekor2-timestamp-outside-tsa-cert-validity', 'rekor2-timestamp-payload-mismatch'],
  'timestamp-missing': ['rekor2-no-timestamp'],
  'timestamp-untrusted': ['rekor2-timestamp-untrusted-tsa-with-embedded-cert', 'rekor2-timestamp-untrusted-tsa-without-embedded-cert'],
  'validity-missing': ['trust-root-tlog-missing-validity-start'],
};

describe.skipIf(!available)('official suite sigstore-conformance', () => {
  it('has 70 cases, 21 to accept', () => {
    expect(cases).toHaveLength(70);
    expect(cases.filter(({ expect: wanted }) => wanted === 'accept')).toHaveLength(21);
  });

  it('takes the public root to be the one that is built in', () => {
    expect(JSON.parse(PUBLIC_GOOD_ROOT)).toEqual(publicGood);
  });

  // Its timestamp is broken into lines, which is refused before anything is verified.
  it('refuses the incorrect time also in one line', () => {
    const item = cases.find(({ name }) => name === 'rekor2-timestamp-with-incorrect-time_fail')!;
    const bundle = JSON.parse(item.bundle) as { verificationMaterial: { timestampVerificationData: { rfc3161Timestamps: { signedTimestamp: string }[] } } };
    for (const stamp of bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps) stamp.signedTimestamp = stamp.signedTimestamp.replaceAll('\n', '');
    expect(outcome({ ...item, bundle: JSON.stringify(bundle) }, 'artifact')).toBe('refuse: certificate-invalid');
  });

  describe.each(['artifact', 'digest'] as const)('with the %s at hand', (mode) => {
    it.each(cases)('$expect: $name', (item) => {
      expect(outcome(item, mode)).toMatch(item.expect === 'accept' ? /^accept/ : /^refuse/);
    });

    it('refuses each case for what is wrong with it', () => {
      const refused = cases.filter(({ expect: wanted }) => wanted === 'refuse').map((item) => [item.name.replace(/_fail$/, ''), outcome(item, mode)]);
      expect(Object.fromEntries(refused)).toEqual(Object.fromEntries(Object.entries(REFUSED).flatMap(([code, names]) => names.map((name) => [name, `refuse: ${code}`]))));
    });
  });
});

/** What a policy that asks for exactly this signer says, whatever a statement states besides. */
function outcome(item: ConformanceCase, mode: 'artifact' | 'digest'): string {
  let authority;
  try {
    authority = authorityOf(item);
  } catch (error) {
    return `refuse: ${(error as { code?: string }).code}`;
  }
  const evidence = verifySigstoreBundle({ bundle: Buffer.from(item.bundle), about: artifactOf(item, mode), where: item.name }, [authority], NOW);
  const [first] = evidence;
  return evidence.length === 1 && first!.status === 'trusted' ? 'accept' : `refuse: ${first!.code}`;
}
