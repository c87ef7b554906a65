import { parseStrictJson } from '../strict-json.ts';
import { isRecord } from '../is-record.ts';
import { canonicalBase64 } from './base64-strict.ts';
import type { HashName } from './sigstore/parse-bundle.ts';
import { Refusal } from './sigstore/refusal.ts';

const ALGORITHMS = { sha256: 'SHA2_256', sha384: 'SHA2_384', sha512: 'SHA2_512' } as const;

/** An entry of the transparency log in the JSON form of bundles; what is not text here is read where the bundle is. */
export interface LogEntry {
  readonly logIndex: unknown;
  readonly integratedTime: unknown;
  readonly logId: { readonly keyId: string };
  readonly kindVersion: { readonly kind: unknown; readonly version: unknown };
  readonly inclusionPromise: { readonly signedEntryTimestamp: string };
  /** Base64. */
  readonly canonicalizedBody: string;
}

/** What a signature comes with, in the forms that are older than the bundle. All of it is hostile. */
export interface Material {
  /** DER in base64, the leaf first; none: a key signed. */
  readonly certificates: readonly string[];
  /** The entry of the transparency log, as bundles write it; null: none came along. */
  readonly entry: LogEntry | null;
  /** RFC 3161 responses, DER in base64. */
  readonly timestamps: readonly string[];
}

/** One signature in base64, and what it is over: a digest in hexadecimal, or an envelope. */
export type Signed = { readonly signature: string; readonly hash: HashName; readonly digest: string } | { readonly payloadType: string; readonly payload: string; readonly sig: string };

/** What a key alone brings along. */
export const NO_MATERIAL: Material = { certificates: [], entry: null, timestamps: [] };

/**
 * A Sigstore bundle of version 0.1 in its JSON form, made of the parts of an older form: the one version that wants no inclusion proof, which these forms
 * have not.
 */
export function bundleOf(signed: Signed, { certificates, entry, timestamps }: Material): object {
  const signer = certificates.length > 0 ? { x509CertificateChain: { certificates: certificates.map((rawBytes) => ({ rawBytes })) } } : { publicKey: { hint: '' } };
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: {
      ...signer, tlogEntries: entry === null ? [] : [entry],
      ...(timestamps.length > 0 ? { timestampVerificationData: { rfc3161Timestamps: timestamps.map((signedTimestamp) => ({ signedTimestamp })) } } : {}),
    },
    ...('signature' in signed ? { messageSignature: { messageDigest: { algorithm: ALGORITHMS[signed.hash], digest: Buffer.from(signed.digest, 'hex').toString('base64') }, signature: signed.signature } } : { dsseEnvelope: { payload: signed.payload, payloadType: signed.payloadType, signatures: [{ sig: signed.sig, keyid: '' }] } }),
  };
}

/** Annotations that cosign 2 writes at a layer. The prefixes differ, because the first of them is older than the others. Throws Refusal. */
export function materialOf(annotations: Readonly<Record<string, string>>): Material {
  const certificate = annotation(annotations, 'dev.sigstore.cosign/certificate');
  const chain = annotation(annotations, 'dev.sigstore.cosign/chain');
  const entry = annotation(annotations, 'dev.sigstore.cosign/bundle');
  const timestamp = annotation(annotations, 'dev.sigstore.cosign/rfc3161timestamp');
  return {
    certificates: certificate === null ? [] : [...certificatesOf(certificate), ...(chain === null ? [] : certificatesOf(chain))],
    entry: entry === null ? null : logEntryOf(jsonOf(entry, 'The log entry')),
    timestamps: timestamp === null ? [] : [textOf(recordOf(jsonOf(timestamp, 'The timestamp'), 'The timestamp'), 'SignedRFC3161Timestamp', 'The timestamp')],
  };
}

/** The base64 of a layer's signature; null: it has none. */
export function signatureOf(annotations: Readonly<Record<string, string>>): string | null {
  return annotation(annotations, 'dev.cosignproject.cosign/signature');
}

/** `{SignedEntryTimestamp, Payload: {body, integratedTime, logIndex, logID}}` as an entry of a bundle. Throws Refusal. */
export function logEntryOf(value: unknown): LogEntry {
  const what = 'The log entry';
  const entry = recordOf(value, what);
  const payload = recordOf(entry['Payload'], what);
  const body = textOf(payload, 'body', what);
  const decoded = canonicalBase64(body);
  if (decoded === null) throw malformed(`${what} has a body that is no canonical base64`);
  const { kind, apiVersion } = recordOf(jsonOf(decoded, what), what);
  const logId = textOf(payload, 'logID', what);
  if (!/^(?:[0-9a-f]{2})+$/.test(logId)) throw malformed(`${what} has a logID that is no lower-case hexadecimal text`);
  return {
    logIndex: payload['logIndex'], integratedTime: payload['integratedTime'], logId: { keyId: Buffer.from(logId, 'hex').toString('base64') },
    kindVersion: { kind, version: apiVersion }, inclusionPromise: { signedEntryTimestamp: textOf(entry, 'SignedEntryTimestamp', what) }, canonicalizedBody: body,
  };
}

/** Certificates in PEM as base64 of their DER, in their order. Throws Refusal where there is none, or anything but certificates. */
export function certificatesOf(pem: string): readonly string[] {
  const found = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,65536}?)-----END CERTIFICATE-----/g)].map((match) => match[1]!.replaceAll(/\s/g, ''));
  if (found.length === 0 || found.length !== [...pem.matchAll(/-----BEGIN /g)].length) throw malformed('A certificate is no PEM of certificates alone');
  return found;
}

/** JSON inside a form, as bytes or text. Throws Refusal. */
export function jsonOf(json: Uint8Array | string, what: string): unknown {
  try {
    return parseStrictJson(typeof json === 'string' ? Buffer.from(json, 'utf8') : json);
  } catch (error) {
    throw malformed(`${what} cannot be read: ${(error as Error).message}`);
  }
}

/** A JSON object. Throws Refusal. */
export function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw malformed(`${what} is no JSON object`);
  return value;
}

/** A text of an object that must be there. Throws Refusal. */
export function textOf(record: Readonly<Record<string, unknown>>, key: string, what: string): string {
  const value = record[key];
  if (typeof value !== 'string' || value === '') throw malformed(`${what} has no ${key}`);
  return value;
}

/** Something is not as its form says. */
export function malformed(message: string): Refusal {
  return new Refusal('malformed-bundle', message);
}

/** Empty is absent: cosign leaves annotations empty that it has nothing for. */
function annotation(annotations: Readonly<Record<string, string>>, name: string): string | null {
  return Object.hasOwn(annotations, name) && annotations[name] !== '' ? annotations[name]! : null;
}
