/**
 * What cosign 2 writes, made with keys of the test: documents, annotations, envelopes, blob bundles, with entries of a transparency log and
 * certificates of an authority that exist only here.
 *
 *   const made = simpleSigning({ digest, key: SIGNER, log: true });
 *   verifyCosignSignature({ form: 'cosign-signature', where: 'x', about: manifest(digest), ...made }, [keyAuthority([SIGNER])], NOW);
 */
import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { Authority, Identity } from '../../scanner/signature/authority.ts';
import { keyOfSpki } from '../../scanner/signature/keys.ts';
import { X509Certificate } from '../../scanner/signature/sigstore-library.ts';
import type { SignedThing } from '../../scanner/signature/subject.ts';
import type { TrustRoot } from '../../scanner/signature/trust-root.ts';
import { basicConstraints, der, extendedKeyUsage, extension, keyUsage, makeCertificateDer, subjectAltName, testKey, type Name } from './x509-maker.ts';

/** When everything is verified; certificates are valid the ten minutes before SIGNED_AT and after. */
export const NOW = new Date('2026-06-01T12:00:00Z');
export const SIGNED_AT = new Date('2026-05-01T12:00:00Z');
export const SIGNER = testKey('p256', 'signer');
export const STRANGER = testKey('p256', 'stranger');
export const EMAIL = 'alice@acme.test';
export const ISSUER = 'https://issuer.acme.test';

const LOG = testKey('p256', 'transparency log');
const CA: { readonly subject: Name; readonly key: KeyObject } = { subject: [['O', 'acme'], ['CN', 'authority']], key: testKey('p256', 'authority') };
const ALWAYS = { start: new Date('2026-01-01T00:00:00Z'), end: new Date('2026-12-31T00:00:00Z') };

/** A log and an authority that certifies keys for minutes. */
export function trustRoot(): TrustRoot {
  const root = makeCertificateDer({ subject: CA.subject, key: CA.key, extensions: [basicConstraints('ca'), keyUsage(['keyCertSign'])] });
  return {
    name: 'test', hash: 'f'.repeat(64), date: '2026-01-01',
    material: {
      certificateAuthorities: [{ certChain: [X509Certificate.parse(Buffer.from(root))], validFor: ALWAYS }],
      tlogs: [{ logID: createHash('sha256').update(spki(LOG)).digest(), baseURL: 'https://log.test', publicKey: createPublicKey(LOG), validFor: ALWAYS }],
      timestampAuthorities: [], ctlogs: [],
      publicKey: () => { throw new Error('No key by hint'); },
    },
    has: { certificateAuthorities: true, logs: true, certificateLogs: false, timestampAuthorities: false },
  };
}

type Of<Kind> = Extract<Authority, { readonly kind: Kind }>;

/** Who may sign with these keys. */
export function keyAuthority(keys: readonly KeyObject[], more: Partial<Of<'key'>> = {}): Authority {
  return { name: 'keys', kind: 'key', keys: keys.map((key) => keyOfSpki(spki(key), null)), transparencyLog: 'ifPresent', root: trustRoot(), ...more };
}

/** Who may sign under the name of EMAIL. */
export function keylessAuthority(more: Partial<Of<'keyless'>> = {}): Authority {
  const identity: Identity = { issuer: (text) => text === ISSUER, subject: (text) => text === EMAIL, extensions: {}, text: EMAIL };
  return { name: 'people', kind: 'keyless', root: trustRoot(), identities: [identity], transparencyLog: 'required', sct: 'ignore', timestamps: { atLeast: 1, accept: ['log'] }, ...more };
}

/** A certificate for minutes, as PEM. */
export function leafPem(key: KeyObject, email = EMAIL): string {
  const issuer = extension('1.3.6.1.4.1.57264.1.8', der(0x0c, Buffer.from(ISSUER)));
  const bytes = makeCertificateDer({
    subject: [], key, issuer: CA, notBefore: new Date(SIGNED_AT.getTime() - 60_000), notAfter: new Date(SIGNED_AT.getTime() + 540_000),
    extensions: [keyUsage(['digitalSignature']), extendedKeyUsage(['codeSigning']), subjectAltName([['email', email]], 'critical'), issuer],
  });
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString('base64').replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

/** The SubjectPublicKeyInfo of a private key. */
export function spki(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

export function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string;
}

/** A manifest of which only the digest is known. */
export function manifest(digest: string): SignedThing {
  return { kind: 'manifest', digests: { sha256: digest.replace('sha256:', '') }, bytes: null, mediaType: null, size: null };
}

/** Bytes with every digest. */
export function blob(text: string): SignedThing {
  const bytes = Buffer.from(text);
  const digest = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex');
  return { kind: 'bytes', digests: { sha256: digest('sha256'), sha384: digest('sha384'), sha512: digest('sha512') }, bytes, mediaType: null, size: bytes.length };
}

export type Hash = 'sha256' | 'sha384' | 'sha512';

/** An entry of the log as annotations have it, with the promise of the log over whatever body is given. */
export function logged(body: object, time = SIGNED_AT): { readonly SignedEntryTimestamp: string; readonly Payload: { readonly body: string; readonly integratedTime: number; readonly logIndex: number; readonly logID: string } } {
  const payload = { body: Buffer.from(JSON.stringify(body)).toString('base64'), integratedTime: time.getTime() / 1000, logID: createHash('sha256').update(spki(LOG)).digest('hex'), logIndex: 7 };
  return { SignedEntryTimestamp: sign('sha256', Buffer.from(JSON.stringify(payload)), LOG).toString('base64'), Payload: payload };
}

/** The body of an entry about a signature over bytes. */
export function recordBody(bytes: Uint8Array, { signature, verifier, hash = 'sha256' }: { readonly signature: Uint8Array; /** PEM */ readonly verifier: string; readonly hash?: Hash }): object {
  const value = createHash(hash).update(bytes).digest('hex');
  return { apiVersion: '0.0.1', kind: 'hashedrekord', spec: { data: { hash: { algorithm: hash, value } }, signature: { content: Buffer.from(signature).toString('base64'), publicKey: { content: Buffer.from(verifier).toString('base64') } } } };
}

/** The body of an entry about an envelope. */
export function envelopeBody(envelope: Uint8Array, verifier: string): object {
  const { payload, signatures } = JSON.parse(Buffer.from(envelope).toString()) as { payload: string; signatures: { sig: string }[] };
  const hashed = (bytes: Uint8Array): object => ({ algorithm: 'sha256', value: createHash('sha256').update(bytes).digest('hex') });
  return { apiVersion: '0.0.1', kind: 'dsse', spec: { envelopeHash: hashed(envelope), payloadHash: hashed(Buffer.from(payload, 'base64')), signatures: signatures.map(({ sig }) => ({ signature: sig, verifier: Buffer.from(verifier).toString('base64') })) } };
}

/** The document that cosign signs for an image. */
export function claims(digest: string, { type = 'cosign container image signature' } = {}): Buffer {
  return Buffer.from(JSON.stringify({ critical: { identity: { 'docker-reference': 'acme.test/app' }, image: { 'docker-manifest-digest': digest }, type }, optional: null }));
}

export interface Signing {
  readonly key: KeyObject;
  readonly hash?: Hash;
  /** PEM of the leaf; without: the key alone. */
  readonly certificate?: string;
  /** With an entry in the log. */
  readonly log?: boolean;
}

/** Payload and annotations of a layer under the tag `.sig`. */
export function simpleSigning(payload: Buffer, { key, hash = 'sha256', certificate, log }: Signing): { readonly payload: Buffer; readonly annotations: Record<string, string> } {
  const signature = sign(key.asymmetricKeyType === 'ed25519' ? null : hash, payload, key);
  const entry = logged(recordBody(payload, { signature, verifier: certificate ?? publicPem(key), hash }));
  return {
    payload,
    annotations: {
      'dev.cosignproject.cosign/signature': signature.toString('base64'),
      ...(certificate ? { 'dev.sigstore.cosign/certificate': certificate, 'dev.sigstore.cosign/chain': '' } : {}),
      ...(log ? { 'dev.sigstore.cosign/bundle': JSON.stringify(entry) } : {}),
    },
  };
}

/** A statement of in-toto about a digest. */
export function statement(sha256: string, predicateType = 'https://slsa.dev/provenance/v1'): Buffer {
  return Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v0.1', subject: [{ name: 'app', digest: { sha256 } }], predicateType, predicate: { built: true } }));
}

/** An envelope with a signature by each key. */
export function envelope(payload: Buffer, keys: readonly KeyObject[], payloadType = 'application/vnd.in-toto+json'): Buffer {
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload]);
  return Buffer.from(JSON.stringify({ payloadType, payload: payload.toString('base64'), signatures: keys.map((key) => ({ keyid: '', sig: sign('sha256', signed, key).toString('base64') })) }));
}
