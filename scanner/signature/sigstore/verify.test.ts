import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ABOUT, aboutBytes, aboutDigest, ARTIFACT, authorityDer, bundleJson, type BundleJson, type BundleParts, certified, identity, ISSUER, keyed, keyless, LEAF, type LeafParts, makeBundle, makeLeaf, NOW, OTHER_AUTHORITY,
  SIGNED_AT, statement, SUBJECT, trustRoot, utf8,
} from '../../../test/support/private-sigstore.ts';
import { basicConstraints, extendedKeyUsage, extension, keyUsage, oid, sequence, subjectAltName, tagged, testKey } from '../../../test/support/x509-maker.ts';
import type { Authority } from '../authority.ts';
import type { EvidenceWithStatement } from '../statement-evidence.ts';
import type { SignedThing } from '../subject.ts';
import { verifyConvertedBundle, verifySigstoreBundle } from './verify.ts';

const STAMPED: BundleParts = { logs: ['v2'], stamps: [SIGNED_AT] };
const NO_ARTIFACT = aboutBytes(new TextEncoder().encode('another artifact'));

describe('a bundle with a certificate', () => {
  it.each<[string, BundleParts, Partial<ReturnType<typeof keyless>>]>([
    ['logged in the first generation', {}, {}],
    ['logged in the second generation, with a timestamp', STAMPED, {}],
    ['in both logs', { logs: ['v1', 'v2'], stamps: [SIGNED_AT] }, { timestamps: { atLeast: 2, accept: ['log', 'tsa'] } }],
    ['with a timestamp and no log', { logs: [], stamps: [SIGNED_AT] }, { transparencyLog: 'ifPresent' }],
    ['without certificate timestamps, where they are not asked for', { leaf: { sct: 'none' } }, { sct: 'ifPresent' }],
    ['with bad certificate timestamps, where they are ignored', { leaf: { sct: 'bad' } }, { sct: 'ignore' }],
    ['with a broken log entry, where logs are ignored', { ...STAMPED, change: brokenProof }, { transparencyLog: 'ignore' }],
    ['with a key on P-384', { key: testKey('p384', 'signer'), hash: 'sha384' }, {}],
    ['with a key on P-521', { key: testKey('p521', 'signer'), hash: 'sha512' }, {}],
    ['with an RSA key', { key: testKey('rsa-2048', 'signer') }, {}],
    ['with an Ed25519 key', { key: testKey('ed25519', 'signer') }, {}],
    ['about a statement, by a key on P-384', { key: testKey('p384', 'signer'), hash: 'sha384', statement: statement() }, {}],
    ['about a statement, by a key on P-521', { key: testKey('p521', 'signer'), hash: 'sha512', statement: statement() }, {}],
    ['about a statement, by an RSA key with SHA-512', { key: testKey('rsa-2048', 'signer'), hash: 'sha512', statement: statement() }, {}],
    ['about a statement, in the log of the second generation', { ...STAMPED, statement: statement() }, {}],
    ['with a chain beside it', { chain: [authorityDer] }, {}],
    ['of an e-mail address', leaf({ name: subjectAltName([['email', 'a@acme.test']]) }), { identities: [identity({ subject: (text) => text === 'a@acme.test' })] }],
    ['of another name of Fulcio', leaf({ name: extension('2.5.29.17', sequence(tagged(0xa0, oid('1.3.6.1.4.1.57264.1.7'), tagged(0xa0, utf8('alice'))))) }), { identities: [identity({ subject: (text) => text === 'alice' })] }],
    ['with the issuer in its old form', leaf({ issuer: extension('1.3.6.1.4.1.57264.1.1', new TextEncoder().encode(ISSUER)) }), {}],
    ['with an extension that is asked for', {}, { identities: [identity({ extensions: { sourceRepositoryURI: 'https://acme.test/modules' } })] }],
  ])('%s is trusted', (_, parts, authority) => {
    expect(verify(makeBundle(parts), [keyless(authority)])).toMatchObject([{ status: 'trusted', code: 'ok', authority: 'people', covers: 'whole', uncovered: [], signedAt: '2026-05-01T12:00:00.000Z' }]);
  });

  it('tells who signed, and keeps signature and attestation apart', () => {
    expect(verify(makeBundle(), [keyless()])).toMatchObject([{ identity: SUBJECT, issuer: ISSUER, predicateType: null }]);
    expect(verify(makeBundle({ statement: statement('https://sigstore.dev/cosign/sign/v1') }), [keyless()])[0]).toMatchObject({ status: 'trusted', predicateType: null });
    expect(verify(makeBundle({ statement: statement('https://sigstore.dev/cosign/sign/v1') }), [keyless()])[0]).not.toHaveProperty('statement');
    const said = statement();
    expect(verify(makeBundle({ statement: said }), [keyless()])).toMatchObject([{ status: 'trusted', predicateType: said['predicateType'], statement: { predicateType: said['predicateType'], predicate: { a: 1 }, statement: said } }]);
  });

  it.each<[string, string, BundleParts, Partial<ReturnType<typeof keyless>>]>([
    // 2.4 #1, #2: the library's own identity policy is a pattern without anchors, and an empty one asks for nothing.
    ['of somebody else', 'identity-mismatch', {}, { identities: [identity({ subject: (text) => text === 'https://acme.test/modules' })] }],
    ['of an issuer that is not asked for', 'identity-mismatch', {}, { identities: [identity({ issuer: (text) => text === 'https://evil.test' })] }],
    ['where no identity is asked for', 'identity-mismatch', {}, { identities: [] }],
    ['with another value of an extension', 'identity-mismatch', {}, { identities: [identity({ extensions: { sourceRepositoryURI: 'https://acme.test/modules-evil' } })] }],
    ['without an extension that is asked for', 'identity-mismatch', {}, { identities: [identity({ extensions: { runnerEnvironment: 'github-hosted' } })] }],
    ['for an extension that nobody knows', 'identity-mismatch', {}, { identities: [identity({ extensions: { constructor: 'x' } })] }],
    // 2.4 #3
    ['with two issuers', 'issuer-missing', leaf({ more: extension('1.3.6.1.4.1.57264.1.1', new TextEncoder().encode('https://evil.test')) }), {}],
    ['without an issuer', 'issuer-missing', leaf({ issuer: null }), {}],
    ['with an issuer that is no text', 'certificate-malformed', leaf({ issuer: extension('1.3.6.1.4.1.57264.1.8', new TextEncoder().encode(ISSUER)) }), {}],
    // 2.4 #4
    ['of a plain key', 'certificate-expected', { signer: 'key' }, {}],
    // 2.4 #7
    ['for clients only', 'certificate-profile', leaf({ purpose: extendedKeyUsage(['clientAuth']) }), {}],
    ['for anything', 'certificate-profile', leaf({ purpose: extendedKeyUsage(['any']) }), {}],
    ['without a purpose', 'certificate-profile', leaf({ purpose: null }), {}],
    ['for key encipherment', 'certificate-profile', leaf({ usage: keyUsage(['keyEncipherment']) }), {}],
    ['without key usage', 'certificate-profile', leaf({ usage: null }), {}],
    ['that may sign certificates', 'certificate-profile', leaf({ usage: keyUsage(['digitalSignature', 'keyCertSign']) }), {}],
    ['of an authority', 'certificate-profile', leaf({ constraints: basicConstraints('ca') }), {}],
    ['with an unknown critical extension', 'certificate-profile', leaf({ more: extension('1.2.3.4.5', utf8('x'), 'critical') }), {}],
    ['with an extension twice', 'certificate-malformed', leaf({ more: LEAF.issuer }), {}],
    // 2.4 #7, #8
    ['of a host', 'certificate-profile', leaf({ name: subjectAltName([['dns', 'acme.test']]) }), {}],
    ['of nobody', 'certificate-profile', leaf({ name: null }), {}],
    ['of two names', 'certificate-profile', leaf({ name: subjectAltName([['uri', SUBJECT], ['email', 'a@acme.test']]) }), {}],
    ['of a name with a line end', 'certificate-profile', leaf({ name: subjectAltName([['uri', `${SUBJECT}\n`]]) }), {}],
    ['of a name with a NUL', 'certificate-profile', leaf({ name: subjectAltName([['uri', `${SUBJECT}\0.evil.test`]]) }), {}],
    ['of another name that nobody knows', 'certificate-profile', leaf({ name: extension('2.5.29.17', sequence(tagged(0xa0, oid('1.2.3'), tagged(0xa0, utf8('alice'))))) }), {}],
    // chains and times
    ['of another authority', 'certificate-untrusted', { leaf: { issuer: OTHER_AUTHORITY } }, {}],
    ['of another authority under the same name', 'certificate-invalid', { leaf: { issuer: { subject: [['O', 'acme'], ['CN', 'authority']], key: OTHER_AUTHORITY.key } } }, {}],
    ['signed after the certificate ended', 'certificate-invalid', { at: new Date(SIGNED_AT.getTime() + 600_000) }, {}],
    ['of which one of two times is after the certificate ended', 'certificate-invalid', { stamps: [new Date(SIGNED_AT.getTime() + 600_000)] }, {}],
    ['signed by itself', 'certificate-untrusted', { leaf: { issuer: { subject: [], key: testKey('p256', 'signer') } } }, {}],
    ['without certificate timestamps', 'sct-missing', { leaf: { sct: 'none' } }, {}],
    ['with bad certificate timestamps', 'sct-invalid', { leaf: { sct: 'bad' } }, {}],
    ['with certificate timestamps of an unknown log', 'sct-invalid', {}, { sct: 'ifPresent', root: trustRoot((root) => { root.ctlogs = []; }) }],
    ['with a certificate that is no DER', 'certificate-malformed', { change: (bundle) => { bundle.verificationMaterial.certificate.rawBytes = 'AAAA'; } }, {}],
    ['with bytes after its certificate', 'certificate-malformed', { change: (bundle) => { bundle.verificationMaterial.certificate.rawBytes = Buffer.concat([Buffer.from(bundle.verificationMaterial.certificate.rawBytes, 'base64'), Buffer.of(0)]).toString('base64'); } }, {}],
    ['with a short RSA key', 'algorithm-unsupported', { key: weakKey() }, {}],
    ['with a key on another curve', 'algorithm-unsupported', { key: testKey('secp256k1', 'signer') }, {}],
    // logs
    ['that is not logged', 'log-entry-missing', { logs: [], stamps: [SIGNED_AT] }, {}],
    ['in an unknown log', 'log-unknown', {}, { root: trustRoot((root) => { root.tlogs.shift(); }) }],
    ['in an unknown log, where none is asked for', 'log-unknown', { stamps: [SIGNED_AT] }, { transparencyLog: 'ifPresent', root: trustRoot((root) => { root.tlogs.shift(); }) }],
    ['twice in a log', 'log-entry-invalid', { logs: ['v1', 'v1'] }, {}],
    ['with a broken proof', 'log-entry-invalid', { change: brokenProof }, {}],
    ['with a proof of another size', 'log-entry-invalid', { change: (bundle) => { proofOf(bundle).treeSize = '2'; } }, {}],
    ['with a proof of another root', 'log-entry-invalid', { change: (bundle) => { proofOf(bundle).rootHash = Buffer.alloc(32).toString('base64'); } }, {}],
    ['with a broken promise', 'log-entry-invalid', { change: (bundle) => { bundle.verificationMaterial.tlogEntries[0].integratedTime = String(SIGNED_AT.getTime() / 1000 + 1); } }, {}],
    ['with another number in the log of the second generation', 'log-entry-invalid', { ...STAMPED, change: (bundle) => { bundle.verificationMaterial.tlogEntries[0].logIndex = '1'; } }, {}],
    // 2.4 #9
    ['in a log of the second generation that had ended', 'log-key-expired', STAMPED, { root: trustRoot((root) => { root.tlogs[1]!.publicKey.validFor = { start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' }; }) }],
    ['in a log of the first generation that had ended', 'log-entry-invalid', {}, { root: trustRoot((root) => { root.tlogs[0]!.publicKey.validFor = { start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' }; }) }],
    // 2.4 #10: somebody logs the signature of somebody else.
    ['logged with the certificate of another', 'log-body-mismatch', { body: (body) => { body.spec.signature.publicKey.content = Buffer.from(pem(makeLeaf(testKey('p256', 'stranger')))).toString('base64'); } }, {}],
    ['logged with another certificate of the same key', 'log-body-mismatch', { body: (body) => { body.spec.signature.publicKey.content = Buffer.from(pem(makeLeaf(testKey('p256', 'signer'), { serial: 9 }))).toString('base64'); } }, {}],
    ['logged in the second generation with the certificate of another', 'log-body-mismatch', { ...STAMPED, body: (body) => { body.spec.hashedRekordV002.signature.verifier.x509Certificate.rawBytes = makeLeaf(testKey('p256', 'stranger')).toString('base64'); } }, {}],
    ['logged without a signer', 'log-entry-invalid', { body: (body) => { body.spec.signature.publicKey.content = ''; } }, {}],
    ['logged with another signature', 'log-body-mismatch', { body: (body) => { body.spec.signature.content = Buffer.from('x').toString('base64'); } }, {}],
    ['logged with another digest', 'log-body-mismatch', { body: (body) => { body.spec.data.hash.value = NO_ARTIFACT.digests.sha256; } }, {}],
    ['logged with two readings', 'log-entry-invalid', { body: (body) => { body.Kind = 'dsse'; } }, {}],
    ['logged in a kind that is not known', 'log-entry-unsupported', { body: (body) => { body.kind = 'rekord'; } }, {}],
    ['logged in a kind of every object', 'log-entry-unsupported', { body: (body) => { body.kind = 'constructor'; } }, {}],
    // times
    ['without a trusted time', 'timestamp-missing', { logs: ['v2'] }, {}],
    ['with the log\'s time, which is not accepted', 'timestamp-missing', {}, { timestamps: { atLeast: 1, accept: ['tsa'] } }],
    ['with a timestamp, which is not accepted', 'timestamp-missing', STAMPED, { timestamps: { atLeast: 1, accept: ['log'] } }],
    ['with two times of one authority', 'timestamp-missing', { logs: ['v2'], stamps: [SIGNED_AT, new Date(SIGNED_AT.getTime() + 1_000)] }, { timestamps: { atLeast: 2, accept: ['log', 'tsa'] } }],
    ['without a time, where none is asked for', 'timestamp-missing', { logs: ['v2'] }, { timestamps: { atLeast: 0, accept: ['log', 'tsa'] } }],
    ['with a time of a log that is ignored', 'timestamp-missing', {}, { transparencyLog: 'ignore' }],
    ['with a timestamp of an unknown authority', 'timestamp-untrusted', { stamps: [SIGNED_AT] }, { root: trustRoot((root) => { root.timestampAuthorities = []; }) }],
    ['with a timestamp that is none', 'timestamp-invalid', { ...STAMPED, change: (bundle) => { bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps[0].signedTimestamp = 'MAAA'; } }, {}],
    ['with a timestamp of another signature', 'timestamp-invalid', { ...STAMPED, change: (bundle) => { bundle.verificationMaterial.timestampVerificationData = bundleJson({ ...STAMPED, key: testKey('p256', 'stranger') }).verificationMaterial.timestampVerificationData; } }, {}],
    ['with a timestamp before its authority began', 'timestamp-invalid', STAMPED, { root: trustRoot((root) => { root.timestampAuthorities[0]!.validFor.start = '2026-05-02T00:00:00Z'; }) }],
    // content
    ['with a signature by another key', 'signature-invalid', { logs: [], stamps: [SIGNED_AT], change: (bundle) => { bundle.verificationMaterial.certificate.rawBytes = makeLeaf(testKey('p256', 'stranger')).toString('base64'); } }, { transparencyLog: 'ifPresent' }],
    ['with another digest', 'digest-mismatch', { change: (bundle) => { bundle.messageSignature.messageDigest.digest = Buffer.from(NO_ARTIFACT.digests.sha256, 'hex').toString('base64'); } }, {}],
    ['with an envelope of something else', 'payload-type-unknown', { statement: statement(), payloadType: 'text/plain' }, {}],
  ])('%s is refused: %s', (_, code, parts, authority) => {
    const [evidence, ...more] = verify(makeBundle(parts), [keyless(authority)]);
    expect(more).toEqual([]);
    expect(evidence!.code).toBe(code);
    expect(evidence!.status).not.toBe('trusted');
    expect(evidence!.message).toMatch(/^[A-Z].*[^.]$/);
    expect(evidence).toMatchObject(code === 'identity-mismatch' ? { status: 'untrusted', identity: SUBJECT } : { identity: null, issuer: null });
  });

  it('is refused for another artifact, whatever is known of it', () => {
    expect(codes(makeBundle(), [keyless()], NO_ARTIFACT)).toEqual(['digest-mismatch']);
    expect(codes(makeBundle(), [keyless()], aboutDigest(NO_ARTIFACT.bytes!))).toEqual(['digest-mismatch']);
    expect(codes(makeBundle({ statement: statement() }), [keyless()], NO_ARTIFACT)).toEqual(['digest-mismatch']);
  });

  it('is refused where a trusted time is later than now, but for what clocks differ by', () => {
    expect(verify(makeBundle(), [keyless()], ABOUT, new Date(SIGNED_AT.getTime() - 60_000))[0]!.code).toBe('ok');
    expect(verify(makeBundle(), [keyless()], ABOUT, new Date(SIGNED_AT.getTime() - 600_000))[0]!.code).toBe('timestamp-in-future');
  });

  it.each([['p256', 'sha256'], ['rsa-2048', 'sha256']] as const)('is verified by digest alone with a key of %s', (kind, hash) => {
    expect(codes(makeBundle({ key: testKey(kind, 'signer'), hash }), [keyless()], aboutDigest(ARTIFACT))).toEqual(['ok']);
  });

  it('says where the bytes are needed', () => {
    expect(codes(makeBundle({ key: testKey('ed25519', 'signer') }), [keyless()], aboutDigest(ARTIFACT))).toEqual(['bytes-needed']);
    expect(codes(makeBundle({ key: testKey('p384', 'signer'), hash: 'sha384' }), [keyless()], aboutDigest(ARTIFACT))).toEqual(['bytes-needed']);
  });
});

describe('a statement', () => {
  const { sha256, sha384 } = ABOUT.digests;
  it.each<[string, string, unknown]>([
    ['of another digest', 'digest-mismatch', statement('x', [{ digest: { sha256: NO_ARTIFACT.digests.sha256 } }])],
    ['with the digest as a name', 'digest-mismatch', statement('x', [{ name: sha256, digest: { sha1: 'a' } }])],
    ['in upper case', 'digest-mismatch', statement('x', [{ digest: { sha256: sha256.toUpperCase() } }])],
    ['with one digest right and one wrong', 'digest-mismatch', statement('x', [{ digest: { sha256, sha384: NO_ARTIFACT.digests.sha384 } }])],
    ['with inherited digests', 'digest-mismatch', statement('x', [{ digest: {} }])],
    ['without subjects', 'malformed-statement', statement('x', [])],
    ['with a subject that is none', 'malformed-statement', statement('x', [null])],
    ['with too many subjects', 'limit-exceeded', statement('x', Array.from({ length: 1_025 }, () => ({ digest: { sha256 } })))],
    ['of another version', 'malformed-statement', { ...statement(), _type: 'https://in-toto.io/Statement/v2' }],
    ['without a type', 'malformed-statement', { ...statement(), predicateType: '' }],
    ['with two readings', 'malformed-statement', JSON.stringify(statement()).replace('"_type"', '"PredicateType":"https://sigstore.dev/cosign/sign/v1","_type"')],
    ['that is no JSON', 'malformed-statement', '{'],
    ['that is no object', 'malformed-statement', '[]'],
  ])('%s is refused: %s', (_, code, said) => {
    expect(codes(makeBundle({ statement: said }), [keyless()])).toEqual([code]);
  });

  it('may name the artifact among others, by any digest that is known', () => {
    expect(codes(makeBundle({ statement: statement('x', [{ digest: { sha256: NO_ARTIFACT.digests.sha256 } }, { digest: { sha384 } }]) }), [keyless()])).toEqual(['ok']);
    expect(codes(makeBundle({ statement: { ...statement(), _type: 'https://in-toto.io/Statement/v0.1' } }), [keyless()])).toEqual(['ok']);
    expect(codes(makeBundle({ statement: statement('x', [{ digest: { sha384 } }]) }), [keyless()], aboutDigest(ARTIFACT))).toEqual(['digest-mismatch']);
  });
});

describe('a bundle with a plain key', () => {
  const [signer, stranger] = [testKey('p256', 'signer'), testKey('p256', 'stranger')];
  const KEY: BundleParts = { signer: 'key', key: signer };

  it.each<[string, BundleParts, Parameters<typeof keyed>[1]]>([
    ['logged', KEY, {}],
    ['not logged, where no log is asked for', { ...KEY, logs: [] }, { transparencyLog: 'ifPresent', root: null }],
    ['logged in an unknown log, where logs are ignored', KEY, { transparencyLog: 'ignore', root: null }],
    ['logged in the second generation', { ...KEY, ...STAMPED }, {}],
    ['about a statement', { ...KEY, statement: statement() }, {}],
    ['with a hint that would break an object', { ...KEY, change: (bundle) => { bundle.verificationMaterial.publicKey.hint = '__proto__'; } }, {}],
  ])('%s is trusted', (_, parts, authority) => {
    const [evidence] = verify(makeBundle(parts), [keyed([stranger, signer], authority)]);
    expect(evidence).toMatchObject({ status: 'trusted', authority: 'keys', identity: null, issuer: null });
    expect(evidence!.signer).toBe(`key:${keyed([signer]).keys[0]!.id}`);
  });

  it.each(['p384', 'p521', 'ed25519', 'rsa-2048'] as const)('of %s is trusted, for a message and a statement', (kind) => {
    const key = testKey(kind, 'signer');
    const hash = kind === 'p384' ? 'sha384' : kind === 'p521' ? 'sha512' : 'sha256';
    expect(codes(makeBundle({ ...KEY, key, hash }), [keyed([key])])).toEqual(['ok']);
    expect(codes(makeBundle({ ...KEY, key, hash, statement: statement() }), [keyed([key])])).toEqual(['ok']);
  });

  it.each<[string, string, BundleParts, Parameters<typeof keyed>[1]]>([
    ['of somebody else', 'key-mismatch', { ...KEY, key: stranger }, {}],
    ['with a certificate', 'key-expected', {}, {}],
    ['not logged', 'log-entry-missing', { ...KEY, logs: [] }, {}],
    ['logged, without a root to verify the entry', 'log-unknown', KEY, { transparencyLog: 'ifPresent', root: null }],
    ['with a broken proof', 'log-entry-invalid', { ...KEY, change: brokenProof }, {}],
    ['with a broken signature, logged', 'log-body-mismatch', { ...KEY, change: brokenSignature }, {}],
    ['with a broken signature, not logged', 'key-mismatch', { ...KEY, logs: [], change: brokenSignature }, { transparencyLog: 'ifPresent' }],
    ['with a broken signature and a hint at the key', 'signature-invalid', { ...KEY, logs: [], change: (bundle) => { brokenSignature(bundle); bundle.verificationMaterial.publicKey.hint = keyed([signer]).keys[0]!.id; } }, { transparencyLog: 'ifPresent' }],
    ['logged with the key of another', 'key-mismatch', { ...KEY, body: (body) => { body.spec.signature.publicKey.content = bundleBody({ ...KEY, key: stranger }).spec.signature.publicKey.content; } }, {}],
    // 2.4 #11: the digest of the bundle is the bundle's word.
    ['with another digest, not logged', 'digest-mismatch', { ...KEY, logs: [], change: (bundle) => { bundle.messageSignature.messageDigest.digest = Buffer.alloc(32).toString('base64'); } }, { transparencyLog: 'ifPresent' }],
    ['with a digest algorithm that the policy does not take', 'algorithm-unsupported', { ...KEY, hash: 'sha384' }, { keys: keyed([signer]).keys.map((key) => ({ ...key, hash: 'sha256' as const })) }],
  ])('%s is refused: %s', (_, code, parts, authority) => {
    expect(codes(makeBundle(parts), [keyed([signer], authority)])).toEqual([code]);
  });

  it('of Ed25519 may leave its digest out, since the bytes are signed', () => {
    const key = testKey('ed25519', 'signer');
    const bundle = makeBundle({ ...KEY, key, logs: [], change: (json) => { delete json.messageSignature.messageDigest; } });
    expect(codes(bundle, [keyed([key], { transparencyLog: 'ifPresent' })])).toEqual(['ok']);
    expect(codes(bundle, [keyed([key], { transparencyLog: 'ifPresent' })], NO_ARTIFACT)).toEqual(['key-mismatch']);
  });
});

describe('a bundle with a certificate of one\'s own authority', () => {
  const OWN: BundleParts = { logs: [], chain: [authorityDer], leaf: { sct: 'none' } };
  it.each<[string, BundleParts, Partial<ReturnType<typeof certified>>, Date]>([
    ['within its validity', OWN, {}, SIGNED_AT],
    ['with a timestamp', { ...OWN, stamps: [SIGNED_AT] }, { timestamps: { atLeast: 1 }, root: trustRoot() }, NOW],
    ['logged', { ...OWN, logs: ['v1'] }, { timestamps: { atLeast: 1 }, root: trustRoot() }, NOW],
    ['without an issuer of identities', { ...OWN, ...leaf({ issuer: null }, { sct: 'none' }) }, {}, SIGNED_AT],
    ['with certificates beside it that do not belong', { ...OWN, chain: [makeLeaf(testKey('p256', 'stranger')), authorityDer] }, {}, SIGNED_AT],
  ])('%s is trusted', (_, parts, authority, now) => {
    expect(verify(makeBundle(parts), [certified(authority)], ABOUT, now)).toMatchObject([{ status: 'trusted', identity: SUBJECT }]);
  });

  const evil = { subject: [['O', 'evil'], ['CN', 'root']] as const, key: testKey('p384', 'evil root') };
  it.each<[string, string, BundleParts, Partial<ReturnType<typeof certified>>, Date]>([
    ['after its validity', 'certificate-invalid', OWN, {}, NOW],
    ['without the time that is asked for', 'timestamp-missing', OWN, { timestamps: { atLeast: 1 }, root: trustRoot() }, SIGNED_AT],
    ['without the certificate between', 'certificate-untrusted', { ...OWN, chain: [] }, {}, SIGNED_AT],
    ['that brings its own root', 'certificate-untrusted', { ...OWN, leaf: { sct: 'none', issuer: evil }, chain: [rootOf(evil)] }, {}, SIGNED_AT],
    ['signed by itself', 'certificate-untrusted', { ...OWN, leaf: { sct: 'none', issuer: { subject: [], key: testKey('p256', 'signer') } }, chain: [] }, {}, SIGNED_AT],
    ['issued by a leaf', 'certificate-invalid', { ...OWN, ...issuedByLeaf() }, {}, SIGNED_AT],
    ['of somebody else', 'identity-mismatch', OWN, { identities: [] }, SIGNED_AT],
    ['for another purpose', 'certificate-profile', { ...OWN, ...leaf({ purpose: null }, { sct: 'none' }) }, {}, SIGNED_AT],
    ['of a plain key', 'certificate-expected', { signer: 'key', logs: [] }, {}, SIGNED_AT],
    ['with a broken entry in a known log', 'log-entry-invalid', { ...OWN, logs: ['v1'], change: brokenProof }, { root: trustRoot() }, SIGNED_AT],
  ])('%s is refused: %s', (_, code, parts, authority, now) => {
    expect(verify(makeBundle(parts), [certified(authority)], ABOUT, now).map((one) => one.code)).toEqual([code]);
  });
});

describe('several authorities', () => {
  it('get evidence each where they are satisfied, and one explanation where none is', () => {
    const key = testKey('p256', 'signer');
    expect(verify(makeBundle(), [keyless({ name: 'a' }), keyed([key]), keyless({ name: 'b' })]).map(({ authority, status }) => [authority, status])).toEqual([['a', 'trusted'], ['b', 'trusted']]);
    expect(verify(makeBundle(), [keyed([key]), keyless({ identities: [] })])).toMatchObject([{ authority: 'people', code: 'identity-mismatch' }]);
    expect(verify(makeBundle({ signer: 'key' }), [keyless()])).toMatchObject([{ authority: 'people', code: 'certificate-expected', status: 'untrusted' }]);
  });

  it('of other kinds are not mentioned', () => {
    const other: Authority = { name: 'module', kind: 'wasmcloud', issuers: [] };
    expect(verify(makeBundle(), [other])).toMatchObject([{ authority: null, status: 'untrusted', code: 'unverifiable' }]);
    expect(verify(makeBundle(), [])).toMatchObject([{ authority: null, status: 'untrusted', code: 'unverifiable' }]);
  });
});

describe('parts of an older form', () => {
  it('are verified under the name of that form', () => {
    const json: BundleJson = bundleJson({ signer: 'key', logs: [] });
    const from = { about: ABOUT, where: 'a tag', form: 'cosign-signature' as const };
    expect(verifyConvertedBundle(from, json, [keyed([testKey('p256', 'signer')], { transparencyLog: 'ifPresent' })], NOW)).toMatchObject([{ form: 'cosign-signature', where: 'a tag', status: 'trusted' }]);
    expect(verifyConvertedBundle(from, null, [keyless()], NOW)).toMatchObject([{ form: 'cosign-signature', status: 'invalid', code: 'malformed-bundle' }]);
  });
});

it('a signature of a checkpoint counts in one spelling alone', () => {
  const bundle: BundleJson = bundleJson({ signer: 'key' });
  const { checkpoint } = bundle.verificationMaterial.tlogEntries[0].inclusionProof;
  const at = (): unknown[] => verify(Buffer.from(JSON.stringify(bundle)), [keyed([testKey('p256', 'signer')])]).map(({ status, code }) => [status, code]);
  expect(at()).toEqual([['trusted', 'ok']]);
  checkpoint.envelope = (checkpoint.envelope as string).replace(/=?\n$/, '\n');
  checkpoint.envelope = (checkpoint.envelope as string).replace(/(.)\n$/, '$1?\n');
  expect(at()).toEqual([['invalid', 'log-entry-invalid']]);
});

describe('no changed byte', () => {
  const bundles: readonly [string, BundleParts, Authority][] = [
    ['of a message, logged', {}, keyless()],
    ['of a statement, logged in the second generation', { ...STAMPED, statement: statement() }, keyless()],
    ['of a plain key', { signer: 'key' }, keyed([testKey('p256', 'signer')])],
  ];
  it.each(bundles)('in a bundle %s leaves it trusted', (_, parts, authority) => {
    const good = makeBundle(parts);
    const [before] = verify(good, [authority]);
    expect(before!.status).toBe('trusted');
    // A timestamp carries certificates and headers that nobody signs and nothing reads: a byte of those may change, and nothing else with it.
    const unsigned = good.indexOf('"signedTimestamp"');
    fc.assert(fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(good);
      changed[at]! ^= flip;
      const [after] = verify(changed, [authority]);
      if (unsigned !== -1 && at > unsigned && at < good.indexOf(']', unsigned) && after!.status === 'trusted') expect(after).toEqual(before);
      else expect(after!.status, `byte ${at} ^ ${flip}`).not.toBe('trusted');
    }), { numRuns: 300 });
  });

  it('of the certificate, the signature, the entry or the timestamp leaves it trusted, under valid base64', () => {
    const parts: BundleParts = { logs: ['v1', 'v2'], stamps: [SIGNED_AT] };
    const paths: readonly ((bundle: BundleJson) => [BundleJson, string])[] = [
      (bundle) => [bundle.verificationMaterial.certificate, 'rawBytes'],
      (bundle) => [bundle.messageSignature, 'signature'],
      (bundle) => [bundle.verificationMaterial.tlogEntries[0], 'canonicalizedBody'],
      (bundle) => [bundle.verificationMaterial.tlogEntries[1], 'canonicalizedBody'],
      (bundle) => [bundle.verificationMaterial.tlogEntries[0].inclusionPromise, 'signedEntryTimestamp'],
      (bundle) => [bundle.verificationMaterial.tlogEntries[0].logId, 'keyId'],
    ];
    const good = bundleJson(parts);
    fc.assert(fc.property(fc.constantFrom(...paths), fc.nat(), fc.integer({ min: 1, max: 255 }), (path, at, flip) => {
      const bundle = structuredClone(good);
      const [holder, key] = path(bundle);
      const bytes = Buffer.from(holder[key], 'base64');
      bytes[at % bytes.length]! ^= flip;
      holder[key] = bytes.toString('base64');
      expect(verify(Buffer.from(JSON.stringify(bundle)), [keyless()])[0]!.status).not.toBe('trusted');
    }), { numRuns: 300 });
  });
});

function verify(bundle: Uint8Array, authorities: readonly Authority[], about: SignedThing = ABOUT, now = NOW): EvidenceWithStatement[] {
  return verifySigstoreBundle({ bundle, about, where: 'here' }, authorities, now);
}

function codes(bundle: Uint8Array, authorities: readonly Authority[], about: SignedThing = ABOUT): string[] {
  return verify(bundle, authorities, about).map(({ code }) => code);
}

/** A bundle whose leaf has some extensions replaced, added, or (null) left out. */
function leaf(changed: Record<string, Uint8Array | null>, more: LeafParts = {}): BundleParts {
  return { leaf: { ...more, extensions: Object.values({ ...LEAF, ...changed }).filter((one) => one !== null) } };
}

function proofOf(bundle: BundleJson): { treeSize: string; rootHash: string; checkpoint: { envelope: string } } {
  return bundle.verificationMaterial.tlogEntries[0].inclusionProof;
}

function brokenProof(bundle: BundleJson): void {
  const proof = proofOf(bundle);
  proof.checkpoint.envelope = proof.checkpoint.envelope.replace('\n1\n', '\n2\n');
  proof.treeSize = '2';
}

function brokenSignature(bundle: BundleJson): void {
  bundle.messageSignature.signature = bundleJson({ key: testKey('p256', 'stranger'), logs: [] }).messageSignature.signature;
}

function bundleBody(parts: BundleParts): BundleJson {
  return JSON.parse(Buffer.from(bundleJson(parts).verificationMaterial.tlogEntries[0].canonicalizedBody, 'base64').toString());
}

function rootOf(subject: typeof OTHER_AUTHORITY | { subject: readonly (readonly [string, string])[]; key: ReturnType<typeof testKey> }): Uint8Array {
  return makeLeaf(subject.key, { subject: subject.subject, issuer: subject, sct: 'none', extensions: [basicConstraints('ca'), keyUsage(['keyCertSign'])] });
}

/** A leaf that was issued by another leaf of the same authority. */
function issuedByLeaf(): BundleParts {
  const middle = { subject: [['O', 'acme'], ['CN', 'a leaf']] as const, key: testKey('p256', 'stranger') };
  return { leaf: { sct: 'none', issuer: middle }, chain: [makeLeaf(middle.key, { subject: middle.subject, sct: 'none', extensions: [] }), authorityDer] };
}

function weakKey(): ReturnType<typeof testKey> {
  return generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
}

function pem(certificate: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(certificate).toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
