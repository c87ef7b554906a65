import { Buffer } from 'node:buffer';
import { constants, createHash, createPublicKey, publicDecrypt, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { VerificationKey } from './authority.ts';
import { canonicalBase64 } from './base64-strict.ts';
import { isCurveName, isSoundEd25519Key, verifyEcdsaDigest } from './curves.ts';

type Hash = NonNullable<VerificationKey['hash']>;

export type KeyErrorCode = 'private-key' | 'certificate' | 'not-a-key' | 'several-keys' | 'malformed-key' | 'weak-key' | 'unsupported-key';

/** Why a text or bytes are no key that may verify signatures, and what to give instead. */
export class KeyError extends Error {
  readonly code: KeyErrorCode;

  constructor(code: KeyErrorCode, message: string) {
    super(message);
    this.name = 'KeyError';
    this.code = code;
  }
}

const PEM = /^-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END PUBLIC KEY-----$/;
const CURVE_HASH = { prime256v1: 'sha256', secp384r1: 'sha384', secp521r1: 'sha512' } as const;
const HASH_LENGTH: Record<Hash, number> = { sha256: 32, sha384: 48, sha512: 64 };
/** DER in front of the digest in a PKCS #1 v1.5 signature: RFC 8017 section 9.2, note 1. */
const DIGEST_INFO: Record<Hash, string> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const SSH_ED25519 = Buffer.from('0000000b7373682d6564323535313900000020', 'hex');
const MIN_RSA_BITS = 2048;

/**
 * The key of one PEM block `PUBLIC KEY` (RFC 7468 section 13): Ed25519, ECDSA on P-256, P-384 or P-521, or RSA of at least 2048 bits.
 * Node also takes private keys and certificates; here they are refused by name, since either in a policy is a mistake.
 * `hash`: digest of its signatures, for keys that do not bring their own. Throws KeyError.
 */
export function parsePublicKey(pem: string, hash?: Hash): VerificationKey {
  refuseOtherBlocks(pem);
  const match = PEM.exec(pem.trim());
  const der = match ? canonicalBase64(match[1]!.replaceAll(/[\r\n]/g, '')) : null;
  if (!der) throw new KeyError('malformed-key', 'Public key is not exactly one PEM block PUBLIC KEY with base64 inside: remove whatever else the text holds');
  return keyOfSpki(der, hash ?? null);
}

/** The key of a SubjectPublicKeyInfo in DER (RFC 5280 section 4.1.2.7), under the same rules. Throws KeyError. */
export function keyOfSpki(der: Uint8Array, hash: Hash | null): VerificationKey {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch {
    throw new KeyError('malformed-key', 'Public key is damaged, or of a kind that is not known: give Ed25519, ECDSA P-256, P-384, P-521 or RSA');
  }
  const written = key.export({ type: 'spki', format: 'der' });
  if (!written.equals(der)) throw new KeyError('malformed-key', 'Public key is not in canonical DER: write it anew with openssl pkey -pubin -pubout');
  refuseWeak(key, written);
  if (hash !== null && key.asymmetricKeyType === 'ed25519' && hash !== 'sha512') throw new KeyError('unsupported-key', `Ed25519 key with hash ${hash}: leave the hash out, the algorithm brings its own`);
  return { key, id: createHash('sha256').update(written).digest('hex'), hash };
}

/** The key of 32 raw bytes of Ed25519 (RFC 8032 section 5.1.5). Throws KeyError. */
export function keyOfRawEd25519(raw: Uint8Array): VerificationKey {
  return keyOfSpki(Buffer.concat([ED25519_SPKI, raw]), null);
}

/** The 32 raw bytes of an Ed25519 key; null for other kinds. */
export function rawEd25519(key: VerificationKey): Uint8Array | null {
  if (key.key.asymmetricKeyType !== 'ed25519') return null;
  return Uint8Array.from(key.key.export({ type: 'spki', format: 'der' }).subarray(ED25519_SPKI.length));
}

/** The digest of signatures by a key where nothing else names one: the policy's, then the curve's, then SHA-256. null for Ed25519. */
export function hashOfKey(key: VerificationKey): Hash | null {
  if (key.key.asymmetricKeyType === 'ed25519') return null;
  const curve = key.key.asymmetricKeyDetails?.namedCurve;
  return key.hash ?? (isCurveName(curve) ? CURVE_HASH[curve] : 'sha256');
}

/** Whether a signature over a whole message holds: Ed25519, ECDSA in DER, or RSA PKCS #1 v1.5. Never throws. */
export function verifyWithKey(key: VerificationKey, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(hashOfKey(key), message, key.key, signature);
  } catch {
    return false;
  }
}

/**
 * The same over a digest alone, where the message is not at hand. A digest of another length than the policy's hash for the key is refused;
 * without one, any of SHA-256, SHA-384 and SHA-512 will do. Throws KeyError for Ed25519, which signs messages and not digests.
 */
export function verifyDigestWithKey(key: VerificationKey, digest: Uint8Array, signature: Uint8Array): boolean {
  if (key.key.asymmetricKeyType === 'ed25519') throw new KeyError('unsupported-key', 'Ed25519 key with a digest alone: the whole artifact is needed to verify this signature');
  const hash = (Object.keys(HASH_LENGTH) as Hash[]).find((name) => HASH_LENGTH[name] === digest.length);
  if (!hash || (key.hash !== null && key.hash !== hash)) return false;
  const curve = key.key.asymmetricKeyDetails?.namedCurve;
  return isCurveName(curve) ? verifyEcdsaDigest(curve, pointOf(key.key), digest, signature) : verifyRsaDigest(key.key, Buffer.concat([Buffer.from(DIGEST_INFO[hash], 'hex'), digest]), signature);
}

/**
 * A key for signatures inside modules, always Ed25519, in any form that signing tools write: PEM or DER `PUBLIC KEY`, one line of OpenSSH,
 * 32 raw bytes, or the same after byte 01; the raw forms as hexadecimal or base64 text as well. Throws KeyError.
 */
export function parseWasmKey(source: Uint8Array | string): VerificationKey {
  const key = typeof source === 'string' ? wasmKeyOfText(source.trim()) : wasmKeyOfBytes(source);
  if (key.key.asymmetricKeyType !== 'ed25519') throw new KeyError('unsupported-key', `Key of kind ${key.key.asymmetricKeyType ?? 'unknown'} for signatures inside modules: they are Ed25519 alone`);
  return key;
}

function wasmKeyOfBytes(bytes: Uint8Array): VerificationKey {
  const raw = rawFormOf(bytes);
  if (raw) return keyOfRawEd25519(raw);
  const buffer = Buffer.from(bytes);
  if (buffer.subarray(0, 2).equals(Buffer.of(0x30, 0x2a))) return keyOfSpki(bytes, null);
  return wasmKeyOfText(buffer.toString('latin1').trim());
}

function wasmKeyOfText(text: string): VerificationKey {
  if (text.startsWith('ssh-')) return sshKey(text);
  const bytes = /^[0-9a-f]+$/i.test(text) && text.length % 2 === 0 ? Buffer.from(text, 'hex') : canonicalBase64(text);
  const raw = bytes && rawFormOf(bytes);
  return raw ? keyOfRawEd25519(raw) : parsePublicKey(text);
}

/** 32 bytes bare or after 01. The private forms are 64 bytes, bare or after 81. */
function rawFormOf(bytes: Uint8Array): Uint8Array | null {
  const [first] = bytes;
  if (bytes.length === 64 || (bytes.length === 65 && first === 0x81)) throw new KeyError('private-key', 'Key pair where a public key belongs: give the 33 bytes of the public key alone, and treat the pair as leaked');
  if (bytes.length === 33 && first === 1) return bytes.subarray(1);
  return bytes.length === 32 ? bytes : null;
}

/** `ssh-ed25519 BLOB comment` (RFC 8709 section 4): the blob is the name and the key, each after its length in 4 bytes. */
function sshKey(text: string): VerificationKey {
  if (/[\r\n]/.test(text)) throw new KeyError('several-keys', 'More than one line of OpenSSH keys: list each key as an entry of its own');
  const [kind, blob] = text.split(/[ \t]+/);
  if (kind !== 'ssh-ed25519') throw new KeyError('unsupported-key', `OpenSSH key of kind ${kind!.slice(0, 40)}: ssh-ed25519 is accepted`);
  const bytes = Buffer.from(canonicalBase64(blob ?? '') ?? []);
  if (bytes.length !== SSH_ED25519.length + 32 || !bytes.subarray(0, SSH_ED25519.length).equals(SSH_ED25519)) throw new KeyError('malformed-key', 'OpenSSH key is damaged: give its line as ssh-keygen wrote it');
  return keyOfRawEd25519(bytes.subarray(SSH_ED25519.length));
}

function refuseOtherBlocks(pem: string): void {
  const kinds = [...pem.matchAll(/-----BEGIN ([^-\r\n]*)-----/g)].map((match) => match[1]!);
  if (kinds.some((kind) => kind.endsWith('PRIVATE KEY'))) throw new KeyError('private-key', 'Private key where a public key belongs: write out its public half with openssl pkey -in FILE -pubout, or cosign public-key --key FILE, and treat the private key as leaked');
  if (kinds.some((kind) => kind.endsWith('CERTIFICATE'))) throw new KeyError('certificate', 'Certificate where a public key belongs: take its key with openssl x509 -in FILE -pubkey -noout, or trust the certificate as an authority of its own kind');
  if (kinds.includes('RSA PUBLIC KEY')) throw new KeyError('unsupported-key', 'PEM block RSA PUBLIC KEY where PUBLIC KEY belongs: convert it with openssl rsa -RSAPublicKey_in -in FILE -pubout');
  if (kinds.length === 0) throw new KeyError('not-a-key', 'No PEM block PUBLIC KEY: give the text from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----');
  if (kinds.length > 1) throw new KeyError('several-keys', `More than one PEM block where one public key belongs: list each of the ${kinds.length} keys as an entry of its own`);
}

function refuseWeak(key: KeyObject, spki: Uint8Array): void {
  const details = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ed25519') {
    if (!isSoundEd25519Key(spki.subarray(ED25519_SPKI.length))) throw new KeyError('weak-key', 'Ed25519 key of small order or off the curve: no key pair has it, and one signature by it would hold for many messages');
  } else if (key.asymmetricKeyType === 'ec') {
    if (!isCurveName(details.namedCurve)) throw new KeyError('unsupported-key', `ECDSA key on ${details.namedCurve ?? 'a curve without a name'}: P-256, P-384 and P-521 are accepted`);
    // Parameters written out, or a point of half its length, would give one key several names; CVE-2020-0601 came of the former.
    const named = createPublicKey({ key: key.export({ format: 'jwk' }), format: 'jwk' }).export({ type: 'spki', format: 'der' });
    if (!named.equals(spki)) throw new KeyError('malformed-key', 'ECDSA key without the name of its curve or with a compressed point: write it anew with openssl ec -pubin -param_enc named_curve -conv_form uncompressed');
  } else if (key.asymmetricKeyType === 'rsa') {
    if ((details.modulusLength ?? 0) < MIN_RSA_BITS) throw new KeyError('weak-key', `RSA key of ${details.modulusLength ?? 0} bits: at least ${MIN_RSA_BITS} are needed`);
    const exponent = details.publicExponent ?? 0n;
    if (exponent < 3n || exponent % 2n === 0n) throw new KeyError('weak-key', `RSA key with public exponent ${exponent}: anybody can sign for it`);
  } else throw new KeyError('unsupported-key', `Public key of kind ${key.asymmetricKeyType ?? 'unknown'}: Ed25519, ECDSA P-256, P-384, P-521 and RSA are accepted`);
}

/** `04 || x || y`, from the padded coordinates that JSON Web Keys have. */
function pointOf(key: KeyObject): Uint8Array {
  const { x, y } = key.export({ format: 'jwk' });
  return Buffer.concat([Buffer.of(4), Buffer.from(x ?? '', 'base64url'), Buffer.from(y ?? '', 'base64url')]);
}

/** Builds the one block the signature may hide (RFC 8017 section 8.2.2) and compares all of it: nothing is parsed that an attacker shaped. */
function verifyRsaDigest(key: KeyObject, digestInfo: Uint8Array, signature: Uint8Array): boolean {
  const size = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  if (signature.length !== size) return false;
  const expected = Buffer.concat([Buffer.of(0, 1), Buffer.alloc(size - digestInfo.length - 3, 0xff), Buffer.of(0), digestInfo]);
  try {
    return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature).equals(expected);
  } catch {
    return false;
  }
}
