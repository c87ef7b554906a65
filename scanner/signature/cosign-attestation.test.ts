import { describe, expect, test } from 'vitest';
import { envelope, envelopeBody, keyAuthority, keylessAuthority, leafPem, logged, manifest, NOW, publicPem, SIGNED_AT, SIGNER, statement, STRANGER } from '../../test/support/cosign-2.ts';
import { LIMITS } from '../wasm/limits.ts';
import type { Authority } from './authority.ts';
import { verifyCosignAttestation } from './cosign-attestation.ts';
import { verifyDsse } from './dsse.ts';

const HEX = 'ab'.repeat(32);
const SLSA = 'https://slsa.dev/provenance/v1';
const BUNDLE = 'dev.sigstore.cosign/bundle';
const CERTIFICATE = leafPem(SIGNER);
const GOOD = envelope(statement(HEX), [SIGNER]);
const entryOf = (bytes: Buffer, verifier = publicPem(SIGNER)): Record<string, string> => ({ [BUNDLE]: JSON.stringify(logged(envelopeBody(bytes, verifier))) });
const KEYLESS = { 'dev.sigstore.cosign/certificate': CERTIFICATE, ...entryOf(GOOD, CERTIFICATE) };

const verify = (bytes: Buffer, annotations: Record<string, string>, authorities: readonly Authority[]) => verifyCosignAttestation({ form: 'cosign-attestation', where: 'tag', about: manifest(HEX), envelope: bytes, annotations }, authorities, NOW);
const bare = (bytes: Buffer, authorities: readonly Authority[] = [keyAuthority([SIGNER])]) => verifyDsse({ form: 'dsse', where: 'file', about: manifest(HEX), envelope: bytes }, authorities, NOW);
const codes = (evidence: ReturnType<typeof verify>): string => evidence.map(({ status, code }) => `${status} ${code}`).join(', ');
const says = (bytes: Buffer, annotations: Record<string, string> = {}, authority: Authority = keyAuthority([SIGNER])): string => codes(verify(bytes, annotations, [authority]));
interface Parts { payload?: string; signatures: { sig: string; cert?: string }[] }
const changed = (change: (parts: Parts) => void): Buffer => {
  const parts = JSON.parse(GOOD.toString()) as Parts;
  change(parts);
  return Buffer.from(JSON.stringify(parts));
};

describe('an attestation of cosign 2', () => {
  test.each<[string, Record<string, string>, Authority]>([
    ['a key', {}, keyAuthority([SIGNER])],
    ['a key with a log entry', entryOf(GOOD), keyAuthority([SIGNER], { transparencyLog: 'required' })],
    ['a certificate with a log entry', KEYLESS, keylessAuthority()],
  ])('by %s is trusted, with its statement', (_name, annotations, authority) => {
    expect(verify(GOOD, annotations, [authority])).toMatchObject([{ form: 'cosign-attestation', status: 'trusted', authority: authority.name, predicateType: SLSA, statement: { predicateType: SLSA, predicate: { built: true } } }]);
  });

  test('is of the type that is signed, whatever the annotation says', () => {
    const vulnerability = envelope(statement(HEX, 'https://cosign.sigstore.dev/attestation/vuln/v1'), [SIGNER]);
    expect(verify(vulnerability, { predicateType: SLSA }, [keyAuthority([SIGNER])])).toMatchObject([{ status: 'trusted', predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1' }]);
  });

  test('says when a log saw it', () => {
    expect(verify(GOOD, KEYLESS, [keylessAuthority()])).toMatchObject([{ signedAt: SIGNED_AT.toISOString(), identity: 'alice@acme.test' }]);
  });

  const other = envelope(statement('cd'.repeat(32)), [SIGNER]);
  test.each<[string, string, Buffer, Record<string, string>, Authority?]>([
    ['about another manifest', 'invalid digest-mismatch', other, entryOf(other)],
    ['with another payload', 'untrusted key-mismatch', changed((parts) => { parts.payload = statement(HEX, 'https://x.test').toString('base64'); }), {}],
    ['with another payload type', 'unsupported payload-type-unknown', envelope(statement(HEX), [SIGNER], 'text/plain'), {}],
    ['by another key', 'untrusted key-mismatch', envelope(statement(HEX), [STRANGER]), {}],
    ['without the log entry that is asked for', 'untrusted log-entry-missing', GOOD, {}, keyAuthority([SIGNER], { transparencyLog: 'required' })],
    ['with the entry of another', 'invalid log-body-mismatch', GOOD, entryOf(other)],
    ['with the entry of another and a certificate', 'invalid log-body-mismatch', GOOD, { ...KEYLESS, ...entryOf(other, CERTIFICATE) }, keylessAuthority()],
    ['without a signature', 'invalid malformed-bundle', changed((parts) => { parts.signatures = []; }), {}],
    ['without a payload', 'invalid malformed-bundle', changed((parts) => delete parts.payload), {}],
    ['with a payload in other base64', 'invalid malformed-bundle', changed((parts) => { parts.payload += '\n'; }), {}],
    ['with a key twice', 'invalid malformed-bundle', Buffer.from(GOOD.toString().replace('{', '{"payload":"",')), {}],
    ['that is no statement', 'invalid malformed-statement', envelope(Buffer.from('{}'), [SIGNER]), {}],
    ['that is no JSON', 'invalid malformed-bundle', Buffer.from('x'), {}],
  ])('%s is refused', (_name, expected, bytes, annotations, authority) => {
    expect(says(bytes, annotations, authority)).toBe(expected);
  });
});

describe('a bare envelope', () => {
  test('is verified with a key', () => {
    expect(bare(GOOD)).toMatchObject([{ form: 'dsse', where: 'file', status: 'trusted', predicateType: SLSA, statement: { predicate: { built: true } } }]);
    expect(codes(bare(GOOD, [keyAuthority([STRANGER])]))).toBe('untrusted key-mismatch');
    expect(codes(bare(GOOD, [keyAuthority([SIGNER], { transparencyLog: 'required' })]))).toBe('untrusted log-entry-missing');
    expect(codes(bare(envelope(statement('cd'.repeat(32)), [SIGNER])))).toBe('invalid digest-mismatch');
  });

  test('with several signatures counts for each authority once', () => {
    const both = envelope(statement(HEX), [STRANGER, SIGNER, SIGNER]);
    expect(bare(both, [keyAuthority([SIGNER]), { ...keyAuthority([STRANGER]), name: 'strangers' }]).map(({ status, authority }) => [status, authority])).toEqual([['trusted', 'strangers'], ['trusted', 'keys']]);
    expect(codes(bare(both))).toBe('trusted ok');
    expect(codes(bare(envelope(statement(HEX), [STRANGER, STRANGER])))).toBe('untrusted key-mismatch');
  });

  test('with a certificate inside is not supported, and says so', () => {
    expect(codes(bare(changed((parts) => { parts.signatures[0]!.cert = CERTIFICATE; }), [keylessAuthority(), keyAuthority([SIGNER])]))).toBe('unsupported keyless-without-log');
  });

  test('with more signatures than anybody needs is refused unseen', () => {
    expect(codes(bare(changed((parts) => { parts.signatures = Array.from({ length: LIMITS.logEntries + 1 }, () => parts.signatures[0]!); })))).toBe('invalid limit-exceeded');
  });
});
