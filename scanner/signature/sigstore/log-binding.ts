import { createPublicKey } from 'node:crypto';
import { parseStrictJson } from '../../strict-json.ts';
import { canonicalBase64 } from '../base64-strict.ts';
import type { TransparencyLogEntry, TrustMaterial } from '../sigstore-library.ts';
import { readCertificate } from './certificate.ts';
import { Refusal, refusing } from './refusal.ts';

/** By whom the bundle is signed, as an entry must say it. */
export interface BoundSigner {
  /** DER of the public key. */
  readonly spki: Buffer;
  /** DER of the certificate; null for plain keys. */
  readonly certificate: Buffer | null;
}

type Log = TrustMaterial['tlogs'][number];
interface Verifier { readonly kind: 'certificate' | 'key'; readonly der: Buffer }

/** Kinds that the library holds against signature and digest, with the place of the signer in each. */
const SIGNER_PLACES: Readonly<Record<string, readonly (string | number)[]>> = {
  'hashedrekord 0.0.1': ['spec', 'signature', 'publicKey', 'content'],
  'dsse 0.0.1': ['spec', 'signatures', 0, 'verifier'],
  'intoto 0.0.2': ['spec', 'content', 'envelope', 'signatures', 0, 'publicKey'],
  'hashedrekord 0.0.2': ['spec', 'hashedRekordV002', 'signature', 'verifier'],
  'dsse 0.0.2': ['spec', 'dsseV002', 'signatures', 0, 'verifier'],
};

/** The log of the trust root that an entry names. Throws Refusal. */
export function logOf({ logId }: TransparencyLogEntry, { tlogs }: TrustMaterial): Log {
  const log = tlogs.find(({ logID }) => logID.equals(logId.keyId));
  if (!log) throw new Refusal('log-unknown', 'The log of the entry is not in the trust root of the authority');
  return log;
}

/**
 * What the library leaves open of an entry: its body must name the same signer as the bundle (Sigstore client specification 4.4), and what the
 * proof says beside the checkpoint must agree with it. Throws Refusal.
 */
export function requireBound(entry: TransparencyLogEntry, signer: BoundSigner): void {
  const logged = refusing('log-entry-invalid', 'The body of the log entry cannot be read', () => loggedSigner(entry));
  const same = logged.kind === 'certificate' && signer.certificate ? logged.der.equals(signer.certificate) : spkiOf(logged).equals(signer.spki);
  if (!same) throw new Refusal('log-body-mismatch', 'The log entry is about the signature of somebody else');
  if (entry.inclusionProof) requireCheckpoint(entry);
}

/** DER of the key that an entry says has signed; null: it cannot be read. */
export function loggedKey(entry: TransparencyLogEntry): Buffer | null {
  try {
    return spkiOf(loggedSigner(entry));
  } catch {
    return null;
  }
}

/**
 * Entries without a promise carry no time of their own: the key of their log must have been valid at every trusted time. Throws Refusal.
 */
export function requireLogKeyValid(entry: TransparencyLogEntry, material: TrustMaterial, times: readonly Date[]): void {
  if (entry.inclusionPromise) return;
  const { validFor: { start, end } } = logOf(entry, material);
  if (!times.every((time) => start <= time && time <= end)) throw new Refusal('log-key-expired', 'The key of the log was not valid at the time of signing');
}

function loggedSigner(entry: TransparencyLogEntry): Verifier {
  const { kind, version } = entry.kindVersion;
  const place = SIGNER_PLACES[`${kind} ${version}`];
  if (!place || !Object.hasOwn(SIGNER_PLACES, `${kind} ${version}`)) throw new Refusal('log-entry-unsupported', 'The log entry is of a kind that cannot be held against the signature');
  const body = parseStrictJson(entry.canonicalizedBody, { depth: 16 });
  const found = place.reduce<unknown>((node, key) => (typeof node === 'object' && node !== null && Object.hasOwn(node, key) ? (node as Record<string | number, unknown>)[key] : undefined), body);
  return typeof found === 'string' ? fromPem(Buffer.from(found, 'base64').toString('latin1')) : fromFields(found as Fields);
}

type Fields = { readonly x509Certificate?: { readonly rawBytes?: unknown }; readonly publicKey?: { readonly rawBytes?: unknown } } | undefined;

function fromFields(found: Fields): Verifier {
  const [certificate, key] = [found?.x509Certificate?.rawBytes, found?.publicKey?.rawBytes];
  if ((typeof certificate === 'string') === (typeof key === 'string')) throw new Refusal('log-entry-invalid', 'The log entry names not exactly one signer');
  return typeof certificate === 'string' ? { kind: 'certificate', der: Buffer.from(certificate, 'base64') } : { kind: 'key', der: Buffer.from(key as string, 'base64') };
}

const PEM = /^\s*-----BEGIN ((?:RSA )?PUBLIC KEY|CERTIFICATE)-----\s([A-Za-z0-9+/=\s]+)-----END \1-----\s*$/;

function fromPem(text: string): Verifier {
  const [, label, base64] = PEM.exec(text) ?? [];
  if (label === 'CERTIFICATE') return { kind: 'certificate', der: Buffer.from(base64!, 'base64') };
  if (!label) throw new Refusal('log-entry-invalid', 'The log entry names its signer in a form that is not known');
  return { kind: 'key', der: createPublicKey(text).export({ type: 'spki', format: 'der' }) };
}

function spkiOf({ kind, der }: Verifier): Buffer {
  return kind === 'key' ? der : readCertificate(der).spki;
}

/** The library proves inclusion by the checkpoint alone, so that the proof's own words on the tree could say anything. */
function requireCheckpoint({ inclusionProof, kindVersion, logIndex }: TransparencyLogEntry): void {
  const { envelope } = inclusionProof!.checkpoint!;
  // Whoever decodes signatures leniently takes other texts for the same one.
  if (envelope.split('\n').some(hasLooseSignature)) throw new Refusal('log-entry-invalid', 'A signature of the checkpoint is not written as base64 is');
  const [, size, root] = envelope.split('\n');
  if (size !== inclusionProof!.treeSize || root !== inclusionProof!.rootHash.toString('base64')) throw new Refusal('log-entry-invalid', 'The proof of inclusion and its checkpoint describe different trees');
  // In logs of the second generation both count in the same tree, and nothing else signs the outer number.
  if (kindVersion.version === '0.0.2' && kindVersion.kind !== 'intoto' && logIndex !== inclusionProof!.logIndex) throw new Refusal('log-entry-invalid', 'The log entry and its proof of inclusion have different numbers');
}

/** A signature line of a signed note: an em dash, the name of the key, the signature (C2SP signed-note). */
function hasLooseSignature(line: string): boolean {
  return line.startsWith('\u2014 ') && canonicalBase64(line.slice(line.lastIndexOf(' ') + 1)) === null;
}
