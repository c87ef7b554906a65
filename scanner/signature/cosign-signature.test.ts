import { ed25519ph } from '@noble/curves/ed25519.js';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { blob, claims, keyAuthority, keylessAuthority, leafPem, logged, manifest, NOW, publicPem, recordBody, SIGNED_AT, SIGNER, simpleSigning, STRANGER, type Signing } from '../../test/support/cosign-2.ts';
import { testKey } from '../../test/support/x509-maker.ts';
import type { Authority } from './authority.ts';
import { verifyCosignSignature } from './cosign-signature.ts';
import type { SignedThing } from './subject.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const OTHER = `sha256:${'cd'.repeat(32)}`;
const SIGNATURE = 'dev.cosignproject.cosign/signature';
const CERTIFICATE = 'dev.sigstore.cosign/certificate';
const BUNDLE = 'dev.sigstore.cosign/bundle';

const KEYED: Signing = { key: SIGNER, log: true };
const KEYLESS: Signing = { key: SIGNER, log: true, certificate: leafPem(SIGNER) };
type Made = ReturnType<typeof simpleSigning>;

const verify = (made: Made, authorities: readonly Authority[], about: SignedThing = manifest(DIGEST)) => verifyCosignSignature({ form: 'cosign-signature', where: 'tag', about, ...made }, authorities, NOW);
const says = (made: Made, authorities: readonly Authority[] = [keyAuthority([SIGNER])], about?: SignedThing): string => verify(made, authorities, about).map(({ status, code }) => `${status} ${code}`).join(', ');
const make = (signing: Signing, payload = claims(DIGEST)): Made => simpleSigning(payload, signing);
const annotated = (made: Made, annotations: Record<string, string>): Made => ({ ...made, annotations: { ...made.annotations, ...annotations } });

describe('a good signature', () => {
  test.each<[string, Signing, Authority]>([
    ['of a key with a log entry', KEYED, keyAuthority([SIGNER], { transparencyLog: 'required' })],
    ['of a key without one, where none is asked for', { key: SIGNER }, keyAuthority([SIGNER])],
    ['of the second key', KEYED, keyAuthority([STRANGER, SIGNER])],
    ['of a key, whatever the log, where it is ignored', KEYED, keyAuthority([SIGNER], { transparencyLog: 'ignore', root: null })],
    ['of a certificate with a log entry', KEYLESS, keylessAuthority()],
    ['of P-384 over SHA-384', { key: testKey('p384'), hash: 'sha384', log: true }, keyAuthority([testKey('p384')], { transparencyLog: 'required' })],
    ['of P-384 over SHA-384 without a log', { key: testKey('p384'), hash: 'sha384' }, keyAuthority([testKey('p384')])],
    ['of P-384 over SHA-256', { key: testKey('p384'), hash: 'sha256' }, keyAuthority([testKey('p384')])],
    ['of P-521 over SHA-512 without a log', { key: testKey('p521'), hash: 'sha512' }, keyAuthority([testKey('p521')])],
    ['of RSA', { key: testKey('rsa-2048'), log: true }, keyAuthority([testKey('rsa-2048')])],
    ['of plain Ed25519', { key: testKey('ed25519') }, keyAuthority([testKey('ed25519')])],
  ])('%s is trusted', (_name, signing, authority) => {
    const [evidence, ...more] = verify(make(signing), [authority]);
    expect(more).toEqual([]);
    expect(evidence).toMatchObject({ form: 'cosign-signature', where: 'tag', status: 'trusted', code: 'ok', authority: authority.name, covers: 'whole', predicateType: null });
  });

  test('says who signed when', () => {
    expect(verify(make(KEYLESS), [keylessAuthority()])).toMatchObject([{ identity: 'alice@acme.test', issuer: 'https://issuer.acme.test', signedAt: SIGNED_AT.toISOString() }]);
  });

  test('counts for every authority that it satisfies and mentions no other', () => {
    const second = { ...keyAuthority([SIGNER]), name: 'second' };
    expect(verify(make(KEYED), [keyAuthority([SIGNER]), second, keylessAuthority()]).map(({ authority }) => authority)).toEqual(['keys', 'second']);
  });

  test('is bound by the digest and not by the name in it', () => {
    const renamed = JSON.parse(claims(DIGEST).toString()) as { critical: { identity: object } };
    renamed.critical.identity = { 'docker-reference': 'elsewhere.test/other' };
    expect(says(make(KEYED, Buffer.from(JSON.stringify(renamed))))).toBe('trusted ok');
  });
});

describe('a signature that is not asked for', () => {
  test.each<[string, string, Signing, Authority]>([
    ['of another key', 'untrusted key-mismatch', { key: STRANGER, log: true }, keyAuthority([SIGNER])],
    ['of another key without a log', 'untrusted key-mismatch', { key: STRANGER }, keyAuthority([SIGNER])],
    ['without the log entry that is asked for', 'untrusted log-entry-missing', { key: SIGNER }, keyAuthority([SIGNER], { transparencyLog: 'required' })],
    ['of a certificate, without a log entry', 'untrusted log-entry-missing', { ...KEYLESS, log: false }, keylessAuthority()],
    ['of a certificate, without any time', 'untrusted timestamp-missing', { ...KEYLESS, log: false }, keylessAuthority({ transparencyLog: 'ignore', timestamps: { atLeast: 0, accept: [] } })],
    ['of a certificate for somebody else', 'untrusted identity-mismatch', { ...KEYLESS, certificate: leafPem(SIGNER, 'bob@acme.test') }, keylessAuthority()],
    ['of a certificate where a key is asked for', 'untrusted key-expected', KEYLESS, keyAuthority([SIGNER])],
    ['of a key where a certificate is asked for', 'untrusted certificate-expected', KEYED, keylessAuthority()],
    ['with the entry of a log that nobody knows', 'untrusted log-unknown', KEYED, keyAuthority([SIGNER], { root: null })],
  ])('%s is untrusted', (_name, expected, signing, authority) => {
    expect(says(make(signing), [authority])).toBe(expected);
  });

  test('with no authority that could apply is unverifiable', () => {
    expect(says(make(KEYED), [])).toBe('untrusted unverifiable');
    expect(says(make(KEYED), [{ name: 'w', kind: 'wasmcloud', issuers: [] }])).toBe('untrusted unverifiable');
  });
});

describe('tampering', () => {
  interface Document { critical: { image?: Record<string, unknown> }; optional: unknown }
  const reworded = (change: (document: Document) => void): Buffer => {
    const document = JSON.parse(claims(DIGEST).toString()) as Document;
    change(document);
    return Buffer.from(JSON.stringify(document));
  };

  test.each<[string, string, Buffer]>([
    ['about another manifest', 'digest-mismatch', claims(OTHER)],
    ['about a digest in capitals', 'digest-mismatch', claims(DIGEST.toUpperCase())],
    ['about a digest without its algorithm', 'digest-mismatch', claims(DIGEST.slice(7))],
    ['about no digest', 'digest-mismatch', reworded(({ critical }) => delete critical.image!['docker-manifest-digest'])],
    ['about two digests', 'digest-mismatch', reworded(({ critical }) => { critical.image = { 'docker-manifest-digest': [DIGEST, OTHER] }; })],
    ['without an image', 'malformed-bundle', reworded(({ critical }) => delete critical.image)],
    ['of another type', 'malformed-bundle', claims(DIGEST, { type: 'atomic container signature' })],
    ['of a type with a blank', 'malformed-bundle', claims(DIGEST, { type: 'cosign container image signature ' })],
    ['with a repeated key', 'malformed-bundle', Buffer.from(claims(DIGEST).toString().replace('"image":', `"image":{"docker-manifest-digest":"${OTHER}"},"image":`))],
    ['with a key in another case', 'malformed-bundle', Buffer.from(claims(DIGEST).toString().replace('"image":', `"Image":{"docker-manifest-digest":"${OTHER}"},"image":`))],
    ['with a byte order mark', 'malformed-bundle', Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), claims(DIGEST)])],
    ['with bytes after its end', 'malformed-bundle', Buffer.concat([claims(DIGEST), Buffer.from('{}')])],
    ['that is no JSON', 'malformed-bundle', Buffer.from('x')],
    ['that is no object', 'malformed-bundle', Buffer.from('[]')],
  ])('a document %s is refused, well signed', (_name, code, payload) => {
    for (const signing of [KEYED, { key: SIGNER }]) expect(says(make(signing, payload))).toBe(`invalid ${code}`);
    expect(says(make(KEYLESS, payload), [keylessAuthority()])).toBe(`invalid ${code}`);
  });

  test('the same document presented for a module of that digest is refused', () => {
    const { digests } = manifest(DIGEST);
    expect(says(make(KEYED), undefined, { ...blob(''), digests })).toBe('invalid digest-mismatch');
  });

  const good = make(KEYED);
  const goodKeyless = make(KEYLESS);
  const another = make(KEYED, reworded((document) => { document.optional = { other: 'yes' }; }));
  const stranger = make({ key: STRANGER, log: true });
  const entry = JSON.parse(good.annotations[BUNDLE]!) as { SignedEntryTimestamp: string; Payload: Record<string, unknown> };
  const withEntry = (change: object): string => JSON.stringify({ ...entry, ...change });
  const withPayload = (change: object): string => withEntry({ Payload: { ...entry.Payload, ...change } });
  const strangers = sign('sha256', good.payload, STRANGER);

  test.each<[string, string, Made]>([
    ['the signature of another document', 'invalid log-body-mismatch', annotated(good, { [SIGNATURE]: another.annotations[SIGNATURE]! })],
    ['signature and entry of another document', 'invalid log-body-mismatch', annotated(another, { [SIGNATURE]: good.annotations[SIGNATURE]!, [BUNDLE]: good.annotations[BUNDLE]! })],
    ['the entry of another signature by the same key', 'invalid log-body-mismatch', annotated(good, { [BUNDLE]: another.annotations[BUNDLE]! })],
    ['the entry of a signature by another key', 'untrusted key-mismatch', annotated(good, { [BUNDLE]: stranger.annotations[BUNDLE]! })],
    ['an entry for the right document by another key', 'untrusted key-mismatch', annotated(good, { [BUNDLE]: JSON.stringify(logged(recordBody(good.payload, { signature: strangers, verifier: publicPem(STRANGER) }))) })],
    ['another promise', 'invalid log-entry-invalid', annotated(good, { [BUNDLE]: withEntry({ SignedEntryTimestamp: strangers.toString('base64') }) })],
    ['another time than was promised', 'invalid log-entry-invalid', annotated(good, { [BUNDLE]: withPayload({ integratedTime: 1 }) })],
    ['another index than was promised', 'invalid log-entry-invalid', annotated(good, { [BUNDLE]: withPayload({ logIndex: 8 }) })],
    ['another log', 'untrusted log-unknown', annotated(good, { [BUNDLE]: withPayload({ logID: 'ab'.repeat(32) }) })],
    ['a log in capitals', 'invalid malformed-bundle', annotated(good, { [BUNDLE]: withPayload({ logID: String(entry.Payload['logID']).toUpperCase() }) })],
    ['a body with junk in its base64', 'invalid malformed-bundle', annotated(good, { [BUNDLE]: withPayload({ body: `${String(entry.Payload['body'])}\n` }) })],
    ['an index beyond what numbers hold', 'invalid malformed-bundle', annotated(good, { [BUNDLE]: withPayload({ logIndex: 2 ** 53 }) })],
    ['an entry that is no JSON', 'invalid malformed-bundle', annotated(good, { [BUNDLE]: '{' })],
    ['an entry with a repeated key', 'invalid malformed-bundle', annotated(good, { [BUNDLE]: good.annotations[BUNDLE]!.replace('"Payload"', '"Payload":{},"Payload"') })],
    ['an entry of an old kind', 'unsupported log-entry-unsupported', annotated(good, { [BUNDLE]: JSON.stringify(logged({ apiVersion: '0.0.1', kind: 'rekord', spec: {} })) })],
    ['no signature', 'invalid malformed-bundle', annotated(good, { [SIGNATURE]: '' })],
    ['a signature that is no base64', 'invalid malformed-bundle', annotated(good, { [SIGNATURE]: '%' })],
    ['a signature in other base64', 'invalid malformed-bundle', annotated(good, { [SIGNATURE]: `${good.annotations[SIGNATURE]!}\n` })],
    ['a timestamp that is none', 'invalid malformed-bundle', annotated(good, { 'dev.sigstore.cosign/rfc3161timestamp': '{}' })],
    ['a certificate that is none', 'invalid malformed-bundle', annotated(good, { [CERTIFICATE]: 'x' })],
    ['a private key for a certificate', 'invalid malformed-bundle', annotated(good, { [CERTIFICATE]: SIGNER.export({ type: 'pkcs8', format: 'pem' }) as string })],
  ])('%s is refused', (_name, expected, made) => {
    expect(says(made)).toBe(expected);
  });

  test.each<[string, string, Made]>([
    ['the certificate of somebody else', 'invalid log-body-mismatch', annotated(goodKeyless, { [CERTIFICATE]: leafPem(STRANGER) })],
    ['the entry of another signature', 'invalid log-body-mismatch', annotated(goodKeyless, { [BUNDLE]: good.annotations[BUNDLE]! })],
    ['a signature after the certificate ended', 'invalid certificate-invalid', annotated(goodKeyless, { [BUNDLE]: JSON.stringify(logged(recordBody(goodKeyless.payload, { signature: Buffer.from(goodKeyless.annotations[SIGNATURE]!, 'base64'), verifier: KEYLESS.certificate! }), new Date('2026-05-20T00:00:00Z'))) })],
    ['a signature from the future', 'invalid certificate-invalid', annotated(goodKeyless, { [BUNDLE]: JSON.stringify(logged(recordBody(goodKeyless.payload, { signature: Buffer.from(goodKeyless.annotations[SIGNATURE]!, 'base64'), verifier: KEYLESS.certificate! }), new Date('2026-07-20T00:00:00Z'))) })],
  ])('with a certificate, %s is refused', (_name, expected, made) => {
    expect(says(made, [keylessAuthority()])).toBe(expected);
  });

  test('no byte can be changed anywhere', () => {
    for (const [made, authority] of [[good, keyAuthority([SIGNER])], [goodKeyless, keylessAuthority()]] as const) {
      for (let at = 0; at < made.payload.length; at += 7) {
        const payload = Buffer.from(made.payload);
        payload[at]! ^= 1;
        expect(says({ ...made, payload }, [authority])).not.toContain('trusted ok');
      }
      for (const name of [SIGNATURE, BUNDLE]) {
        for (let at = 0; at < made.annotations[name]!.length; at += 13) {
          const text = made.annotations[name]!;
          const changed = text.slice(0, at) + String.fromCodePoint(text.codePointAt(at)! ^ 1) + text.slice(at + 1);
          expect(says(annotated(made, { [name]: changed }), [authority])).not.toContain('trusted ok');
        }
      }
    }
  });
});

test('Ed25519 in the prehashed variant is named, and told from a signature by another key', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url');
  const made = make({ key: privateKey });
  const prehashed = annotated(made, { [SIGNATURE]: Buffer.from(ed25519ph.sign(made.payload, seed)).toString('base64') });
  const strange = annotated(made, { [SIGNATURE]: sign(null, Buffer.from('something else'), privateKey).toString('base64') });
  expect(says(prehashed, [keyAuthority([privateKey])])).toBe('unsupported ed25519ph-unsupported');
  expect(says(strange, [keyAuthority([privateKey])])).toBe('untrusted key-mismatch');
});
