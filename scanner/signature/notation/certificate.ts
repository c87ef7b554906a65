import { type KeyObject, X509Certificate } from 'node:crypto';
import { algorithmOf, booleanOf, DER_TAGS, type Der, DerFields, oidOf, readDer, smallIntegerOf, bitsOf, timeOf } from './der.ts';
import { NotationFailure } from './failure.ts';
import { type NameAttribute, readName } from './name.ts';

/** What this folder reads in an X.509 certificate, RFC 5280, from its bytes and not from text made of them. */
export interface Certificate {
  readonly raw: Uint8Array;
  readonly key: KeyObject;
  /** Whether a key has signed it. */
  readonly signedBy: (key: KeyObject) => boolean;
  /** Signed over SHA-2; older digests can be forged. */
  readonly soundDigest: boolean;
  readonly serial: Uint8Array;
  /** Bytes of the names, for comparison. */
  readonly issuerName: Uint8Array;
  readonly subjectName: Uint8Array;
  readonly issuer: readonly NameAttribute[];
  readonly subject: readonly NameAttribute[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** null: without basicConstraints. */
  readonly constraints: { readonly ca: boolean; readonly pathLength: number | null; readonly critical: boolean } | null;
  /** Bit numbers of RFC 5280 4.2.1.3. */
  readonly keyUsage: { readonly bits: ReadonlySet<number>; readonly critical: boolean } | null;
  readonly extendedKeyUsage: { readonly purposes: ReadonlySet<string>; readonly critical: boolean } | null;
}

interface Extension {
  readonly critical: boolean;
  readonly value: Uint8Array;
}

const ID = { constraints: '2.5.29.19', keyUsage: '2.5.29.15', extendedKeyUsage: '2.5.29.37', nameConstraints: '2.5.29.30' };
/** Critical extensions that are understood, or say nothing about who may sign what: alternative names, policies. */
const UNDERSTOOD = new Set([ID.constraints, ID.keyUsage, ID.extendedKeyUsage, '2.5.29.17', '2.5.29.18', '2.5.29.32']);

/** Reads the DER of a certificate. Throws NotationFailure. */
export function readCertificate(raw: Uint8Array): Certificate {
  const outer = new DerFields(readDer(raw));
  const tbs = new DerFields(outer.next(DER_TAGS.sequence));
  const algorithm = outer.next(DER_TAGS.sequence);
  if (smallIntegerOf(readDer(tbs.next(0xa0).content)) !== 2) throw malformed('is not of version 3');
  const serial = tbs.next(DER_TAGS.integer).content;
  tbs.next(DER_TAGS.sequence);
  const issuer = tbs.next(DER_TAGS.sequence);
  const validity = new DerFields(tbs.next(DER_TAGS.sequence));
  const [notBefore, notAfter] = [timeOf(validity.any()), timeOf(validity.any())];
  const subject = tbs.next(DER_TAGS.sequence);
  tbs.next(DER_TAGS.sequence);
  tbs.optional(0x81);
  tbs.optional(0x82);
  const extensions = readExtensions(tbs.optional(0xa3));
  tbs.end();
  return {
    raw, ...readKey(raw), serial, notBefore, notAfter, ...readUses(extensions), soundDigest: isSound(algorithm),
    issuerName: issuer.raw, subjectName: subject.raw, issuer: readName(issuer), subject: readName(subject),
  };
}

/** Purposes of keys, RFC 5280 4.2.1.12. */
export const PURPOSES = { any: '2.5.29.37.0', codeSigning: '1.3.6.1.5.5.7.3.3', timeStamping: '1.3.6.1.5.5.7.3.8' } as const;

/** Whether two runs of bytes are the same. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function readKey(raw: Uint8Array): { readonly key: KeyObject; readonly signedBy: (key: KeyObject) => boolean } {
  try {
    const certificate = new X509Certificate(raw);
    if (!sameBytes(certificate.raw, raw)) throw malformed('is not written in DER');
    return { key: certificate.publicKey, signedBy: (key) => verifies(certificate, key) };
  } catch (error) {
    if (error instanceof NotationFailure) throw error;
    throw malformed('cannot be read');
  }
}

function verifies(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.verify(key);
  } catch {
    // A key of another kind than the signature's throws.
    return false;
  }
}

function readExtensions(value: Der | null): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>();
  if (!value) return extensions;
  for (const one of new DerFields(readDer(value.content)).rest()) {
    const fields = new DerFields(one);
    const id = oidOf(fields.next(DER_TAGS.oid));
    const flag = fields.optional(DER_TAGS.boolean);
    const critical = flag !== null && booleanOf(flag);
    if (extensions.has(id)) throw malformed(`has extension ${id} twice`);
    if (critical && !UNDERSTOOD.has(id)) throw malformed(`has extension ${id}, which is critical and not understood`);
    // Not always marked critical, though it must be: passing over it would widen what the issuer may do.
    if (id === ID.nameConstraints) throw malformed('constrains names, which is not supported');
    extensions.set(id, { critical, value: fields.next(DER_TAGS.octets).content });
    fields.end();
  }
  return extensions;
}

function readUses(extensions: ReadonlyMap<string, Extension>): Pick<Certificate, 'constraints' | 'keyUsage' | 'extendedKeyUsage'> {
  const [constraints, usage, purposes] = [extensions.get(ID.constraints), extensions.get(ID.keyUsage), extensions.get(ID.extendedKeyUsage)];
  return {
    constraints: constraints ? { ...readConstraints(constraints.value), critical: constraints.critical } : null,
    keyUsage: usage ? { bits: bitsOf(readDer(usage.value)), critical: usage.critical } : null,
    extendedKeyUsage: purposes ? { purposes: new Set(new DerFields(readDer(purposes.value)).rest().map(oidOf)), critical: purposes.critical } : null,
  };
}

function readConstraints(value: Uint8Array): { readonly ca: boolean; readonly pathLength: number | null } {
  const fields = new DerFields(readDer(value));
  const flag = fields.optional(DER_TAGS.boolean);
  const length = fields.optional(DER_TAGS.integer);
  fields.end();
  return { ca: flag !== null && booleanOf(flag), pathLength: length ? smallIntegerOf(length) : null };
}

const SOUND = new Set([
  '1.2.840.113549.1.1.11', '1.2.840.113549.1.1.12', '1.2.840.113549.1.1.13',
  '1.2.840.10045.4.3.2', '1.2.840.10045.4.3.3', '1.2.840.10045.4.3.4',
]);
const RSA_PSS = '1.2.840.113549.1.1.10';

/** SHA-256, SHA-384 or SHA-512, by object identifier. */
export const SHA2: Readonly<Record<string, 'sha256' | 'sha384' | 'sha512'>> = { '2.16.840.1.101.3.4.2.1': 'sha256', '2.16.840.1.101.3.4.2.2': 'sha384', '2.16.840.1.101.3.4.2.3': 'sha512' };

function isSound(value: Der): boolean {
  const { oid, parameters } = algorithmOf(value);
  return SOUND.has(oid) || (oid === RSA_PSS && parameters !== null && pssHash(parameters) !== null);
}

/** The digest that parameters of RSASSA-PSS (RFC 4055 3.1) state; null: none of SHA-2. The default is SHA-1. */
export function pssHash(parameters: Der): 'sha256' | 'sha384' | 'sha512' | null {
  const stated = new DerFields(parameters).optional(0xa0);
  return stated ? SHA2[algorithmOf(readDer(stated.content)).oid] ?? null : null;
}

function malformed(what: string): NotationFailure {
  return new NotationFailure('chain-invalid', `A certificate ${what}`);
}
