import { constants, createHash, type KeyObject, sign, X509Certificate } from 'node:crypto';
import type { Authority } from '../../scanner/signature/authority.ts';
import type { Candidate, SignedThing } from '../../scanner/signature/subject.ts';
import { concat } from './bytes.ts';
import {
  basicConstraints, certificateAlgorithm, type CertificateParts, der, digestOf, extendedKeyUsage, generalizedTime, integer, type KeyKind, keyUsage, makeCertificateDer,
  type Name, nameDer, octets, oid, NULL, sequence, set, tagged, testKey,
} from './x509-maker.ts';

/** A signer with the certificates that lead from it to its root. */
export interface Signer {
  readonly key: KeyObject;
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  readonly root: X509Certificate;
  /** Name in the issuer field of the leaf, and its serial number, as a timestamp names them. */
  readonly issuer: Name;
}

export interface SignerParts {
  readonly kind?: KeyKind;
  /** What differs from an honest certificate. */
  readonly leaf?: Partial<CertificateParts>;
  readonly intermediate?: Partial<CertificateParts>;
  readonly root?: Partial<CertificateParts>;
  readonly purpose?: 'codeSigning' | 'timeStamping';
}

export const LEAF_NAME: Name = [['C', 'DE'], ['ST', 'Berlin'], ['O', 'acme'], ['CN', 'acme signer']];
const ROOT_NAME: Name = [['C', 'DE'], ['O', 'acme'], ['CN', 'acme root']];
const INTERMEDIATE_NAME: Name = [['C', 'DE'], ['O', 'acme'], ['CN', 'acme issuing']];

const kept = new Map<string, Uint8Array>();

/** Honest certificates are made once: each signature differs, and a root is known by its bytes. */
function once(id: string | null, make: () => Uint8Array): Uint8Array {
  if (id === null) return make();
  const made = kept.get(id) ?? make();
  kept.set(id, made);
  return made;
}

/** Leaf, intermediate and root, honest but for what is said. */
export function makeSigner({ kind = 'p256', leaf, intermediate, root, purpose = 'codeSigning' }: SignerParts = {}): Signer {
  const keys = { leaf: testKey(kind, `leaf ${purpose}`), intermediate: testKey('p256', `intermediate ${purpose}`), root: testKey('p384', `root ${purpose}`) };
  const authority = [keyUsage(['keyCertSign', 'cRLSign'])];
  const rootDer = once(root ? null : `root ${purpose}`, () => makeCertificateDer({ subject: ROOT_NAME, key: keys.root, extensions: [basicConstraints('ca'), ...authority], ...root }));
  const intermediateDer = once(intermediate ? null : `intermediate ${purpose}`, () => makeCertificateDer({ subject: INTERMEDIATE_NAME, key: keys.intermediate, issuer: { subject: ROOT_NAME, key: keys.root }, extensions: [basicConstraints('ca', 0), ...authority], serial: 2, ...intermediate }));
  const leafExtensions = [keyUsage(['digitalSignature']), extendedKeyUsage([purpose], purpose === 'timeStamping' ? 'critical' : '')];
  const leafDer = once(leaf ? null : `leaf ${purpose} ${kind}`, () => makeCertificateDer({ subject: LEAF_NAME, key: keys.leaf, issuer: { subject: INTERMEDIATE_NAME, key: keys.intermediate }, extensions: leafExtensions, serial: 3, ...leaf }));
  return { key: keys.leaf, chain: [leafDer, intermediateDer, rootDer], root: new X509Certificate(rootDer), issuer: INTERMEDIATE_NAME };
}

/** A signer whose one certificate signed itself. */
export function makeSelfSigned(kind: KeyKind = 'p256', leaf: Partial<CertificateParts> = {}): Signer {
  const key = testKey(kind, 'self-signed');
  const chain = [once(Object.keys(leaf).length > 0 ? null : `self-signed ${kind}`, () => makeCertificateDer({ subject: LEAF_NAME, key, extensions: [keyUsage(['digitalSignature']), extendedKeyUsage(['codeSigning'])], ...leaf }))];
  return { key, chain, root: new X509Certificate(chain[0]!), issuer: LEAF_NAME };
}

export const MANIFEST = new TextEncoder().encode('{"schemaVersion":2}');
/** A manifest as it is known to whoever verifies. */
export const ABOUT: SignedThing = {
  kind: 'manifest', digests: { sha256: createHash('sha256').update(MANIFEST).digest('hex') }, bytes: MANIFEST, mediaType: 'application/vnd.oci.image.manifest.v1+json', size: MANIFEST.length,
};
export const TARGET = { mediaType: ABOUT.mediaType, digest: `sha256:${ABOUT.digests.sha256}`, size: MANIFEST.length };

/** A value of a header; dates are written as the envelope writes times. */
export type HeaderValue = string | number | boolean | null | Date | Uint8Array | readonly HeaderValue[];
export type Headers = Readonly<Record<string, HeaderValue>>;

export interface EnvelopeParts {
  readonly signer?: Signer;
  /** Changes to the protected header; undefined takes one away. COSE writes `alg`, `crit` and `cty` as the labels 1, 2, 3. */
  readonly header?: Readonly<Record<string, HeaderValue | undefined>>;
  readonly unprotected?: Readonly<Record<string, HeaderValue | undefined>>;
  /** Stands in for the whole payload. */
  readonly payload?: Uint8Array;
  /** Changes to the target artifact. */
  readonly target?: Readonly<Record<string, unknown>>;
  readonly timestamp?: (signature: Uint8Array) => Uint8Array;
  readonly sign?: (message: Uint8Array) => Uint8Array;
}

const JWS_BY_KEY: Record<string, string> = { '2048': 'PS256', '3072': 'PS384', '4096': 'PS512', prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };
const COSE_NUMBERS: Record<string, number> = { PS256: -37, PS384: -38, PS512: -39, ES256: -7, ES384: -35, ES512: -36, EdDSA: -8 };

/** A flattened JWS. */
export function makeJws(parts: EnvelopeParts = {}): Uint8Array {
  const { signer, header, payload } = common(parts);
  const encodedHeader = base64Url(new TextEncoder().encode(JSON.stringify(header, (_key, value: unknown) => value)));
  const encodedPayload = base64Url(payload);
  const signature = signWith(parts, signer.key, new TextEncoder().encode(`${encodedHeader}.${encodedPayload}`));
  const unprotected = cleaned({ x5c: signer.chain.map(base64), ...stamp(parts, signature, base64), 'io.cncf.notary.signingAgent': 'acme/1', ...parts.unprotected });
  return new TextEncoder().encode(JSON.stringify({ payload: encodedPayload, protected: encodedHeader, header: unprotected, signature: base64Url(signature) }));
}

/** A COSE_Sign1 with its tag. */
export function makeCose(parts: EnvelopeParts = {}): Uint8Array {
  const { signer, header, payload } = common(parts);
  const labels: Record<string, number> = { alg: 1, crit: 2, cty: 3 };
  const encodedHeader = cbor(new Map(Object.entries(header).map(([name, value]) => [labels[name] ?? name, name === 'alg' && typeof value === 'string' ? COSE_NUMBERS[value] ?? value : value])));
  const message = cbor(['Signature1', encodedHeader, new Uint8Array(0), payload]);
  const signature = signWith(parts, signer.key, message);
  const unprotected = cleaned({ x5chain: signer.chain, ...stamp(parts, signature, (bytes) => bytes), 'io.cncf.notary.signingAgent': 'acme/1', ...parts.unprotected });
  const map = new Map(Object.entries(unprotected).map(([name, value]) => [name === 'x5chain' ? 33 : name, value]));
  return concat([[0xd2], cbor([encodedHeader, map, payload, signature])]);
}

export const MAKERS = { 'notation-jws': makeJws, 'notation-cose': makeCose } as const;
export type NotationForm = keyof typeof MAKERS;

export function candidateOf(form: NotationForm, envelope: Uint8Array, about: SignedThing = ABOUT): Candidate {
  return { form, envelope, about, where: 'sha256:referrer' };
}

/** An authority that trusts the given signers. */
export function authorityOf(signers: readonly Signer[], more: Partial<Extract<Authority, { kind: 'notation' }>> = {}): Authority {
  return { name: 'notary', kind: 'notation', authorities: signers.map(({ root }) => root), timestampAuthorities: [], identities: ['x509.subject: C=DE, ST=Berlin, O=acme'], level: 'strict', ...more };
}

function common(parts: EnvelopeParts): { readonly signer: Signer; readonly header: Headers; readonly payload: Uint8Array } {
  const signer = parts.signer ?? makeSigner();
  const { modulusLength, namedCurve } = signer.key.asymmetricKeyDetails ?? {};
  const header = cleaned({
    alg: JWS_BY_KEY[String(modulusLength ?? namedCurve)] ?? 'EdDSA', cty: 'application/vnd.cncf.notary.payload.v1+json', crit: ['io.cncf.notary.signingScheme'],
    'io.cncf.notary.signingScheme': 'notary.x509', 'io.cncf.notary.signingTime': new Date('2026-05-01T00:00:00Z'), ...parts.header,
  });
  return { signer, header, payload: parts.payload ?? new TextEncoder().encode(JSON.stringify({ targetArtifact: { ...TARGET, ...parts.target } })) };
}

function cleaned(headers: Readonly<Record<string, HeaderValue | undefined>>): Headers {
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, HeaderValue] => entry[1] !== undefined));
}

function stamp({ timestamp }: EnvelopeParts, signature: Uint8Array, encode: (bytes: Uint8Array) => HeaderValue): Headers {
  return timestamp ? { 'io.cncf.notary.timestampSignature': encode(timestamp(signature)) } : {};
}

function signWith(parts: EnvelopeParts, key: KeyObject, message: Uint8Array): Uint8Array {
  if (parts.sign) return parts.sign(message);
  if (key.asymmetricKeyType === 'ed25519') return sign(null, message, key);
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const hash = { '3072': 'sha384', '4096': 'sha512', secp384r1: 'sha384', secp521r1: 'sha512' }[String(modulusLength ?? namedCurve)] ?? 'sha256';
  return namedCurve ? sign(hash, message, { key, dsaEncoding: 'ieee-p1363' }) : sign(hash, message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
}

export interface TimestampParts {
  readonly authority?: Signer;
  readonly at?: Date;
  readonly hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  /** Certificates in the token; default: those of the authority but the root. */
  readonly certificates?: readonly Uint8Array[];
  /** In seconds. */
  readonly accuracy?: number;
  /** Certificate named in the signed attributes; null: none. */
  readonly named?: Uint8Array | null;
  readonly contentType?: string;
  /** Signed in the place of the content's digest. */
  readonly digest?: Uint8Array;
}

const HASH_OIDS = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1', sha384: '2.16.840.1.101.3.4.2.2', sha512: '2.16.840.1.101.3.4.2.3' };
const TST_INFO = '1.2.840.113549.1.9.16.1.4';

/** A timestamp token over a message, RFC 3161 2.4.2, signed over SHA-256. */
export function makeTimestamp(message: Uint8Array, parts: TimestampParts = {}): Uint8Array {
  const { authority = makeSigner({ purpose: 'timeStamping' }), at = new Date('2026-05-01T00:00:00Z'), hash = 'sha256' } = parts;
  const info = sequence(
    integer(1), oid('1.2.3.4'), sequence(sequence(oid(HASH_OIDS[hash]), NULL), octets(digestOf(hash, message))), integer(77), generalizedTime(at),
    ...(parts.accuracy === undefined ? [] : [sequence(integer(parts.accuracy))]),
  );
  const named = parts.named === undefined ? authority.chain[0]! : parts.named;
  const attributes = set(
    sequence(oid('1.2.840.113549.1.9.3'), set(oid(parts.contentType ?? TST_INFO))),
    sequence(oid('1.2.840.113549.1.9.4'), set(octets(parts.digest ?? digestOf('sha256', info)))),
    ...(named ? [sequence(oid('1.2.840.113549.1.9.16.2.47'), set(sequence(sequence(sequence(octets(digestOf('sha256', named)))))))] : []),
  );
  const digestAlgorithm = sequence(oid(HASH_OIDS.sha256), NULL);
  const signer = sequence(
    integer(1), sequence(nameDer(authority.issuer), integer(authority.chain.length > 1 ? 3 : 1)), digestAlgorithm, tagged(0xa0, attributes.subarray(attributes.length < 130 ? 2 : attributes.length < 259 ? 3 : 4)),
    certificateAlgorithm(authority.key, 'sha256').algorithm, octets(sign('sha256', attributes, authority.key)),
  );
  const certificates = parts.certificates ?? authority.chain.slice(0, Math.max(1, authority.chain.length - 1));
  const data = sequence(integer(3), set(digestAlgorithm), sequence(oid(TST_INFO), tagged(0xa0, octets(info))), der(0xa0, concat(certificates)), set(signer));
  return sequence(oid('1.2.840.113549.1.7.2'), tagged(0xa0, data));
}

/** CBOR in its shortest form; dates as tag 1. */
export function cbor(value: HeaderValue | ReadonlyMap<number | string, HeaderValue> | readonly unknown[]): Uint8Array {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === 'string') return concat([head(3, new TextEncoder().encode(value).length), new TextEncoder().encode(value)]);
  if (value instanceof Date) return concat([[0xc1], head(0, Math.floor(value.getTime() / 1000))]);
  if (value instanceof Uint8Array) return concat([head(2, value.length), value]);
  if (value instanceof Map) return concat([head(5, value.size), ...[...(value as ReadonlyMap<number | string, HeaderValue>)].flatMap(([key, one]) => [cbor(key), cbor(one)])]);
  const items = value as readonly HeaderValue[];
  return concat([head(4, items.length), ...items.map(cbor)]);
}

function head(major: number, argument: number): Uint8Array {
  const type = major << 5;
  if (argument < 24) return Uint8Array.of(type | argument);
  if (argument < 0x100) return Uint8Array.of(type | 24, argument);
  if (argument < 0x10000) return Uint8Array.of(type | 25, argument >> 8, argument & 0xff);
  return Uint8Array.of(type | 26, Math.floor(argument / 0x1000000), (argument >> 16) & 0xff, (argument >> 8) & 0xff, argument & 0xff);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
