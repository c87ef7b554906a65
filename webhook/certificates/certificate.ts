import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ServingPair } from '../serving-pair.ts';
import type { Authority } from './authority.ts';

/** A certificate that could be read. */
export interface Certificate {
  /** PEM of this one certificate, as written by us. */
  readonly pem: string;
  /** SHA-256 of its bytes; equal certificates have equal ones. */
  readonly fingerprint: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly parsed: X509Certificate;
}

/** Bounds of a bundle that somebody else may have written. */
const MOST_TEXT = 256 << 10;
const MOST_CERTIFICATES = 32;

/** The certificates in a PEM text, each once, in their order. What cannot be read is left out: an API server leaves it out as well. */
export function readCertificates(text: string): readonly Certificate[] {
  const found = new Map<string, Certificate>();
  for (const [block] of text.slice(0, MOST_TEXT).matchAll(/-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----/g)) {
    const certificate = found.size < MOST_CERTIFICATES ? readCertificate(block) : null;
    if (certificate !== null) found.set(certificate.fingerprint, certificate);
  }
  return [...found.values()];
}

/** An authority whose certificate may sign and whose key belongs to it, or null. */
export function readAuthority({ certificate, key }: Authority): Certificate | null {
  const [read, ...more] = readCertificates(certificate);
  return read !== undefined && more.length === 0 && read.parsed.ca && holdsKey(read, key) ? read : null;
}

/** The certificate of a pair for a server of all these names whose key belongs to it, or null. */
export function readServing({ certificate, key }: ServingPair, names: readonly string[]): Certificate | null {
  const [read] = readCertificates(certificate);
  return read !== undefined && !read.parsed.ca && holdsKey(read, key) && names.every((name) => read.parsed.checkHost(name) !== undefined) ? read : null;
}

/** Whether `issuer` signed `certificate`: names and identifiers agree, and the signature holds. */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  try {
    return certificate.parsed.checkIssued(issuer.parsed) && certificate.parsed.verify(issuer.parsed.publicKey);
  } catch {
    return false;
  }
}

/** Whether a certificate is in the last third of its life, or past it. `now`: milliseconds since the epoch. */
export function isAgeing({ notBefore, notAfter }: Certificate, now: number): boolean {
  return now >= notAfter - (notAfter - notBefore) / 3;
}

function readCertificate(block: string): Certificate | null {
  try {
    const parsed = new X509Certificate(block);
    return { pem: parsed.toString(), fingerprint: parsed.fingerprint256, notBefore: parsed.validFromDate.getTime(), notAfter: parsed.validToDate.getTime(), parsed };
  } catch {
    return null;
  }
}

function holdsKey({ parsed }: Certificate, key: string): boolean {
  try {
    return parsed.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
