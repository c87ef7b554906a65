import { createPublicKey, type KeyObject } from 'node:crypto';
import { basicConstraints, der, extendedKeyUsage, extension, keyUsage, makeCertificate, type Name, sequence, testKey } from '../support/x509-maker.ts';

/** A certificate and its key, both PEM. */
export interface Pair { readonly certificate: string; readonly key: string }

export interface LeafOptions {
  readonly subject: Name;
  readonly usage: 'serverAuth' | 'clientAuth';
  readonly dns?: readonly string[];
  /** IPv4 */
  readonly addresses?: readonly string[];
  /** Milliseconds since the epoch. Default: an hour ago to tomorrow. */
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** An authority of a test. */
export interface Authority {
  /** PEM */
  readonly certificate: string;
  /** A certificate with a P-256 key of its own. */
  issue(options: LeafOptions): Pair;
}

const HOUR = 3_600_000;
let serial = Date.now();

/** Makes an authority with a P-256 key. */
export function makeAuthority(name: string): Authority {
  const issuer = { subject: [['CN', name]] as Name, key: testKey('p256', `authority ${name} ${serial++}`) };
  const own = makeCertificate({ ...issuer, serial: serial++, ...validity(), extensions: [basicConstraints('ca'), keyUsage(['keyCertSign', 'cRLSign'])] });
  return {
    certificate: own.toString(),
    issue: ({ subject, usage, dns = [], addresses = [], ...times }) => {
      const key = testKey('p256', `leaf ${serial++}`);
      const names = [...dns.map((name) => der(0x82, Buffer.from(name))), ...addresses.map((address) => der(0x87, Buffer.from(address.split('.').map(Number))))];
      const extensions = [basicConstraints('leaf'), keyUsage(['digitalSignature']), extendedKeyUsage([usage]), ...(names.length > 0 ? [extension('2.5.29.17', sequence(...names))] : [])];
      return { certificate: makeCertificate({ subject, key, issuer, serial: serial++, ...validity(times), extensions }).toString(), key: pem(key) };
    },
  };
}

/** A key pair for tokens of service accounts, as PEM. */
export function tokenKeys(): { readonly key: string; readonly publicKey: string } {
  const key = testKey('p256', `tokens ${serial++}`);
  return { key: pem(key), publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string };
}

function validity({ notBefore = Date.now() - HOUR, notAfter = Date.now() + 24 * HOUR }: Pick<LeafOptions, 'notBefore' | 'notAfter'> = {}): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(notBefore), notAfter: new Date(notAfter) };
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }) as string;
}
