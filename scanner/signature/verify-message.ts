import { isRecord } from '../is-record.ts';
import type { Authority } from './authority.ts';
import { canonicalBase64 } from './base64-strict.ts';
import { bundleOf, jsonOf, malformed, type LogEntry, type Material } from './convert.ts';
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
  return first ?? [];
}

/** The algorithm in the body of an entry of kind hashedrekord; null: it is of another kind or says none. Only a hint for what to try. */
function loggedHash(entry: LogEntry | null): HashName | null {
  if (entry === null) return null;
  const body = jsonOf(Buffer.from(entry.canonicalizedBody, 'base64'), 'The log entry');
  const algorithm = ['spec', 'data', 'hash', 'algorithm'].reduce<unknown>((node, key) => (isRecord(node) ? node[key] : undefined), body);
  return HASHES.find((hash) => hash === algorithm) ?? null;
}
