import { hash, X509Certificate } from 'node:crypto';
import { parseStrictJson } from '../strict-json.ts';
import { LIMITS } from '../wasm/limits.ts';
import { canonicalBase64 } from './base64-strict.ts';
import { PUBLIC_GOOD_DATE, PUBLIC_GOOD_ROOT } from './public-good-root.generated.ts';
import { toTrustMaterial, type TrustMaterial, TrustedRoot } from './sigstore-library.ts';

/** Keys and certificates of a Sigstore instance, checked when they were read. */
export interface TrustRoot {
  /** `public-good`, or the name that a policy gives it. */
  readonly name: string;
  /** SHA-256 of its text, hexadecimal: part of every key of kept evidence. */
  readonly hash: string;
  /** Day of its content, YYYY-MM-DD. */
  readonly date: string;
  readonly material: TrustMaterial;
  /** Whether it knows any: what it does not know cannot be demanded. */
  readonly has: { readonly certificateAuthorities: boolean; readonly logs: boolean; readonly certificateLogs: boolean; readonly timestampAuthorities: boolean };
}

export type TrustRootErrorCode = 'too-large' | 'malformed-root' | 'media-type-unknown' | 'validity-missing' | 'chain-incomplete' | 'duplicate' | 'empty-root' | 'key-unsupported';

/** Why a trust root cannot be used, and how to mend it. */
export class TrustRootError extends Error {
  readonly code: TrustRootErrorCode;

  constructor(code: TrustRootErrorCode, what: string, how: string) {
    super(`${what}: ${how}`);
    this.name = 'TrustRootError';
    this.code = code;
  }
}

const MEDIA_TYPES = ['application/vnd.dev.sigstore.trustedroot+json;version=0.1', 'application/vnd.dev.sigstore.trustedroot.v0.2+json'];
const LISTS = ['tlogs', 'ctlogs', 'certificateAuthorities', 'timestampAuthorities'] as const;
type Fields = Record<string, unknown>;

/**
 * Reads a trust root (protobuf-specs sigstore_trustroot.proto, JSON form, `trusted_root.json`). `date`: day of its content where something outside says
 * it, YYYY-MM-DD; else that of the newest validity in it. Refuses what the library would take for "always" or fail at in the middle of a
 * verification: logs without the start of their validity, chains without a self-signed end, duplicates. Throws TrustRootError.
 */
export function readTrustRoot(text: string, name: string, date?: string): TrustRoot {
  const root = parse(text, name);
  if (!MEDIA_TYPES.includes(root['mediaType'] as string)) throw new TrustRootError('media-type-unknown', `${name} is no trust root of a known version`, `its mediaType must be ${MEDIA_TYPES.join(' or ')}`);
  const lists = Object.fromEntries(LISTS.map((list) => [list, entriesOf(root, list, name)])) as Record<(typeof LISTS)[number], readonly Fields[]>;
  for (const list of ['tlogs', 'ctlogs'] as const) for (const [index, log] of lists[list].entries()) requireLog(log, `${name}: ${list}[${index}]`);
  for (const list of ['certificateAuthorities', 'timestampAuthorities'] as const) for (const [index, authority] of lists[list].entries()) requireAuthority(authority, list, `${name}: ${list}[${index}]`);
  for (const list of LISTS) requireDistinct(lists[list], `${name}: ${list}`);
  if (LISTS.every((list) => lists[list].length === 0)) throw new TrustRootError('empty-root', `${name} holds no key and no certificate`, 'give the trusted_root.json of the Sigstore instance');
  return {
    name, hash: hash('sha256', text), date: date ?? newestDay(Object.values(lists).flat()), material: materialOf(root, name),
    has: { certificateAuthorities: lists.certificateAuthorities.length > 0, logs: lists.tlogs.length > 0, certificateLogs: lists.ctlogs.length > 0, timestampAuthorities: lists.timestampAuthorities.length > 0 },
  };
}

let publicGood: TrustRoot | null = null;

/** The root of the public Sigstore instance as it was when this version was made. */
export function publicGoodRoot(): TrustRoot {
  publicGood ??= readTrustRoot(PUBLIC_GOOD_ROOT, 'public-good', PUBLIC_GOOD_DATE);
  return publicGood;
}

function parse(text: string, name: string): Fields {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > LIMITS.trustRootBytes) throw new TrustRootError('too-large', `${name} has ${bytes.length} bytes`, `a trust root has at most ${LIMITS.trustRootBytes}`);
  let json: unknown;
  try {
    json = parseStrictJson(bytes, { depth: 16 });
  } catch (error) {
    throw new TrustRootError('malformed-root', `${name} is no JSON: ${(error as Error).message}`, 'give the trusted_root.json of the Sigstore instance, unchanged');
  }
  return record(json, name);
}

function entriesOf(root: Fields, list: string, name: string): readonly Fields[] {
  const entries = root[list] ?? [];
  if (!Array.isArray(entries)) throw malformed(`${name}: ${list} is no list`);
  if (entries.length > LIMITS.trustRootItems) throw new TrustRootError('too-large', `${name}: ${list} has ${entries.length} entries`, `leave at most ${LIMITS.trustRootItems}`);
  return entries.map((entry, index) => record(entry, `${name}: ${list}[${index}]`));
}

function requireLog(log: Fields, where: string): void {
  if (typeof log['baseUrl'] !== 'string' || log['baseUrl'] === '') throw malformed(`${where} has no baseUrl`);
  const key = record(log['publicKey'], `${where}.publicKey`);
  bytesOf(key['rawBytes'], `${where}.publicKey.rawBytes`);
  bytesOf(record(log['logId'], `${where}.logId`)['keyId'], `${where}.logId.keyId`);
  const validity = record(key['validFor'] ?? {}, `${where}.publicKey.validFor`);
  if ((validity['start'] ?? null) === null) throw new TrustRootError('validity-missing', `${where}.publicKey.validFor has no start`, 'say from when on the key is valid; without it the key would be valid for ever');
  requireWindow(validity, where);
}

function requireWindow({ start, end }: Fields, where: string): void {
  for (const time of [start, end]) if ((time ?? null) !== null && (typeof time !== 'string' || !/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(time) || Number.isNaN(Date.parse(time)))) throw malformed(`${where} has a validity that is no time such as 2025-01-31T00:00:00Z`);
  if (typeof start === 'string' && typeof end === 'string' && Date.parse(end) < Date.parse(start)) throw malformed(`${where} is valid until before it begins`);
}

/** Each certificate is issued by the next and the last by itself, since the library looks for a way that ends so. */
function requireAuthority(authority: Fields, list: 'certificateAuthorities' | 'timestampAuthorities', where: string): void {
  requireWindow(record(authority['validFor'] ?? {}, `${where}.validFor`), where);
  const chain = record(authority['certChain'], `${where}.certChain`)['certificates'];
  if (!Array.isArray(chain) || chain.length === 0 || chain.length > LIMITS.chainCertificates) throw malformed(`${where}.certChain must hold 1 to ${LIMITS.chainCertificates} certificates`);
  const certificates = chain.map((one, index) => certificateOf(record(one, where)['rawBytes'], `${where}.certChain.certificates[${index}]`));
  for (const [index, certificate] of certificates.entries()) {
    const issuer = certificates[index + 1] ?? certificate;
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) throw incomplete(where, index);
  }
  if (list === 'timestampAuthorities' && certificates.length < 2) throw new TrustRootError('chain-incomplete', `${where} has a single certificate`, 'list the certificate that signs timestamps first, then its issuers up to the self-signed one');
}

function incomplete(where: string, index: number): TrustRootError {
  return new TrustRootError('chain-incomplete', `${where}.certChain.certificates[${index}] is not issued by the one after it`, 'list the chain from the first issuer up to the self-signed certificate at its end');
}

function requireDistinct(entries: readonly Fields[], where: string): void {
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    const id = JSON.stringify(entry['logId'] ?? entry['certChain']);
    if (seen.has(id)) throw new TrustRootError('duplicate', `${where}[${index}] is there twice`, 'leave one of them, with the validity that holds');
    seen.add(id);
  }
}

function newestDay(entries: readonly Fields[]): string {
  const starts = entries.map((entry) => ((entry['publicKey'] as Fields | undefined)?.['validFor'] ?? entry['validFor']) as Fields | undefined).map((validity) => validity?.['start']);
  return starts.filter((start) => typeof start === 'string').map((start) => new Date(start).toISOString().slice(0, 10)).toSorted().at(-1) ?? '1970-01-01';
}

function materialOf(root: Fields, name: string): TrustMaterial {
  try {
    return toTrustMaterial(TrustedRoot.fromJSON(root), () => {
      throw new Error('A trust root holds no keys of signers');
    });
  } catch {
    throw new TrustRootError('key-unsupported', `${name} holds a key of a kind that is not known`, 'take the entry with this key out, or update wasmgate');
  }
}

function certificateOf(json: unknown, where: string): X509Certificate {
  try {
    return new X509Certificate(bytesOf(json, where));
  } catch (error) {
    throw error instanceof TrustRootError ? error : malformed(`${where} is no certificate`);
  }
}

function bytesOf(json: unknown, where: string): Uint8Array {
  const bytes = typeof json === 'string' && json !== '' ? canonicalBase64(json) : null;
  if (bytes === null) throw malformed(`${where} is missing, or no canonical base64`);
  return bytes;
}

function record(json: unknown, where: string): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed(`${where} is missing, or no object`);
  return json as Fields;
}

function malformed(what: string): TrustRootError {
  return new TrustRootError('malformed-root', what, 'give the trusted_root.json of the Sigstore instance, unchanged');
}
