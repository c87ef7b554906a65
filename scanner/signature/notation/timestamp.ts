import { constants, createHash, type KeyObject, verify } from 'node:crypto';
import { LIMITS } from '../../wasm/limits.ts';
import { type Certificate, pssHash, readCertificate, sameBytes, SHA2 } from './certificate.ts';
import { demandChain, demandValidity, isAnchored, isSelfSigned, issued, type Span } from './chain.ts';
import { algorithmOf, DER_TAGS, type Der, DerFields, oidOf, readDer, smallIntegerOf, timeOf } from './der.ts';
import { NotationFailure } from './failure.ts';

const ID = {
  signedData: '1.2.840.113549.1.7.2', timestampInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3', messageDigest: '1.2.840.113549.1.9.4', signingCertificate: '1.2.840.113549.1.9.16.2.47',
};

interface Token {
  /** TSTInfo as it was signed. */
  readonly content: Uint8Array;
  readonly certificates: readonly Certificate[];
  readonly signer: Signer;
}

interface Signer {
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  /** As a SET, which is what is signed (RFC 5652 5.4). */
  readonly attributes: Uint8Array;
  readonly values: ReadonlyMap<string, Der>;
  readonly algorithm: { readonly oid: string; readonly parameters: Der | null };
  readonly signature: Uint8Array;
  readonly id: Der;
}

/**
 * Verifies a timestamp token (RFC 3161, RFC 5652, RFC 5816) over `message` and returns the span in which it was made: its time, wider by its accuracy.
 * The authority must lead to one of `anchors` and have been valid then. Throws NotationFailure.
 */
export function verifyTimestamp(token: Uint8Array, message: Uint8Array, anchors: readonly Certificate[]): Span {
  const parsed = readToken(token);
  const span = readInfo(parsed.content, message);
  const leaf = signingCertificate(parsed);
  demandSignature(parsed, leaf.key);
  const chain = chainOf(leaf, parsed.certificates, anchors);
  try {
    demandChain(chain, 'timeStamping');
    demandValidity(chain, span);
  } catch (error) {
    if (error instanceof NotationFailure) throw new NotationFailure('timestamp-invalid', `The timestamp does not count: ${error.message}`);
    throw error;
  }
  return span;
}

function readToken(bytes: Uint8Array): Token {
  const outer = new DerFields(readDer(bytes));
  if (oidOf(outer.next(DER_TAGS.oid)) !== ID.signedData) throw bad('is no signed data');
  const data = new DerFields(readDer(outer.next(0xa0).content));
  outer.end();
  // Version 3 is what content of another type than plain data asks for (RFC 5652 5.1).
  if (smallIntegerOf(data.next(DER_TAGS.integer)) !== 3) throw bad('is of an unknown version');
  const digests = new DerFields(data.next(DER_TAGS.set), DER_TAGS.set).rest().map((one) => plainAlgorithm(one));
  const content = new DerFields(data.next(DER_TAGS.sequence));
  if (oidOf(content.next(DER_TAGS.oid)) !== ID.timestampInfo) throw bad('signs something else than a time');
  const info = readDer(content.next(0xa0).content);
  if (info.tag !== DER_TAGS.octets) throw bad('has no content');
  content.end();
  const certificates = readCertificates(data.optional(0xa0));
  data.optional(0xa1);
  const [signer, ...more] = new DerFields(data.next(DER_TAGS.set), DER_TAGS.set).rest();
  data.end();
  if (!signer || more.length > 0) throw bad('has not exactly one signer');
  return { content: info.content, certificates, signer: readSigner(signer, digests) };
}

function readCertificates(set: Der | null): readonly Certificate[] {
  const all = set ? new DerFields(set, 0xa0).rest() : [];
  if (all.length > LIMITS.notationCertificates) throw new NotationFailure('limit-exceeded', `The timestamp has more than ${LIMITS.notationCertificates} certificates`, 'error');
  return all.map(({ raw }) => readCertificate(raw));
}

function readSigner(value: Der, digests: readonly string[]): Signer {
  const fields = new DerFields(value);
  const version = smallIntegerOf(fields.next(DER_TAGS.integer));
  const id = fields.any();
  if (version !== (id.tag === 0x80 ? 3 : 1)) throw bad('has a signer of an unknown version');
  const digest = plainAlgorithm(fields.next(DER_TAGS.sequence));
  const hash = SHA2[digest];
  if (!hash || !digests.includes(digest)) throw bad('is made over a digest that is not of SHA-2 or not announced');
  const attributes = fields.next(0xa0);
  const algorithm = algorithmOf(fields.next(DER_TAGS.sequence));
  const signature = fields.next(DER_TAGS.octets).content;
  fields.optional(0xa1);
  fields.end();
  return { hash, id, attributes: Buffer.concat([Uint8Array.of(DER_TAGS.set), attributes.raw.subarray(1)]), values: readAttributes(attributes), algorithm, signature };
}

/** An algorithm without parameters, or with the empty ones that older encoders write. */
function plainAlgorithm(value: Der): string {
  const { oid, parameters } = algorithmOf(value);
  if (!isPlain(parameters)) throw bad('has parameters where there are none');
  return oid;
}

function isPlain(parameters: Der | null): boolean {
  return parameters === null || (parameters.tag === 0x05 && parameters.content.length === 0);
}

/** Attributes by type, each with its one value. */
function readAttributes(value: Der): ReadonlyMap<string, Der> {
  const values = new Map<string, Der>();
  for (const one of new DerFields(value, 0xa0).rest()) {
    const fields = new DerFields(one);
    const id = oidOf(fields.next(DER_TAGS.oid));
    const set = new DerFields(fields.next(DER_TAGS.set), DER_TAGS.set);
    if (values.has(id)) throw bad('repeats a signed attribute');
    values.set(id, set.any());
    if (Object.values(ID).includes(id)) set.end();
  }
  return values;
}

/** TSTInfo, RFC 3161 2.4.2: it must be over this message. */
function readInfo(content: Uint8Array, message: Uint8Array): Span {
  const fields = new DerFields(readDer(content));
  if (smallIntegerOf(fields.next(DER_TAGS.integer)) !== 1) throw bad('is of an unknown version');
  oidOf(fields.next(DER_TAGS.oid));
  const imprint = new DerFields(fields.next(DER_TAGS.sequence));
  const hash = SHA2[plainAlgorithm(imprint.next(DER_TAGS.sequence))];
  if (!hash || !sameBytes(createHash(hash).update(message).digest(), imprint.next(DER_TAGS.octets).content)) throw bad('is over another signature');
  imprint.end();
  fields.next(DER_TAGS.integer);
  const at = timeOf(fields.next(DER_TAGS.generalizedTime)).getTime();
  const accuracy = readAccuracy(fields.optional(DER_TAGS.sequence));
  return { from: new Date(at - accuracy), to: new Date(at + accuracy) };
}

/** In milliseconds, rounded up. */
function readAccuracy(value: Der | null): number {
  if (!value) return 0;
  const fields = new DerFields(value);
  const [seconds, millis, micros] = [fields.optional(DER_TAGS.integer), fields.optional(0x80), fields.optional(0x81)];
  fields.end();
  return (seconds ? smallIntegerOf(seconds) * 1000 : 0) + (millis ? smallIntegerOf(millis, 0x80) : 0) + (micros ? Math.ceil(smallIntegerOf(micros, 0x81) / 1000) : 0);
}

/** The certificate that the signed attributes name by its hash (RFC 5816), and that the signer is identified by. */
function signingCertificate({ signer, certificates }: Token): Certificate {
  const attribute = signer.values.get(ID.signingCertificate);
  if (!attribute) throw bad('does not name the certificate of its signer in its signed attributes');
  const [first] = new DerFields(new DerFields(attribute).next(DER_TAGS.sequence)).rest();
  if (!first) throw bad('does not name the certificate of its signer in its signed attributes');
  const named = new DerFields(first);
  const stated = named.optional(DER_TAGS.sequence);
  // The default is SHA-256.
  const hash = stated ? SHA2[plainAlgorithm(stated)] : 'sha256';
  const digest = named.next(DER_TAGS.octets).content;
  const found = hash && certificates.find(({ raw }) => sameBytes(createHash(hash).update(raw).digest(), digest));
  if (!found || !identifies(signer.id, found)) throw bad('does not hold the certificate of its signer');
  return found;
}

/** By issuer and serial number; by key identifier only the hash in the signed attributes says who it is. */
function identifies(id: Der, certificate: Certificate): boolean {
  if (id.tag === 0x80) return true;
  const fields = new DerFields(id);
  return sameBytes(fields.next(DER_TAGS.sequence).raw, certificate.issuerName) && sameBytes(fields.next(DER_TAGS.integer).content, certificate.serial);
}

function demandSignature({ signer, content }: Token, key: KeyObject): void {
  const { values, hash, attributes, signature } = signer;
  const type = values.get(ID.contentType);
  if (!type || oidOf(type) !== ID.timestampInfo) throw bad('signs something else than a time');
  const digest = values.get(ID.messageDigest);
  if (digest?.tag !== DER_TAGS.octets || !sameBytes(createHash(hash).update(content).digest(), digest.content)) throw bad('does not sign its own content');
  const scheme = schemeOf(signer, key);
  if (!scheme || !verify(scheme.hash, attributes, { key, ...scheme.padding }, signature)) throw bad('has a signature that does not hold');
}

interface Scheme {
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly padding: { readonly padding?: number; readonly saltLength?: number };
}

const RSA: Readonly<Record<string, Scheme['hash']>> = { '1.2.840.113549.1.1.11': 'sha256', '1.2.840.113549.1.1.12': 'sha384', '1.2.840.113549.1.1.13': 'sha512' };
const ECDSA: Readonly<Record<string, Scheme['hash']>> = { '1.2.840.10045.4.3.2': 'sha256', '1.2.840.10045.4.3.3': 'sha384', '1.2.840.10045.4.3.4': 'sha512' };

/** How the signature is made; null: not in a way that is accepted, or not with a key of this kind. */
function schemeOf({ algorithm, hash }: Signer, key: KeyObject): Scheme | null {
  const { oid, parameters } = algorithm;
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') {
    const known = oid === '1.2.840.10045.2.1' ? hash : ECDSA[oid];
    return known && parameters === null && ['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve) ? { hash: known, padding: {} } : null;
  }
  if (key.asymmetricKeyType !== 'rsa' || modulusLength < 2048) return null;
  const pss = oid === '1.2.840.113549.1.1.10' && parameters ? pssHash(parameters) : null;
  if (pss) return { hash: pss, padding: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } };
  const known = oid === '1.2.840.113549.1.1.1' ? hash : RSA[oid];
  return known && isPlain(parameters) ? { hash: known, padding: { padding: constants.RSA_PKCS1_PADDING } } : null;
}

/**
 * A chain from the leaf over certificates of the token to one of the anchors. Tokens hold certificates in no order; the search tries a
 * bounded number of signatures. Throws NotationFailure.
 */
function chainOf(leaf: Certificate, certificates: readonly Certificate[], anchors: readonly Certificate[]): readonly Certificate[] {
  const candidates = [...anchors, ...certificates];
  const paths: (readonly Certificate[])[] = [[leaf]];
  let steps = 0;
  for (let path = paths.pop(); path; path = paths.pop()) {
    const last = path.at(-1)!;
    if (isAnchored(path, anchors) && (path.length > 1 || isSelfSigned(last))) return path;
    for (const issuer of candidates) {
      if (!sameBytes(issuer.subjectName, last.issuerName) || path.some(({ raw }) => sameBytes(raw, issuer.raw))) continue;
      if (steps++ > LIMITS.notationChainSteps) throw new NotationFailure('limit-exceeded', 'The certificates of the timestamp fit together in too many ways', 'error');
      if (issued(issuer, last)) paths.push([...path, issuer]);
    }
  }
  throw new NotationFailure('timestamp-untrusted', 'The timestamp is not by an authority that the policy names', 'untrusted');
}

function bad(what: string): NotationFailure {
  return new NotationFailure('timestamp-invalid', `The timestamp ${what}`);
}
