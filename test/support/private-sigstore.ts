/**
 * A Sigstore instance of the tests' own, made with keys of this process: an authority for signers, transparency logs of both generations, a
 * certificate log and a timestamp authority, and bundles as clients write them, each part of which can be made wrong.
 *
 *   verifySigstoreBundle({ bundle: makeBundle(), about: ABOUT, where: 'x' }, [keyless()], NOW);
 */
import { createHash, createPublicKey, hash as hashOf, type KeyObject, sign, X509Certificate } from 'node:crypto';
import type { Authority, Identity } from '../../scanner/signature/authority.ts';
import { keyOfSpki } from '../../scanner/signature/keys.ts';
import { dsse, X509Certificate as CoreCertificate } from '../../scanner/signature/sigstore-library.ts';
import type { SignedThing } from '../../scanner/signature/subject.ts';
import { readTrustRoot, type TrustRoot } from '../../scanner/signature/trust-root.ts';
import { concat } from './bytes.ts';
import { makeSigner, makeTimestamp } from './notation.ts';
import { basicConstraints, type CertificateParts, der, extendedKeyUsage, extension, integer, keyUsage, makeCertificateDer, octets, sequence, subjectAltName, testKey } from './x509-maker.ts';

export const SIGNED_AT = new Date('2026-05-01T12:00:00Z');
export const NOW = new Date('2026-06-01T00:00:00Z');
export const SUBJECT = 'https://acme.test/modules/build.yml@refs/heads/main';
export const ISSUER = 'https://issuer.acme.test';
export const ARTIFACT = new TextEncoder().encode('the artifact');
export const ABOUT = aboutBytes(ARTIFACT);

const ROOT = { subject: [['O', 'acme'], ['CN', 'root']] as const, key: testKey('p384', 'sigstore root') };
const AUTHORITY = { subject: [['O', 'acme'], ['CN', 'authority']] as const, key: testKey('p384', 'sigstore authority') };
export const OTHER_AUTHORITY = { subject: [['O', 'evil'], ['CN', 'authority']] as const, key: testKey('p384', 'other authority') };
const LOGS = { v1: testKey('p256', 'log of the first generation'), v2: testKey('ed25519', 'log of the second generation') };
const CERTIFICATE_LOG = testKey('p256', 'certificate log');
const ORIGINS = { v1: 'log1.acme.test', v2: 'log2.acme.test' };
const rootDer = makeCertificateDer({ ...ROOT, extensions: [basicConstraints('ca'), keyUsage(['keyCertSign'])] });
export const authorityDer = makeCertificateDer({ ...AUTHORITY, issuer: ROOT, serial: 2, extensions: [basicConstraints('ca', 0), keyUsage(['keyCertSign'])] });
const timestampAuthority = makeSigner({ purpose: 'timeStamping' });

/** The instance as `trusted_root.json`, parsed. */
export function trustedRootJson(): TrustedRootJson {
  const log = (key: KeyObject, baseUrl: string): LogJson => ({ baseUrl, hashAlgorithm: 'SHA2_256', publicKey: { rawBytes: spki(key).toString('base64'), keyDetails: key.asymmetricKeyType === 'ed25519' ? 'PKIX_ED25519' : 'PKIX_ECDSA_P256_SHA_256', validFor: { start: '2026-01-01T00:00:00Z' } }, logId: { keyId: logId(key).toString('base64') } });
  const chain = (certificates: readonly Uint8Array[]): AuthorityJson => ({ certChain: { certificates: certificates.map((one) => ({ rawBytes: Buffer.from(one).toString('base64') })) }, validFor: { start: '2026-01-02T00:00:00Z' } });
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log(LOGS.v1, `https://${ORIGINS.v1}`), log(LOGS.v2, `https://${ORIGINS.v2}`)],
    ctlogs: [log(CERTIFICATE_LOG, 'https://certificates.acme.test')],
    certificateAuthorities: [chain([authorityDer, rootDer])],
    timestampAuthorities: [chain(timestampAuthority.chain)],
  };
}

interface LogJson { baseUrl: string; hashAlgorithm: string; publicKey: { rawBytes: string; keyDetails: string; validFor?: { start?: string; end?: string } }; logId: { keyId: string } }
interface AuthorityJson { certChain: { certificates: { rawBytes: string }[] }; validFor: { start?: string; end?: string } }
export interface TrustedRootJson { mediaType: string; tlogs: LogJson[]; ctlogs: LogJson[]; certificateAuthorities: AuthorityJson[]; timestampAuthorities: AuthorityJson[] }

/** The instance, with `change` made to its JSON before it is read. */
export function trustRoot(change: (root: TrustedRootJson) => void = () => undefined): TrustRoot {
  const json = trustedRootJson();
  change(json);
  return readTrustRoot(JSON.stringify(json), 'acme');
}

type Of<Kind> = Extract<Authority, { readonly kind: Kind }>;

/** Asks for SUBJECT and everything else. */
export function keyless(more: Partial<Of<'keyless'>> = {}): Of<'keyless'> {
  return { name: 'people', kind: 'keyless', root: trustRoot(), identities: [identity()], transparencyLog: 'required', sct: 'required', timestamps: { atLeast: 1, accept: ['log', 'tsa'] }, ...more };
}

export function keyed(keys: readonly KeyObject[], more: Partial<Of<'key'>> = {}): Of<'key'> {
  return { name: 'keys', kind: 'key', keys: keys.map((key) => keyOfSpki(spki(key), null)), transparencyLog: 'required', root: trustRoot(), ...more };
}

/** Trusts the root of the instance as one's own authority, with nothing of Sigstore. */
export function certified(more: Partial<Of<'certificate'>> = {}): Of<'certificate'> {
  return { name: 'own', kind: 'certificate', roots: [new X509Certificate(rootDer)], identities: [identity({ issuer: () => true })], timestamps: { atLeast: 0 }, root: null, ...more };
}

export function identity(more: Partial<Identity> = {}): Identity {
  return { issuer: (text) => text === ISSUER, subject: (text) => text === SUBJECT, extensions: {}, text: SUBJECT, ...more };
}

export function aboutBytes(bytes: Uint8Array): SignedThing {
  return { kind: 'bytes', bytes, digests: { sha256: hashOf('sha256', bytes), sha384: hashOf('sha384', bytes), sha512: hashOf('sha512', bytes) }, mediaType: null, size: bytes.length };
}

/** Of an artifact of which the digest alone is known. */
export function aboutDigest(bytes: Uint8Array): SignedThing {
  return { kind: 'manifest', bytes: null, digests: { sha256: hashOf('sha256', bytes) }, mediaType: null, size: null };
}

/** A statement of a kind, about ARTIFACT. */
export function statement(predicateType = 'https://slsa.dev/provenance/v1', subject: unknown = [{ name: 'x', digest: { sha256: ABOUT.digests.sha256 } }]): Record<string, unknown> {
  return { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate: { a: 1 } };
}

export interface BundleParts {
  readonly key?: KeyObject;
  readonly hash?: Hash;
  /** Default: a message about ARTIFACT. */
  readonly statement?: unknown;
  readonly payloadType?: string;
  readonly signer?: 'certificate' | 'key';
  readonly leaf?: LeafParts;
  /** Certificates beside the leaf. */
  readonly chain?: readonly Uint8Array[];
  /** Transparency logs with an entry each. */
  readonly logs?: readonly ('v1' | 'v2')[];
  readonly at?: Date;
  /** Times that the timestamp authority confirms. */
  readonly stamps?: readonly Date[];
  /** Of entries in logs, before they are logged. */
  readonly body?: (body: Body) => void;
  /** Of the finished bundle. */
  readonly change?: (bundle: BundleJson) => void;
}

type Hash = 'sha256' | 'sha384' | 'sha512';
export interface LeafParts extends Partial<Omit<CertificateParts, 'extensions'>> {
  /** In the place of the usual ones. */
  readonly extensions?: readonly Uint8Array[];
  readonly sct?: 'none' | 'good' | 'bad';
}
// oxlint-disable-next-line no-explicit-any
export type Body = any;
// oxlint-disable-next-line no-explicit-any
export type BundleJson = any;

/** Extensions of an honest leaf, by name, so that one can be left out or replaced. */
export const LEAF = {
  constraints: basicConstraints('leaf'),
  usage: keyUsage(['digitalSignature']),
  purpose: extendedKeyUsage(['codeSigning']),
  name: subjectAltName([['uri', SUBJECT]], 'critical'),
  issuer: extension('1.3.6.1.4.1.57264.1.8', utf8(ISSUER)),
  repository: extension('1.3.6.1.4.1.57264.1.12', utf8('https://acme.test/modules')),
};

/** A bundle in its JSON form: by default signed with a certificate, logged in the first generation's log. */
export function makeBundle(parts: BundleParts = {}): Buffer {
  return Buffer.from(JSON.stringify(bundleJson(parts)));
}

export function bundleJson(parts: BundleParts = {}): BundleJson {
  const { key = testKey('p256', 'signer'), hash = 'sha256', signer = 'certificate', logs = ['v1'], at = SIGNED_AT, stamps = [], chain = [] } = parts;
  const leaf = signer === 'certificate' ? makeLeaf(key, parts.leaf) : null;
  const content = signedContent(parts, key, hash);
  const entries = logs.map((log) => logEntry(log, { ...content, key, leaf, hash, at, change: parts.body ?? (() => undefined) }));
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      ...(leaf === null ? { publicKey: { hint: '' } } : chain.length === 0 ? { certificate: { rawBytes: base64(leaf) } } : { x509CertificateChain: { certificates: [leaf, ...chain].map((one) => ({ rawBytes: base64(one) })) } }),
      tlogEntries: entries,
      ...(stamps.length === 0 ? {} : { timestampVerificationData: { rfc3161Timestamps: stamps.map((time) => ({ signedTimestamp: base64(sequence(sequence(integer(0)), makeTimestamp(content.signature, { at: time, authority: timestampAuthority }))) })) } }),
    },
    ...content.json,
  };
  parts.change?.(bundle);
  return bundle;
}

/** A certificate for SUBJECT, for ten minutes around SIGNED_AT. */
export function makeLeaf(key: KeyObject, { sct = 'good', extensions = Object.values(LEAF), ...parts }: LeafParts = {}): Buffer {
  const all: CertificateParts = { subject: [], key, issuer: AUTHORITY, serial: 3, notBefore: new Date(SIGNED_AT.getTime() - 300_000), notAfter: new Date(SIGNED_AT.getTime() + 300_000), extensions, ...parts };
  if (sct === 'none') return Buffer.from(makeCertificateDer(all));
  const list = certificateTimestamps(CoreCertificate.parse(Buffer.from(makeCertificateDer(all))).tbsCertificate.toDER(), sct);
  return Buffer.from(makeCertificateDer({ ...all, extensions: [...extensions, extension('1.3.6.1.4.1.11129.2.4.2', octets(list))] }));
}

/** RFC 6962 3.2 and 3.3, one promise. */
function certificateTimestamps(tbs: Buffer, sct: 'good' | 'bad'): Uint8Array {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(SIGNED_AT.getTime()));
  const issuer = createHash('sha256').update(spki(AUTHORITY.key)).digest();
  const signed = concat([[0, 0], time, [0, 1], issuer, [tbs.length >> 16, (tbs.length >> 8) & 255, tbs.length & 255], tbs, [0, 0]]);
  const signature = sign('sha256', sct === 'good' ? signed : Buffer.concat([signed, Buffer.of(1)]), CERTIFICATE_LOG);
  const one = concat([[0], logId(CERTIFICATE_LOG), time, [0, 0, 4, 3], short(signature.length), signature]);
  return concat([short(one.length + 2), short(one.length), one]);
}

interface Content { readonly json: object; readonly signature: Buffer; readonly signed: Uint8Array; readonly payload: Buffer | null }

function signedContent({ statement: said, payloadType = 'application/vnd.in-toto+json' }: BundleParts, key: KeyObject, hash: Hash): Content {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : hash;
  if (said === undefined) {
    const signature = sign(algorithm, ARTIFACT, key);
    return { json: { messageSignature: { messageDigest: { algorithm: hash.replace('sha', 'SHA2_'), digest: hashOf(hash, ARTIFACT, 'base64') }, signature: base64(signature) } }, signature, signed: ARTIFACT, payload: null };
  }
  const payload = Buffer.from(typeof said === 'string' ? said : JSON.stringify(said));
  const signed = dsse.preAuthEncoding(payloadType, payload);
  const signature = sign(algorithm, signed, key);
  return { json: { dsseEnvelope: { payload: base64(payload), payloadType, signatures: [{ sig: base64(signature) }] } }, signature, signed, payload };
}

interface Logged extends Content { readonly key: KeyObject; readonly leaf: Buffer | null; readonly hash: Hash; readonly at: Date; readonly change: (body: Body) => void }

function logEntry(log: 'v1' | 'v2', logged: Logged): object {
  const body = log === 'v1' ? bodyOfFirst(logged) : bodyOfSecond(logged);
  logged.change(body);
  const canonical = Buffer.from(JSON.stringify(body));
  const root = createHash('sha256').update(Buffer.of(0)).update(canonical).digest();
  const key = LOGS[log];
  const note = `${ORIGINS[log]}\n1\n${base64(root)}\n`;
  const noted = sign(log === 'v1' ? 'sha256' : null, Buffer.from(note), key);
  const integratedTime = Math.floor(logged.at.getTime() / 1000);
  const promise = sign('sha256', Buffer.from(JSON.stringify({ body: base64(canonical), integratedTime, logID: logId(key).toString('hex'), logIndex: 0 })), LOGS.v1);
  return {
    logIndex: '0', logId: { keyId: base64(logId(key)) }, kindVersion: { kind: body.kind as string, version: body.apiVersion as string },
    ...(log === 'v1' ? { integratedTime: String(integratedTime), inclusionPromise: { signedEntryTimestamp: base64(promise) } } : {}),
    inclusionProof: { logIndex: '0', rootHash: base64(root), treeSize: '1', hashes: [], checkpoint: { envelope: `${note}\n\u2014 ${ORIGINS[log]} ${base64(Buffer.concat([logId(key).subarray(0, 4), noted]))}\n` } },
    canonicalizedBody: base64(canonical),
  };
}

function bodyOfFirst({ key, leaf, hash, signature, signed, payload }: Logged): Body {
  const pem = leaf ? new X509Certificate(leaf).toString() : createPublicKey(key).export({ type: 'spki', format: 'pem' });
  const signer = base64(Buffer.from(pem));
  if (payload) return { apiVersion: '0.0.1', kind: 'dsse', spec: { payloadHash: { algorithm: 'sha256', value: hashOf('sha256', payload) }, signatures: [{ signature: base64(signature), verifier: signer }] } };
  return { apiVersion: '0.0.1', kind: 'hashedrekord', spec: { data: { hash: { algorithm: hash, value: hashOf(hash, signed) } }, signature: { content: base64(signature), publicKey: { content: signer } } } };
}

function bodyOfSecond({ key, leaf, hash, signature, signed }: Logged): Body {
  const verifier = leaf ? { x509Certificate: { rawBytes: base64(leaf) } } : { publicKey: { rawBytes: base64(spki(key)) } };
  return { apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002: { data: { algorithm: hash.replace('sha', 'SHA2_'), digest: hashOf(hash, signed, 'base64') }, signature: { content: base64(signature), verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', ...verifier } } } } };
}

export function spki(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

export function utf8(text: string): Uint8Array {
  return der(0x0c, new TextEncoder().encode(text));
}

function logId(key: KeyObject): Buffer {
  return createHash('sha256').update(spki(key)).digest();
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function short(value: number): number[] {
  return [value >> 8, value & 255];
}
