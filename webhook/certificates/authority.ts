// The certificate library asks for the metadata methods of Reflect when it is loaded, so this line stands first.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, type Extension, KeyUsageFlags, KeyUsagesExtension,
  SubjectAlternativeNameExtension, SubjectKeyIdentifierExtension, X509Certificate, X509CertificateGenerator,
} from '@peculiar/x509';
import { createPrivateKey, KeyObject, randomBytes, webcrypto } from 'node:crypto';
import type { ServingPair } from '../serving-pair.ts';

/** A certificate authority: its certificate and private key (PKCS #8), in PEM. */
export interface Authority {
  readonly certificate: string;
  readonly key: string;
}

/** Milliseconds. Certificates begin a day early: the clocks of the leader and of an API server may differ by hours. */
export const LIFETIME = { authority: 365 * 86_400_000, serving: 30 * 86_400_000, early: 86_400_000 } as const;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** A new authority that may sign servers and nothing below them. `now`: milliseconds since the epoch. Its name is unique, so that two of them stand in one bundle without doubt. */
export async function createAuthority(now: number): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [`wasmgate webhook CA ${randomBytes(8).toString('hex')}`] }],
    serialNumber: serial(),
    ...validity(now, now + LIFETIME.authority),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemOf(certificate), key: pemOfKey(keys.privateKey) };
}

/** A pair for a TLS server, signed by `authority`; it never outlives it. `names`: DNS names, the first is its subject. Throws where the authority cannot be read. */
export async function issueServing(authority: Authority, names: readonly string[], now: number): Promise<ServingPair> {
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', createPrivateKey(authority.key).export({ type: 'pkcs8', format: 'der' }), ALGORITHM, false, ['sign']);
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [names[0] ?? 'wasmgate'] }],
    issuer: issuer.subjectName,
    serialNumber: serial(),
    ...validity(now, Math.min(now + LIFETIME.serving, issuer.notAfter.getTime())),
    signingAlgorithm: SIGNING,
    publicKey: keys.publicKey,
    signingKey,
    extensions: await servingExtensions(keys, issuer, names),
  });
  return { certificate: pemOf(certificate), key: pemOfKey(keys.privateKey) };
}

async function servingExtensions(keys: webcrypto.CryptoKeyPair, issuer: X509Certificate, names: readonly string[]): Promise<Extension[]> {
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
    await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
  ];
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** 16 random bytes, positive and without a leading zero (RFC 5280, section 4.1.2.2). */
function serial(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40, 0);
  return bytes.toString('hex');
}

/** Whole seconds: a certificate holds no more. */
function validity(now: number, end: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(Math.floor((now - LIFETIME.early) / 1_000) * 1_000), notAfter: new Date(Math.floor(end / 1_000) * 1_000) };
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`;
}

function pemOfKey(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}
