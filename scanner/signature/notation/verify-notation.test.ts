import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ABOUT, authorityOf, candidateOf, type EnvelopeParts, makeCose, makeJws, MAKERS, makeSelfSigned, makeSigner, makeTimestamp, MANIFEST, type NotationForm, type Signer, type TimestampParts } from '../../../test/support/notation.ts';
import { basicConstraints, EKU, extendedKeyUsage, extension, keyUsage, NULL, type Name, octets, sequence, testKey } from '../../../test/support/x509-maker.ts';
import type { SignatureEvidence } from '../../provenance.ts';
import type { Authority } from '../authority.ts';
import type { SignedThing } from '../subject.ts';
import { verifyNotation } from './verify-notation.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const LATER = new Date('2028-01-01T00:00:00Z');
const FORMS: readonly NotationForm[] = ['notation-jws', 'notation-cose'];
const SCHEME = 'io.cncf.notary.signingScheme';
const EXPIRY = 'io.cncf.notary.expiry';
const TIME = 'io.cncf.notary.signingTime';
const AUTHENTIC = 'io.cncf.notary.authenticSigningTime';

interface Trial extends EnvelopeParts {
  readonly form?: NotationForm;
  readonly now?: Date;
  readonly about?: SignedThing;
  readonly authority?: Parameters<typeof authorityOf>[1];
  readonly trusts?: readonly Signer[];
}

function verify(trial: Trial = {}): SignatureEvidence {
  const { form = 'notation-jws', now = NOW, about = ABOUT, authority, trusts = [trial.signer ?? makeSigner()], ...parts } = trial;
  const evidence = verifyNotation(candidateOf(form, MAKERS[form](parts), about), [authorityOf(trusts, authority)], now);
  expect(evidence).toHaveLength(1);
  return evidence[0]!;
}

/** Where a trial must be told apart in both envelopes. */
function bothRefuse(trial: Trial, expected: Partial<SignatureEvidence>): void {
  for (const form of FORMS) expect(verify({ ...trial, form }), form).toMatchObject(expected);
}

describe('good signatures', () => {
  const tsa = makeSigner({ purpose: 'timeStamping' });
  const kinds = ['rsa-2048', 'rsa-3072', 'rsa-4096', 'p256', 'p384', 'p521'] as const;
  test.each(FORMS.flatMap((form) => kinds.map((kind) => [form, kind] as const)))('%s by %s', (form, kind) => {
    const signer = makeSigner({ kind });
    expect(verify({ form, signer })).toEqual({
      form, status: 'trusted', code: 'ok', authority: 'notary', identity: 'C=DE, ST=Berlin, O=acme, CN=acme signer', issuer: 'C=DE, O=acme, CN=acme issuing', covers: 'whole', uncovered: [],
      signedAt: null, predicateType: null, where: 'sha256:referrer', message: 'Signed by C=DE, ST=Berlin, O=acme, CN=acme signer; revocation was not looked up',
    });
    const stamped: Trial = { form, signer, timestamp: (signature) => makeTimestamp(signature, { authority: tsa }), authority: { timestampAuthorities: [tsa.root] } };
    expect(verify(stamped)).toMatchObject({ status: 'trusted', signedAt: '2026-05-01T00:00:00.000Z' });
    expect(verify({ ...stamped, now: LATER })).toMatchObject({ status: 'trusted', signedAt: '2026-05-01T00:00:00.000Z' });
  });

  test('give one evidence for each authority they satisfy', () => {
    const candidate = candidateOf('notation-jws', makeJws());
    const [one, other] = [authorityOf([makeSigner()], { name: 'one' }), authorityOf([makeSigner()], { name: 'other', identities: ['O=other'] })];
    const third = authorityOf([makeSigner()], { name: 'third', identities: ['*'] });
    expect(verifyNotation(candidate, [one, other, third], NOW).map(({ authority, status }) => [authority, status])).toEqual([['one', 'trusted'], ['third', 'trusted']]);
  });

  test('of nobody whom the policy could name are sound and not trusted', () => {
    const key: Authority = { name: 'k', kind: 'key', keys: [], transparencyLog: 'ignore', root: null };
    expect(verifyNotation(candidateOf('notation-jws', makeJws()), [key], NOW)).toMatchObject([{ status: 'untrusted', code: 'unverifiable', authority: null }]);
    expect(verifyNotation(candidateOf('notation-jws', makeJws({ target: { size: 1 } })), [], NOW)).toMatchObject([{ status: 'invalid', code: 'size-mismatch' }]);
  });

  test('of another form are not answered', () => {
    expect(verifyNotation({ where: 'x', about: ABOUT, form: 'sigstore-bundle', bundle: MANIFEST }, [authorityOf([makeSigner()])], NOW)).toEqual([]);
  });

  test('may have an expiry, further attributes and annotations', () => {
    for (const form of FORMS) {
      const header = { crit: [SCHEME, EXPIRY], [EXPIRY]: new Date('2026-07-01T00:00:00Z'), 'example.com/build': 'seven' };
      expect(verify({ form, header, target: { annotations: { a: 'b' } } })).toMatchObject({ status: 'trusted' });
    }
  });

  test('over a file name any media type and a digest of the length of the key', () => {
    const digests = { sha256: ABOUT.digests.sha256, sha384: createHash('sha384').update(MANIFEST).digest('hex') };
    const about: SignedThing = { kind: 'bytes', digests, bytes: MANIFEST, mediaType: null, size: null };
    expect(verify({ about, signer: makeSigner({ kind: 'p384' }), target: { mediaType: 'application/wasm', digest: `sha384:${digests.sha384}` } })).toMatchObject({ status: 'trusted' });
  });
});

describe('what is signed', () => {
  test.each([
    ['size-mismatch', { size: MANIFEST.length + 1 }],
    ['size-mismatch', { size: 0 }],
    ['media-type-mismatch', { mediaType: 'application/vnd.oci.image.index.v1+json' }],
    ['digest-mismatch', { digest: `sha256:${'0'.repeat(64)}` }],
    ['digest-mismatch', { digest: `sha512:${ABOUT.digests.sha256}` }],
    ['digest-mismatch', { digest: `sha256:${ABOUT.digests.sha256.toUpperCase()}` }],
    ['digest-mismatch', { digest: 'sha256:' }],
    ['malformed', { size: String(MANIFEST.length) }],
    ['malformed', { urls: ['https://other.test/'] }],
    ['malformed', { digest: undefined }],
  ] as const)('%s: %j', (code, target) => bothRefuse({ target }, { status: 'invalid', code, authority: null }));

  test.each(['{"targetArtifact":{},"x":1}', '{}', '[]', '{"targetArtifact":1}', '{"targetArtifact":{},"targetartifact":{}}', '\ufeff{}', '{'])('payload %j', (text) =>
    bothRefuse({ payload: new TextEncoder().encode(text) }, { status: 'invalid', code: 'malformed' }));

  test('is a payload of Notary Project', () => bothRefuse({ header: { cty: 'application/json' } }, { code: 'payload-type' }));

  test('cannot be held against a manifest of which size or type is not known', () => {
    bothRefuse({ about: { ...ABOUT, size: null, bytes: null } }, { status: 'error', code: 'subject-unknown' });
    bothRefuse({ about: { ...ABOUT, mediaType: null } }, { status: 'error', code: 'subject-unknown' });
  });
});

describe('algorithms', () => {
  test.each(['none', 'HS256', 'EdDSA', 'RS256', 'ES256K', ''])('%j is refused', (alg) => bothRefuse({ header: { alg } }, { status: 'invalid', authority: null }));
  test.each(['none', 'HS256', 'EdDSA', 'RS256'])('%j has its own code in JWS', (alg) => expect(verify({ header: { alg } })).toMatchObject({ code: 'algorithm-refused' }));
  test('the certificate as the secret of an HMAC is refused', () => {
    const signer = makeSigner();
    expect(verify({ signer, header: { alg: 'HS256' }, sign: (message) => createHmac('sha256', signer.chain[0]!).update(message).digest() })).toMatchObject({ code: 'algorithm-refused' });
  });
  test.each([['p256', 'ES384'], ['p384', 'ES256'], ['rsa-2048', 'PS384'], ['rsa-3072', 'PS256'], ['p256', 'PS256'], ['rsa-2048', 'ES256']] as const)('a key %s does not sign %s', (kind, alg) =>
    bothRefuse({ signer: makeSigner({ kind }), header: { alg } }, { code: 'algorithm-mismatch' }));
  test('a key of Ed25519 is refused', () => bothRefuse({ signer: makeSigner({ kind: 'ed25519' }) }, { code: 'algorithm-refused' }));
  test('a key of another curve is refused', () => bothRefuse({ signer: makeSigner({ kind: 'secp256k1' }), header: { alg: 'ES256' } }, { code: 'algorithm-refused' }));
  test('a signature by another key does not hold', () => bothRefuse({ signer: { ...makeSigner(), key: testKey('p256', 'other') } }, { status: 'invalid', code: 'signature-mismatch' }));
  test('PKCS#1 v1.5 and ECDSA in DER do not hold', async () => {
    const { sign } = await import('node:crypto');
    for (const kind of ['rsa-2048', 'p256'] as const) {
      const signer = makeSigner({ kind });
      bothRefuse({ signer, sign: (message) => sign('sha256', message, signer.key) }, { code: 'signature-mismatch' });
    }
  });
  test('PSS with a salt of another length does not hold', async () => {
    const { constants, sign } = await import('node:crypto');
    const signer = makeSigner({ kind: 'rsa-2048' });
    bothRefuse({ signer, sign: (message) => sign('sha256', message, { key: signer.key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 20 }) }, { code: 'signature-mismatch' });
  });
});

describe('protected headers', () => {
  test.each([
    ['critical-header-missing', 'invalid', { crit: undefined }],
    ['critical-header-missing', 'invalid', { crit: [] }],
    ['critical-header-missing', 'invalid', { crit: SCHEME }],
    ['critical-header-missing', 'invalid', { [EXPIRY]: new Date('2026-07-01T00:00:00Z') }],
    ['critical-header-missing', 'invalid', { crit: [EXPIRY], [EXPIRY]: new Date('2026-07-01T00:00:00Z') }],
    ['critical-header-missing', 'invalid', { [SCHEME]: 'notary.x509.signingAuthority', [TIME]: undefined, [AUTHENTIC]: new Date('2026-05-01T00:00:00Z') }],
    ['critical-header-unknown', 'unsupported', { crit: [SCHEME, 'example.com/new'], 'example.com/new': 'x' }],
    ['critical-header-unknown', 'unsupported', { crit: [SCHEME, 'b64'], b64: false }],
    ['critical-header-unknown', 'unsupported', { crit: [SCHEME, 7] }],
    ['critical-header-unknown', 'unsupported', { crit: [SCHEME, TIME] }],
    ['malformed', 'invalid', { crit: [SCHEME, SCHEME] }],
    ['malformed', 'invalid', { crit: [SCHEME, EXPIRY] }],
    ['plugin-required', 'unsupported', { crit: [SCHEME, 'io.cncf.notary.verificationPlugin'], 'io.cncf.notary.verificationPlugin': 'x' }],
    ['plugin-required', 'unsupported', { 'io.cncf.notary.verificationPlugin': 'x' }],
    ['signing-scheme', 'unsupported', { [SCHEME]: 'notary.x509.other' }],
    ['malformed', 'invalid', { crit: [SCHEME, AUTHENTIC], [AUTHENTIC]: new Date('2026-05-01T00:00:00Z') }],
    ['malformed', 'invalid', { [SCHEME]: 'notary.x509.signingAuthority' }],
    ['malformed', 'invalid', { [TIME]: 'yesterday' }],
    ['malformed', 'invalid', { [TIME]: '2026-02-31T00:00:00Z' }],
    ['malformed', 'invalid', { crit: [SCHEME, EXPIRY], [EXPIRY]: new Date('2026-05-01T00:00:00Z') }],
  ] as const)('%s (%s): %j', (code, status, header) => bothRefuse({ header }, { status, code, authority: null }));

  test('a signature that expired is invalid at level strict and told at level permissive', () => {
    const header = { crit: [SCHEME, EXPIRY], [EXPIRY]: new Date('2026-05-02T00:00:00Z') };
    bothRefuse({ header }, { status: 'invalid', code: 'signature-expired', authority: 'notary' });
    bothRefuse({ header, authority: { level: 'permissive' } }, { status: 'trusted', message: expect.stringContaining('passed over at level permissive: The signature was to be used until 2026-05-02') as string });
    bothRefuse({ header, now: new Date('2026-05-01T23:59:59Z') }, { status: 'trusted' });
    bothRefuse({ header, now: new Date('2026-05-02T00:00:00Z') }, { code: 'signature-expired' });
  });

  test('the time that a signing authority states makes no expired certificate good', () => {
    const header = { [SCHEME]: 'notary.x509.signingAuthority', crit: [SCHEME, AUTHENTIC], [TIME]: undefined, [AUTHENTIC]: new Date('2026-05-01T00:00:00Z') };
    bothRefuse({ header }, { status: 'trusted', signedAt: null });
    bothRefuse({ header, now: LATER }, { status: 'invalid', code: 'certificate-expired' });
    bothRefuse({ header: { ...header, [AUTHENTIC]: new Date('2025-05-01T00:00:00Z') } }, { code: 'certificate-not-yet-valid' });
    bothRefuse({ header: { ...header, [AUTHENTIC]: new Date('2026-06-02T00:00:00Z') } }, { code: 'timestamp-invalid' });
  });
});

describe('certificates', () => {
  const good = makeSigner();
  const [leaf, intermediate, root] = good.chain as [Uint8Array, Uint8Array, Uint8Array];
  const reordered = (...chain: Uint8Array[]): Signer => ({ ...good, chain });
  const codeSigning = [keyUsage(['digitalSignature']), extendedKeyUsage(['codeSigning'])];

  test.each([
    ['without root', reordered(leaf, intermediate)],
    ['alone', reordered(leaf)],
    ['without intermediate', reordered(leaf, root)],
    ['with authorities swapped', reordered(leaf, root, intermediate)],
    ['with a second root behind', reordered(leaf, intermediate, root, root)],
    ['with an intermediate twice', reordered(leaf, intermediate, intermediate, root)],
    ['with a stranger behind', reordered(leaf, intermediate, root, makeSelfSigned().chain[0]!)],
  ])('%s', (_what, signer) => bothRefuse({ signer }, { status: 'invalid', code: 'chain-invalid', authority: null }));

  test('from root to leaf are refused, because the key of the first signs', () => bothRefuse({ signer: reordered(root, intermediate, leaf) }, { status: 'invalid' }));

  test('that signed themselves are trusted only when they are the anchor', () => {
    const self = makeSelfSigned();
    bothRefuse({ signer: self, trusts: [good] }, { status: 'untrusted', code: 'chain-untrusted', authority: null });
    bothRefuse({ signer: self }, { status: 'trusted' });
    // The same name and another key is another certificate.
    bothRefuse({ signer: makeSelfSigned('p384'), trusts: [self] }, { status: 'untrusted', code: 'chain-untrusted' });
  });

  test('of a leaf are no anchor while they are part of a chain', () => {
    const pinned = { ...good, root: new (good.root.constructor as new (der: Uint8Array) => typeof good.root)(leaf) };
    bothRefuse({ trusts: [pinned] }, { status: 'untrusted', code: 'chain-untrusted' });
  });

  test('of a root with the trusted name and another key are not trusted', () => {
    const forged = makeSigner({ root: { key: testKey('p256', 'forged root') }, intermediate: { issuer: { subject: [['C', 'DE'], ['O', 'acme'], ['CN', 'acme root']], key: testKey('p256', 'forged root') } } });
    bothRefuse({ signer: forged, trusts: [good] }, { status: 'untrusted', code: 'chain-untrusted' });
    bothRefuse({ signer: { ...forged, chain: [...forged.chain.slice(0, 2), root] }, trusts: [good] }, { status: 'invalid', code: 'chain-invalid' });
  });

  test.each([
    ['of an authority', [basicConstraints('ca'), ...codeSigning]],
    ['without key usage', [extendedKeyUsage(['codeSigning'])]],
    ['with a key usage that is not critical', [keyUsage(['digitalSignature'], ''), extendedKeyUsage(['codeSigning'])]],
    ['with keyEncipherment too', [keyUsage(['digitalSignature', 'keyEncipherment']), extendedKeyUsage(['codeSigning'])]],
    ['with keyCertSign too', [keyUsage(['digitalSignature', 'keyCertSign']), extendedKeyUsage(['codeSigning'])]],
    ['with contentCommitment only', [keyUsage(['contentCommitment']), extendedKeyUsage(['codeSigning'])]],
    ['without extended key usage', [keyUsage(['digitalSignature'])]],
    ...(Object.keys(EKU) as (keyof typeof EKU)[]).filter((use) => use !== 'codeSigning').flatMap((use) => [
      [`for ${use}`, [keyUsage(['digitalSignature']), extendedKeyUsage([use])]] as const,
      [`for codeSigning and ${use}`, [keyUsage(['digitalSignature']), extendedKeyUsage(['codeSigning', use])]] as const,
    ]),
  ] as const)('leaf %s', (_what, extensions) => bothRefuse({ signer: makeSigner({ leaf: { extensions } }) }, { status: 'invalid', code: 'leaf-profile' }));

  test.each([
    ['unknown and critical', [...codeSigning, extension('1.2.3', NULL, 'critical')]],
    ['twice', [...codeSigning, keyUsage(['digitalSignature'])]],
  ] as const)('leaf with an extension %s', (_what, extensions) => bothRefuse({ signer: makeSigner({ leaf: { extensions } }) }, { status: 'invalid', code: 'chain-invalid' }));

  test.each([
    ['no authority', [basicConstraints('leaf'), keyUsage(['keyCertSign'])]],
    ['without basicConstraints', [keyUsage(['keyCertSign'])]],
    ['with basicConstraints that are not critical', [extension('2.5.29.19', sequence(Uint8Array.of(1, 1, 0xff))), keyUsage(['keyCertSign'])]],
    ['without keyCertSign', [basicConstraints('ca'), keyUsage(['cRLSign'])]],
    ['without key usage', [basicConstraints('ca')]],
    ['with a key usage that is not critical', [basicConstraints('ca'), keyUsage(['keyCertSign'], '')]],
    ['for servers only', [basicConstraints('ca'), keyUsage(['keyCertSign']), extendedKeyUsage(['serverAuth'])]],
    ['with constraints of names', [basicConstraints('ca'), keyUsage(['keyCertSign']), extension('2.5.29.30', sequence())]],
    ['with a truth value of BER', [extension('2.5.29.19', sequence(Uint8Array.of(1, 1, 1)), 'critical'), keyUsage(['keyCertSign'])]],
  ] as const)('intermediate %s', (_what, extensions) => bothRefuse({ signer: makeSigner({ intermediate: { extensions } }) }, { status: 'invalid' }));

  test('intermediates may be for code signing', () =>
    bothRefuse({ signer: makeSigner({ intermediate: { extensions: [basicConstraints('ca'), keyUsage(['keyCertSign']), extendedKeyUsage(['codeSigning'])] } }) }, { status: 'trusted' }));

  test.each(['rsa-1024', 'secp256k1'] as const)('of an authority with a key %s are refused', (kind) => {
    const key = testKey(kind, 'weak root');
    const signer = makeSigner({ root: { key }, intermediate: { issuer: { subject: [['C', 'DE'], ['O', 'acme'], ['CN', 'acme root']], key } } });
    bothRefuse({ signer }, { status: 'invalid', code: 'chain-invalid' });
  });

  test('are issued by whom they name', () => {
    const key = testKey('p256', 'intermediate codeSigning');
    bothRefuse({ signer: makeSigner({ leaf: { issuer: { subject: [['CN', 'another name']], key }, extensions: codeSigning } }) }, { status: 'invalid', code: 'chain-invalid' });
  });

  test('path lengths hold', () => {
    const extensions = (length: number): readonly Uint8Array[] => [basicConstraints('ca', length), keyUsage(['keyCertSign'])];
    bothRefuse({ signer: makeSigner({ root: { extensions: extensions(1) } }) }, { status: 'trusted' });
    bothRefuse({ signer: makeSigner({ root: { extensions: extensions(0) } }) }, { status: 'invalid', code: 'chain-invalid' });
  });

  test('signed over SHA-1 are refused, and a root is not judged by that', () => {
    bothRefuse({ signer: makeSigner({ leaf: { hash: 'sha1' } }) }, { code: 'chain-invalid' });
    bothRefuse({ signer: makeSigner({ intermediate: { hash: 'sha1' } }) }, { code: 'chain-invalid' });
    bothRefuse({ signer: makeSigner({ root: { hash: 'sha1' } }) }, { status: 'trusted' });
  });

  test.each(['leaf', 'intermediate', 'root'] as const)('of the %s must be valid', (which) => {
    bothRefuse({ signer: makeSigner({ [which]: { notAfter: new Date('2026-05-31T00:00:00Z') } }) }, { status: 'invalid', code: 'certificate-expired', authority: 'notary' });
    const early = makeSigner({ [which]: { notBefore: new Date('2026-06-02T00:00:00Z') } });
    bothRefuse({ signer: early }, { status: 'invalid', code: 'certificate-not-yet-valid' });
    bothRefuse({ signer: early, authority: { level: 'permissive' } }, { status: 'trusted', message: expect.stringContaining('was not valid before 2026-06-02') as string });
  });

  test('too many are not looked at', () => bothRefuse({ signer: reordered(...Array.from({ length: 17 }, () => leaf)) }, { status: 'error', code: 'limit-exceeded' }));
  test('with bytes behind them are refused', () => bothRefuse({ signer: reordered(Buffer.concat([leaf, Uint8Array.of(0)]), intermediate, root) }, { status: 'invalid' }));
});

describe('identities', () => {
  const named = (subject: Name): Signer => makeSigner({ leaf: { subject } });
  test.each([
    ['x509.subject: C=DE, ST=Berlin, O=acme', 'trusted'],
    ['O=acme', 'trusted'],
    ['*', 'trusted'],
    ['O=acme,CN=acme signer', 'trusted'],
    ['o=acme', 'trusted'],
    ['O=Acme', 'untrusted'],
    ['O=acm', 'untrusted'],
    ['O=acme,OU=none', 'untrusted'],
    ['CN=acme root', 'untrusted'],
  ])('%s: %s', (identity, status) => bothRefuse({ authority: { identities: [identity] } }, { status: status as 'trusted', code: status === 'trusted' ? 'ok' : 'identity-mismatch', authority: 'notary' }));

  test('any of several is enough', () => bothRefuse({ authority: { identities: ['O=other', 'O=acme'] } }, { status: 'trusted' }));
  test('none is nobody', () => bothRefuse({ authority: { identities: [] } }, { status: 'untrusted', code: 'identity-mismatch' }));
  test('that cannot be read deny', () => bothRefuse({ authority: { identities: ['acme'] } }, { status: 'error', code: 'identity-unreadable' }));

  test.each<[string, Name]>([
    ['text that looks like two attributes', [['C', 'DE'], ['CN', 'x, ST=Berlin, O=acme']]],
    ['a line feed between', [['C', 'DE'], ['CN', 'x\nST=Berlin\nO=acme']]],
    ['the attribute twice', [['C', 'DE'], ['ST', 'Berlin'], ['O', 'acme'], ['O', 'evil']]],
    ['a longer value', [['C', 'DE'], ['ST', 'Berlin'], ['O', 'acme\u0000.evil']]],
    ['a letter that looks alike', [['C', 'DE'], ['ST', 'Berlin'], ['O', '\u0430cme']]],
    ['a blank behind', [['C', 'DE'], ['ST', 'Berlin'], ['O', 'acme ']]],
  ])('are not matched by %s', (_what, subject) => bothRefuse({ signer: named(subject) }, { status: 'untrusted', code: 'identity-mismatch' }));

  test('of signers are told with their control characters escaped', () => {
    expect(verify({ signer: named([['CN', 'a\nb, O=acme\u202e']]) })).toMatchObject({ identity: 'CN=a\\u{a}b\\, O\\=acme\\u{202e}' });
  });
});

describe('timestamps', () => {
  const tsa = makeSigner({ purpose: 'timeStamping' });
  const stamped = (parts: TimestampParts = {}): Trial => ({ timestamp: (signature) => makeTimestamp(signature, { authority: tsa, ...parts }), authority: { timestampAuthorities: [tsa.root] } });

  test('are what makes an expired certificate good', () => {
    bothRefuse({ now: LATER }, { status: 'invalid', code: 'certificate-expired' });
    bothRefuse({ now: LATER, authority: { level: 'permissive' } }, { status: 'trusted', message: expect.stringContaining('expired at 2027-01-01') as string });
    bothRefuse({ ...stamped(), now: LATER }, { status: 'trusted' });
    bothRefuse({ ...stamped(), now: LATER, authority: {} }, { status: 'invalid', code: 'certificate-expired' });
    bothRefuse({ ...stamped({ at: new Date('2027-01-01T00:00:01Z') }), now: LATER }, { status: 'invalid' });
  });

  test('lie within the lifetime with all of their accuracy', () => {
    const signer = makeSigner({ leaf: { notAfter: new Date('2026-05-01T00:00:01Z') } });
    bothRefuse({ ...stamped({ accuracy: 1 }), signer, now: LATER }, { status: 'trusted' });
    bothRefuse({ ...stamped({ accuracy: 2 }), signer, now: LATER }, { status: 'invalid', code: 'certificate-expired' });
  });

  test('over another signature do not count', () => {
    const other = { timestamp: () => makeTimestamp(MANIFEST, { authority: tsa }), authority: { timestampAuthorities: [tsa.root] } };
    bothRefuse(other, { status: 'invalid', code: 'timestamp-invalid', authority: 'notary' });
    bothRefuse({ ...other, now: LATER }, { status: 'invalid', code: 'timestamp-invalid' });
  });

  test('of the time to come do not count', () => bothRefuse(stamped({ at: new Date('2026-06-01T00:10:00Z') }), { status: 'invalid', code: 'timestamp-invalid' }));

  test('by nobody named do not count', () => {
    const stranger = makeSigner({ purpose: 'timeStamping', root: { key: testKey('p384', 'stranger') } });
    bothRefuse({ ...stamped(), authority: { timestampAuthorities: [stranger.root] } }, { status: 'untrusted', code: 'timestamp-untrusted', authority: 'notary' });
    bothRefuse({ ...stamped(), authority: { timestampAuthorities: [makeSigner().root] } }, { status: 'untrusted', code: 'timestamp-untrusted' });
  });

  test('by the signer of code do not count', () => {
    const signer = makeSigner();
    bothRefuse({ ...stamped({ authority: signer }), signer, authority: { timestampAuthorities: [signer.root] } }, { status: 'invalid', code: 'timestamp-invalid' });
  });

  test.each<[string, TimestampParts]>([
    ['over SHA-1', { hash: 'sha1' }],
    ['that do not name their certificate', { named: null }],
    ['that name another certificate', { named: tsa.chain[1]! }],
    ['that sign another kind of content', { contentType: '1.2.840.113549.1.7.1' }],
    ['that sign another content', { digest: new Uint8Array(32) }],
    ['without their certificate', { certificates: [] }],
    ['with a key that is not in their certificate', { authority: { ...tsa, key: testKey('p256', 'other') } }],
    ['by an authority that was not valid yet', { at: new Date('2025-12-31T00:00:00Z') }],
  ])('%s do not count', (_what, parts) => bothRefuse(stamped(parts), { status: 'invalid', code: 'timestamp-invalid' }));

  test.each([
    ['without their purpose', [keyUsage(['digitalSignature'])]],
    ['of which the purpose is not critical', [keyUsage(['digitalSignature']), extendedKeyUsage(['timeStamping'])]],
    ['with a second purpose', [keyUsage(['digitalSignature']), extendedKeyUsage(['timeStamping', 'codeSigning'], 'critical')]],
  ] as const)('by a certificate %s do not count', (_what, extensions) => {
    const authority = makeSigner({ purpose: 'timeStamping', leaf: { extensions } });
    bothRefuse({ ...stamped({ authority }), authority: { timestampAuthorities: [authority.root] } }, { status: 'invalid', code: 'timestamp-invalid' });
  });

  test.each(['rsa-2048', 'rsa-3072', 'p384', 'p521'] as const)('by %s count', (kind) => {
    const authority = makeSigner({ purpose: 'timeStamping', kind });
    bothRefuse({ ...stamped({ authority }), authority: { timestampAuthorities: [authority.root] }, now: LATER }, { status: 'trusted' });
    bothRefuse({ ...stamped({ authority, certificates: authority.chain }), authority: { timestampAuthorities: [authority.root] }, now: LATER }, { status: 'trusted' });
  });

  test('that are none are refused at level strict and told at level permissive', () => {
    for (const bytes of [octets(MANIFEST), Uint8Array.of(0x30), MANIFEST]) {
      const trial = { timestamp: () => bytes };
      bothRefuse({ ...trial, authority: { timestampAuthorities: [tsa.root] } }, { status: 'invalid', code: 'timestamp-invalid' });
      bothRefuse({ ...trial, authority: { timestampAuthorities: [tsa.root], level: 'permissive' } }, { status: 'trusted', message: expect.stringContaining('passed over at level permissive: The timestamp') as string });
    }
  });
});

describe('explanations', () => {
  test('are of the authority that came furthest', () => {
    const candidate = candidateOf('notation-jws', makeJws());
    const authorities = [authorityOf([makeSelfSigned()], { name: 'stranger' }), authorityOf([makeSigner()], { name: 'near', identities: ['O=other'] }), authorityOf([makeSigner()], { name: 'broken', identities: ['?'] })];
    for (const order of [authorities, authorities.toReversed()]) expect(verifyNotation(candidate, order, NOW)).toMatchObject([{ authority: 'near', code: 'identity-mismatch', identity: expect.stringContaining('acme signer') as string }]);
  });

  test('of huge envelopes are limits', () => {
    for (const form of FORMS) expect(verifyNotation(candidateOf(form, new Uint8Array((1 << 20) + 1)), [authorityOf([makeSigner()])], NOW)).toMatchObject([{ status: 'error', code: 'limit-exceeded' }]);
  });

  test('of an envelope of the other form are malformed', () => {
    expect(verifyNotation(candidateOf('notation-jws', makeCose()), [], NOW)).toMatchObject([{ status: 'invalid', code: 'malformed' }]);
    expect(verifyNotation(candidateOf('notation-cose', makeJws()), [], NOW)).toMatchObject([{ status: 'invalid', code: 'malformed' }]);
  });
});

describe('flipped bytes', () => {
  // Short chains, because every byte costs a verification; nobody signs the name of the agent, so it is left out.
  const parts: EnvelopeParts = { signer: makeSelfSigned(), unprotected: { 'io.cncf.notary.signingAgent': undefined } };
  const tsa = makeSigner({ purpose: 'timeStamping' });
  const authorities = [authorityOf([makeSelfSigned()], { timestampAuthorities: [tsa.root] })];

  function stillTrusted(form: NotationForm, good: Uint8Array, now: Date, places: Iterable<number>): number[] {
    expect(verifyNotation(candidateOf(form, good), authorities, now)).toMatchObject([{ status: 'trusted' }]);
    return [...places].filter((at) => {
      const flipped = Uint8Array.from(good);
      flipped[at]! ^= 1 << (at % 8);
      return verifyNotation(candidateOf(form, flipped), authorities, now).some(({ status }) => status === 'trusted');
    });
  }

  test.each(FORMS)('of %s are never trusted', (form) => {
    const good = MAKERS[form](parts);
    expect(stillTrusted(form, good, NOW, good.keys())).toEqual([]);
  });

  test.each(FORMS)('of %s with a timestamp that is needed are never trusted', (form) => {
    const timestamp = (signature: Uint8Array): Uint8Array => makeTimestamp(signature, { authority: tsa });
    const [bare, good] = [MAKERS[form](parts).length, MAKERS[form]({ ...parts, timestamp })];
    // The certificates in front have been flipped above; what stands elsewhere is the token.
    expect(stillTrusted(form, good, LATER, [...good.keys()].filter((at) => at % 2 === 0 && at > bare / 4))).toEqual([]);
  }, 60_000);
});
