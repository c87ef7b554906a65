import type { Authority } from './authority.ts';
import { canonicalBase64 } from './base64-strict.ts';
import { isRecord } from './collect-text.ts';
import { bundleOf, jsonOf, malformed, type LogEntry, type Material } from './convert.ts';
import { isEd25519phSignature } from './curves.ts';
import { rawEd25519 } from './keys.ts';
import type { HashName } from './sigstore/parse-bundle.ts';
import { Refusal } from './sigstore/refusal.ts';
import { verifyConvertedBundle } from './sigstore/verify.ts';
import type { EvidenceWithStatement } from './statement-evidence.ts';
import type { Candidate, SignedThing } from './subject.ts';

/** A signature over bytes as an older form has it. */
export interface SignedMessage {
  readonly candidate: Candidate;
  /** What the signature is over; the document of a signature, or the artifact itself. */
  readonly message: SignedThing;
  /** Base64. */
  readonly signature: string;
  readonly material: Material;
}

const HASHES = ['sha256', 'sha384', 'sha512'] as const;

/**
 * Verifies a signature whose form does not say over which digest it is: the log entry says it, or every digest that is known is tried, since tools take that
 * of the key's curve. Throws Refusal.
 */
export function verifyMessage(signed: SignedMessage, authorities: readonly Authority[], now: Date): EvidenceWithStatement[] {
  const { candidate, message, signature, material } = signed;
  const bytes = canonicalBase64(signature);
  if (bytes === null || bytes.length === 0) throw malformed('The signature is no canonical base64');
  const logged = loggedHash(material.entry);
  const hashes = logged === null ? HASHES.filter((hash) => message.digests[hash] !== undefined) : [logged];
  let first: EvidenceWithStatement[] | null = null;
  for (const hash of hashes) {
    const digest = message.digests[hash];
    if (digest === undefined) throw new Refusal('bytes-needed', `The signature is over a ${hash} digest, which is not known of the artifact`);
    const evidence = verifyConvertedBundle({ ...candidate, about: message }, bundleOf({ signature, hash, digest }, material), authorities, now);
    if (evidence.some(({ status }) => status === 'trusted')) return evidence;
    first ??= evidence;
  }
  return namingEd25519ph(first ?? [], message, { signature: bytes, authorities });
}

/** The algorithm in the body of an entry of kind hashedrekord; null: it is of another kind or says none. Only a hint for what to try. */
function loggedHash(entry: LogEntry | null): HashName | null {
  if (entry === null) return null;
  const body = jsonOf(Buffer.from(entry.canonicalizedBody, 'base64'), 'The log entry');
  const algorithm = ['spec', 'data', 'hash', 'algorithm'].reduce<unknown>((node, key) => (isRecord(node) ? node[key] : undefined), body);
  return HASHES.find((hash) => hash === algorithm) ?? null;
}

/**
 * cosign signs images with Ed25519 keys in the prehashed variant (RFC 8032 section 5.1.1), which is another algorithm and which it cannot verify itself.
 * Where such a signature holds, this is said instead of an accusation. Never turns anything into trusted.
 */
function namingEd25519ph(evidence: readonly EvidenceWithStatement[], { bytes }: SignedThing, { signature, authorities }: { readonly signature: Uint8Array; readonly authorities: readonly Authority[] }): EvidenceWithStatement[] {
  if (signature.length !== ED25519_BYTES || evidence.every(({ code }) => !FAILED.has(code))) return [...evidence];
  const made = authorities.filter((authority) => authority.kind === 'key' && authority.keys.some((key) => {
    const raw = rawEd25519(key);
    // Without the bytes nobody can tell the two apart, and the milder answer is not trusted either.
    return raw !== null && (bytes === null || isEd25519phSignature(raw, bytes, signature));
  })).map(({ name }) => name);
  return evidence.map((one) => (FAILED.has(one.code) && (made.includes(one.authority ?? '') || (one.authority === null && made.length > 0)) ? { ...one, ...ED25519PH } : one));
}

const ED25519_BYTES = 64;
const FAILED = new Set(['key-mismatch', 'signature-invalid', 'log-body-mismatch', 'log-entry-unsupported']);
const ED25519PH = {
  status: 'unsupported', code: 'ed25519ph-unsupported',
  message: 'The signature is of Ed25519ph, the prehashed variant that cosign writes for images and cannot verify itself; sign with an ECDSA key',
} as const;
