import { hash as hashOf, type KeyObject } from 'node:crypto';
import type { VerificationKey } from '../authority.ts';
import { isEd25519phSignature } from '../curves.ts';
import { keyOfSpki, rawEd25519, verifyDigestWithKey, verifyWithKey } from '../keys.ts';
import { dsse, type SignedEntity } from '../sigstore-library.ts';
import type { SignedThing } from '../subject.ts';
import type { HashName, ParsedBundle } from './parse-bundle.ts';
import { Refusal } from './refusal.ts';

/** What is signed, in the form the library asks, with the signature verified here: the library knows fewer algorithms and wants the bytes. */
export type SignedContent = SignedEntity['signature'];

const HASHES = ['sha256', 'sha384', 'sha512'] as const;
/** Digests that tools sign envelopes with, by curve: the curve's own, and SHA-256, which older versions took for all. */
const CURVE_HASHES: Readonly<Record<string, readonly HashName[]>> = { prime256v1: ['sha256'], secp384r1: ['sha384', 'sha256'], secp521r1: ['sha512', 'sha256'] };

/** The signed content of a bundle that is about `about`. `wanted`: the one digest a policy accepts, or null. Throws Refusal where a message is another one. */
export function signedContent({ content }: ParsedBundle, about: SignedThing, wanted: HashName | null): SignedContent {
  const { signature } = content;
  if (content.kind === 'envelope') {
    const signed = dsse.preAuthEncoding(content.payloadType, content.payload);
    return {
      signature,
      compareSignature: (other) => signature.equals(other),
      compareDigest: (digest) => isDigestOf(digest, content.payload),
      compareSignedDigest: (digest) => isDigestOf(digest, signed),
      verifySignature: (key) => verifyMessage(strictKey(key, wanted), signed, signature),
    };
  }
  const digest = messageDigest(content, about);
  return {
    signature,
    compareSignature: (other) => signature.equals(other),
    compareDigest: (other) => digest.equals(other),
    compareSignedDigest: (other) => digest.equals(other),
    verifySignature: (key) => verifyDigest(strictKey(key, wanted), { hash: content.hash, digest, bytes: about.bytes }, signature),
  };
}

/** The digest of the message, which must be one known to be of the artifact: what the bundle says of it proves nothing. */
function messageDigest({ hash, digest }: Extract<ParsedBundle['content'], { kind: 'message' }>, { digests, bytes }: SignedThing): Buffer {
  const known = digests[hash] ?? (bytes ? hashOf(hash, bytes, 'hex') : null);
  if (known === null) throw new Refusal('bytes-needed', `The signature is over a ${hash} digest, and only the sha256 digest of the artifact is known`);
  const expected = Buffer.from(known, 'hex');
  if (digest !== null && !digest.equals(expected)) throw new Refusal('digest-mismatch', `The signature is about something else than sha256:${digests.sha256}`);
  return expected;
}

function isDigestOf(digest: Buffer, bytes: Uint8Array): boolean {
  return HASHES.some((hash) => hashOf(hash, bytes, 'buffer').equals(digest));
}

/** The key with its kind and size held against what is accepted. Throws Refusal. */
function strictKey(key: KeyObject, hash: HashName | null): VerificationKey {
  try {
    return keyOfSpki(key.export({ type: 'spki', format: 'der' }), hash);
  } catch (error) {
    throw new Refusal('algorithm-unsupported', `The key of the signature is not accepted: ${(error as Error).message}`);
  }
}

function verifyMessage(key: VerificationKey, message: Uint8Array, signature: Uint8Array): boolean {
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = key.key;
  if (kind === 'ed25519') return verifyEd25519(key, message, signature);
  if (key.hash !== null) return verifyWithKey(key, message, signature);
  return (CURVE_HASHES[details?.namedCurve ?? ''] ?? HASHES).some((hash) => verifyWithKey({ ...key, hash }, message, signature));
}

/** cosign signs with Ed25519 keys in the prehashed variant (RFC 8032 section 5.1), another algorithm: that is said by its name, and is no forgery. Throws Refusal. */
function verifyEd25519(key: VerificationKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (verifyWithKey(key, message, signature)) return true;
  const raw = rawEd25519(key);
  if (raw !== null && isEd25519phSignature(raw, message, signature)) throw new Refusal('ed25519ph-unsupported', 'The signature is of Ed25519ph, the prehashed variant that cosign writes and cannot verify itself; sign with an ECDSA key');
  return false;
}

/** Bytes up to which hashing anew, inside the native verification, costs less than the arithmetic on a digest does. */
const HASHED_AGAIN = 4 << 20;

interface Message {
  readonly hash: HashName;
  readonly digest: Buffer;
  readonly bytes: Uint8Array | null;
}

function verifyDigest(key: VerificationKey, { hash, digest, bytes }: Message, signature: Uint8Array): boolean {
  if (key.key.asymmetricKeyType === 'ed25519') {
    if (bytes === null) throw new Refusal('bytes-needed', 'An Ed25519 signature is over the bytes, and only their digest is known');
    return verifyEd25519(key, bytes, signature);
  }
  if (key.hash !== null && key.hash !== hash) throw new Refusal('algorithm-unsupported', `The signature is over a ${hash} digest, and the authority accepts ${key.hash}`);
  if (bytes !== null && bytes.length <= HASHED_AGAIN) return verifyWithKey({ ...key, hash }, bytes, signature);
  return verifyDigestWithKey({ ...key, hash }, digest, signature);
}
