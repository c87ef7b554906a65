import { sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { blob, envelope, envelopeBody, keyAuthority, keylessAuthority, leafPem, logged, NOW, publicPem, recordBody, SIGNER, statement, STRANGER } from '../../test/support/cosign-2.ts';
import { testKey } from '../../test/support/x509-maker.ts';
import type { Authority } from './authority.ts';
import { verifyBlobBundle } from './blob-bundle.ts';
import { verifyDetached } from './detached.ts';
import type { SignedThing } from './subject.ts';

const ABOUT = blob('the module');
const BYTES = ABOUT.bytes!;
const SIGNATURE = sign('sha256', BYTES, SIGNER);
const KEYS = [keyAuthority([SIGNER])];
const LEAF = leafPem(SIGNER);
const codes = (evidence: ReturnType<typeof verifyDetached>): string => evidence.map(({ status, code }) => `${status} ${code}`).join(', ');

interface Beside { readonly certificate?: string | Uint8Array | null; readonly authorities?: readonly Authority[]; readonly about?: SignedThing }
const detached = (signature: Uint8Array | string, { certificate = null, authorities = KEYS, about = ABOUT }: Beside = {}): string =>
  codes(verifyDetached({ form: 'detached', where: 'app.wasm.sig', about, signature: Buffer.from(signature), certificate: certificate === null ? null : Buffer.from(certificate) }, authorities, NOW));

describe('a signature file', () => {
  test('is read in base64, broken into lines or not, and raw', () => {
    const text = SIGNATURE.toString('base64');
    for (const written of [text, `${text}\n`, `${text}\r\n`, text.replaceAll(/.{1,32}/g, '$&\n'), SIGNATURE]) expect(detached(written)).toBe('trusted ok');
    expect(detached('')).toBe('invalid malformed-bundle');
    expect(detached(sign('sha256', BYTES, STRANGER))).toBe('untrusted key-mismatch');
    expect(detached(sign('sha256', Buffer.from('other'), SIGNER))).toBe('untrusted key-mismatch');
  });

  test.each([['p384', 'sha384'], ['p384', 'sha256'], ['p521', 'sha512'], ['rsa-2048', 'sha256'], ['rsa-2048', 'sha512'], ['ed25519', null]] as const)('of %s over %s is trusted', (kind, hash) => {
    expect(detached(sign(hash, BYTES, testKey(kind)), { authorities: [keyAuthority([testKey(kind)])] })).toBe('trusted ok');
  });

  test('is verified by the digest alone, where the algorithm can', () => {
    const about: SignedThing = { ...ABOUT, bytes: null, digests: { sha256: ABOUT.digests.sha256 } };
    expect(detached(SIGNATURE, { about })).toBe('trusted ok');
    expect(detached(sign(null, BYTES, testKey('ed25519')), { about, authorities: [keyAuthority([testKey('ed25519')])] })).toBe('unsupported bytes-needed');
  });

  test('by a key is nothing where a log entry is asked for', () => {
    expect(detached(SIGNATURE, { authorities: [keyAuthority([SIGNER], { transparencyLog: 'required' })] })).toBe('untrusted log-entry-missing');
  });

  test('with a certificate has neither log nor time', () => {
    for (const certificate of [LEAF, Buffer.from(LEAF).toString('base64'), Buffer.from(LEAF.replaceAll(/-----.*-----|\s/g, ''), 'base64')]) {
      expect(detached(SIGNATURE, { certificate, authorities: [keylessAuthority()] })).toBe('untrusted log-entry-missing');
      expect(detached(SIGNATURE, { certificate, authorities: [keylessAuthority({ transparencyLog: 'ignore', timestamps: { atLeast: 0, accept: [] } })] })).toBe('untrusted timestamp-missing');
    }
    expect(detached(SIGNATURE, { certificate: 'junk', authorities: [keylessAuthority()] })).toBe('invalid malformed-bundle');
    expect(detached(SIGNATURE, { certificate: LEAF })).toBe('untrusted key-expected');
  });

  test('is not helped by a public key beside it', () => {
    expect(detached(SIGNATURE, { certificate: publicPem(SIGNER) })).toBe('trusted ok');
    expect(detached(sign('sha256', BYTES, STRANGER), { certificate: publicPem(STRANGER) })).toBe('untrusted key-mismatch');
  });
});

describe('the bundle that cosign 2 writes for a file', () => {
  const bundleOf = (parts: object): Buffer => Buffer.from(JSON.stringify({ base64Signature: SIGNATURE.toString('base64'), ...parts }));
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const verify = (bundle: Buffer, authorities: readonly Authority[] = KEYS, about = ABOUT) => verifyBlobBundle({ form: 'blob-bundle', where: 'app.wasm.bundle', about, bundle }, authorities, NOW);
  const keyEntry = logged(recordBody(BYTES, { signature: SIGNATURE, verifier: publicPem(SIGNER) }));
  const leafEntry = logged(recordBody(BYTES, { signature: SIGNATURE, verifier: LEAF }));
  const REQUIRED = [keyAuthority([SIGNER], { transparencyLog: 'required' })];

  test('is trusted by key and by certificate', () => {
    expect(codes(verify(bundleOf({ cert: base64(publicPem(SIGNER)), rekorBundle: keyEntry }), REQUIRED))).toBe('trusted ok');
    expect(codes(verify(bundleOf({ rekorBundle: null }), KEYS))).toBe('trusted ok');
    expect(verify(bundleOf({ cert: base64(LEAF), rekorBundle: leafEntry }), [keylessAuthority()])).toMatchObject([{ form: 'blob-bundle', status: 'trusted', identity: 'alice@acme.test', predicateType: null }]);
  });

  test('of an attestation holds an envelope in place of the signature', () => {
    const signed = envelope(statement(ABOUT.digests.sha256), [SIGNER]);
    const parts = { base64Signature: signed.toString('base64'), cert: base64(LEAF), rekorBundle: logged(envelopeBody(signed, LEAF)) };
    expect(verify(bundleOf(parts), [keylessAuthority()])).toMatchObject([{ form: 'blob-bundle', status: 'trusted', predicateType: 'https://slsa.dev/provenance/v1' }]);
    expect(codes(verify(bundleOf(parts), [keylessAuthority()], blob('another module')))).toBe('invalid digest-mismatch');
  });

  test('over a digest that is not known wants the bytes, and says so', () => {
    const signature = sign('sha512', BYTES, testKey('p521'));
    const bundle = bundleOf({ base64Signature: signature.toString('base64'), rekorBundle: logged(recordBody(BYTES, { signature, verifier: publicPem(testKey('p521')), hash: 'sha512' })) });
    const authorities = [keyAuthority([testKey('p521')], { transparencyLog: 'required' })];
    expect(codes(verify(bundle, authorities))).toBe('trusted ok');
    expect(codes(verify(bundle, authorities, { ...ABOUT, bytes: null, digests: { sha256: ABOUT.digests.sha256 } }))).toBe('unsupported bytes-needed');
  });

  test.each<[string, string, object, Authority[]?]>([
    ['the log entry of another file', 'invalid log-body-mismatch', { rekorBundle: logged(recordBody(Buffer.from('other'), { signature: SIGNATURE, verifier: publicPem(SIGNER) })) }],
    ['the log entry of another signature', 'invalid log-body-mismatch', { rekorBundle: logged(recordBody(BYTES, { signature: sign('sha256', BYTES, SIGNER), verifier: publicPem(SIGNER) })) }],
    ['a signature by another key, which it names', 'untrusted key-mismatch', { base64Signature: sign('sha256', BYTES, STRANGER).toString('base64'), cert: base64(publicPem(STRANGER)) }],
    ['no log entry', 'untrusted log-entry-missing', {}, REQUIRED],
    ['a certificate without log entry', 'untrusted log-entry-missing', { cert: base64(LEAF) }, [keylessAuthority()]],
    ['a log entry that is none', 'invalid malformed-bundle', { rekorBundle: [] }],
    ['a certificate that is none', 'invalid malformed-bundle', { cert: base64('x') }],
    ['a certificate that is no text', 'invalid malformed-bundle', { cert: {} }],
    ['no signature', 'invalid malformed-bundle', { base64Signature: '' }],
    ['a signature in other base64', 'invalid malformed-bundle', { base64Signature: `${SIGNATURE.toString('base64')} ` }],
  ])('with %s is refused', (_name, expected, parts, authorities) => {
    expect(codes(verify(bundleOf(parts), authorities))).toBe(expected);
  });
});
