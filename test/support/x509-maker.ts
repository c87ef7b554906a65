import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { concat } from './bytes.ts';

export type KeyKind = 'rsa-1024' | 'rsa-2048' | 'rsa-3072' | 'rsa-4096' | 'p256' | 'p384' | 'p521' | 'secp256k1' | 'ed25519';
/** Attributes of a name in their order, one per set: `[['C', 'DE'], ['O', 'acme']]`; further OIDs as numbers with dots. */
export type Name = readonly (readonly [type: string, value: string])[];

export interface CertificateParts {
  readonly subject: Name;
  /** Private key of the subject; its public half is certified. */
  readonly key: KeyObject;
  /** Who signs; without: self-signed. */
  readonly issuer?: { readonly subject: Name; readonly key: KeyObject };
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly serial?: number;
  /** Extensions in their order, see the makers below. */
  readonly extensions?: readonly Uint8Array[];
  /** Digest of the signature; default: by the key of the issuer. */
  readonly hash?: 'sha1' | 'sha256' | 'sha384' | 'sha512';
}

const NAME_OIDS: Record<string, string> = { CN: '2.5.4.3', SN: '2.5.4.4', serialNumber: '2.5.4.5', C: '2.5.4.6', L: '2.5.4.7', ST: '2.5.4.8', STREET: '2.5.4.9', O: '2.5.4.10', OU: '2.5.4.11', DC: '0.9.2342.19200300.100.1.25' };
const HASH_OF_KEY: Record<string, 'sha256' | 'sha384' | 'sha512'> = { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512', secp256k1: 'sha256' };
const ECDSA_OIDS = { sha1: '1.2.840.10045.4.1', sha256: '1.2.840.10045.4.3.2', sha384: '1.2.840.10045.4.3.3', sha512: '1.2.840.10045.4.3.4' };
const RSA_OIDS = { sha1: '1.2.840.113549.1.1.5', sha256: '1.2.840.113549.1.1.11', sha384: '1.2.840.113549.1.1.12', sha512: '1.2.840.113549.1.1.13' };

const kept = new Map<string, KeyObject>();

/** A private key of a kind; the same one for the same kind and name, because RSA keys take long to make. */
export function testKey(kind: KeyKind, name = ''): KeyObject {
  const id = `${kind} ${name}`;
  const key = kept.get(id) ?? makeKey(kind);
  kept.set(id, key);
  return key;
}

function makeKey(kind: KeyKind): KeyObject {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519').privateKey;
  const [, bits] = /^rsa-(\d+)$/.exec(kind) ?? [];
  if (bits) return generateKeyPairSync('rsa', { modulusLength: Number(bits) }).privateKey;
  return generateKeyPairSync('ec', { namedCurve: { p256: 'P-256', p384: 'P-384', p521: 'P-521', secp256k1: 'secp256k1' }[kind as 'p256'] }).privateKey;
}

/** An X.509 certificate as DER, RFC 5280, signed for real. */
export function makeCertificateDer(parts: CertificateParts): Uint8Array {
  const issuer = parts.issuer ?? { subject: parts.subject, key: parts.key };
  const { algorithm, hash } = certificateAlgorithm(issuer.key, parts.hash);
  const tbs = sequence(
    tagged(0xa0, integer(2)),
    integer(parts.serial ?? 1),
    algorithm,
    nameDer(issuer.subject),
    sequence(time(parts.notBefore ?? new Date('2026-01-01T00:00:00Z')), time(parts.notAfter ?? new Date('2027-01-01T00:00:00Z'))),
    nameDer(parts.subject),
    createPublicKey(parts.key).export({ type: 'spki', format: 'der' }),
    ...(parts.extensions?.length ? [tagged(0xa3, sequence(...parts.extensions))] : []),
  );
  return sequence(tbs, algorithm, bitString(sign(hash, tbs, issuer.key)));
}

/** The same as Node reads it. */
export function makeCertificate(parts: CertificateParts): X509Certificate {
  return new X509Certificate(makeCertificateDer(parts));
}

/** AlgorithmIdentifier of signatures by this key, and the digest to sign with; null for Ed25519. */
export function certificateAlgorithm(key: KeyObject, wanted?: CertificateParts['hash']): { readonly algorithm: Uint8Array; readonly hash: string | null } {
  if (key.asymmetricKeyType === 'ed25519') return { algorithm: sequence(oid('1.3.101.112')), hash: null };
  if (key.asymmetricKeyType === 'rsa') return { algorithm: sequence(oid(RSA_OIDS[wanted ?? 'sha256']), NULL), hash: wanted ?? 'sha256' };
  const hash = wanted ?? HASH_OF_KEY[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'sha256';
  return { algorithm: sequence(oid(ECDSA_OIDS[hash])), hash };
}

export function nameDer(name: Name): Uint8Array {
  return sequence(...name.map(([type, value]) => set(sequence(oid(NAME_OIDS[type] ?? type), type === 'C' ? der(0x13, text(value)) : der(0x0c, text(value))))));
}

export const NULL = Uint8Array.of(5, 0);
const TRUE = Uint8Array.of(1, 1, 0xff);

/** Any extension; `critical` writes the flag. */
export function extension(id: string, value: Uint8Array, critical: 'critical' | '' = ''): Uint8Array {
  return sequence(oid(id), ...(critical ? [TRUE] : []), octets(value));
}

/** basicConstraints, critical. */
export function basicConstraints(ca: 'ca' | 'leaf', pathLength: number | null = null): Uint8Array {
  return extension('2.5.29.19', sequence(...(ca === 'ca' ? [TRUE] : []), ...(pathLength === null ? [] : [integer(pathLength)])), 'critical');
}

const USAGE_BITS = ['digitalSignature', 'contentCommitment', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly'] as const;

export function keyUsage(usages: readonly (typeof USAGE_BITS)[number][], critical: 'critical' | '' = 'critical'): Uint8Array {
  const bits = USAGE_BITS.map((usage) => usages.includes(usage));
  const used = bits.lastIndexOf(true) + 1;
  const bytes = new Uint8Array(Math.ceil(used / 8));
  for (const [bit, on] of bits.entries()) if (on) bytes[bit >> 3]! |= 0x80 >> (bit & 7);
  return extension('2.5.29.15', der(3, concat([[(8 - (used & 7)) & 7], bytes])), critical);
}

export const EKU = { any: '2.5.29.37.0', serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2', codeSigning: '1.3.6.1.5.5.7.3.3', emailProtection: '1.3.6.1.5.5.7.3.4', timeStamping: '1.3.6.1.5.5.7.3.8' };

export function extendedKeyUsage(usages: readonly (keyof typeof EKU)[], critical: 'critical' | '' = ''): Uint8Array {
  return extension('2.5.29.37', sequence(...usages.map((usage) => oid(EKU[usage]))), critical);
}

/** subjectAltName: `['uri', ...]`, `['email', ...]` or `['dns', ...]`. */
export function subjectAltName(names: readonly (readonly ['uri' | 'email' | 'dns', string])[], critical: 'critical' | '' = ''): Uint8Array {
  return extension('2.5.29.17', sequence(...names.map(([kind, value]) => der({ uri: 0x86, email: 0x81, dns: 0x82 }[kind], text(value)))), critical);
}

/** A value of DER: tag, shortest length, content. */
export function der(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  if (length < 128) return concat([[tag, length], content]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest & 0xff);
  return concat([[tag, 0x80 | bytes.length, ...bytes], content]);
}

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return der(0x30, concat(parts));
}

/** A SET OF in the order of DER. */
export function set(...parts: readonly Uint8Array[]): Uint8Array {
  return der(0x31, concat(parts.toSorted((a, b) => Buffer.compare(a, b))));
}

/** Explicitly tagged: `tagged(0xa0, ...)`. */
export function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return der(tag, concat(parts));
}

export function octets(content: Uint8Array): Uint8Array {
  return der(4, content);
}

export function bitString(content: Uint8Array): Uint8Array {
  return der(3, concat([[0], content]));
}

export function integer(value: number | bigint): Uint8Array {
  let hex = value.toString(16);
  if (hex.length % 2) hex = `0${hex}`;
  if (Number.parseInt(hex.slice(0, 2), 16) >= 0x80) hex = `00${hex}`;
  return der(2, Buffer.from(hex, 'hex'));
}

export function oid(id: string): Uint8Array {
  const [first, second, ...rest] = id.split('.').map(Number);
  const arcs = [first! * 40 + second!, ...rest];
  return der(6, concat(arcs.map((arc) => base128(arc))));
}

function base128(arc: number): number[] {
  const out = [arc & 0x7f];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) out.unshift((rest & 0x7f) | 0x80);
  return out;
}

/** UTCTime up to 2049, GeneralizedTime after, as RFC 5280 4.1.2.5 asks. */
export function time(at: Date): Uint8Array {
  const digits = at.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '');
  return at.getUTCFullYear() < 2050 ? der(0x17, text(digits.slice(2))) : der(0x18, text(digits));
}

export function generalizedTime(at: Date): Uint8Array {
  return der(0x18, text(at.toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '')));
}

export function digestOf(hash: string, bytes: Uint8Array): Uint8Array {
  return createHash(hash).update(bytes).digest();
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
