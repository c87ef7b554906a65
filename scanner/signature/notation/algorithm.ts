import { constants, type KeyObject, verify } from 'node:crypto';
import { NotationFailure } from './failure.ts';

/** A signature algorithm of Notary Project: RSASSA-PSS with a salt as long as the hash, or ECDSA as `r | s`. */
export interface NotationAlgorithm {
  /** Name in JWS, RFC 7518 3.1. */
  readonly name: string;
  /** Number in COSE, RFC 9053 2.1 and RFC 8230 2. */
  readonly cose: number;
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly kind: 'rsa' | 'ec';
}

const BY_RSA_BITS: Readonly<Record<number, NotationAlgorithm>> = {
  2048: { name: 'PS256', cose: -37, hash: 'sha256', kind: 'rsa' },
  3072: { name: 'PS384', cose: -38, hash: 'sha384', kind: 'rsa' },
  4096: { name: 'PS512', cose: -39, hash: 'sha512', kind: 'rsa' },
};
const BY_CURVE: Readonly<Record<string, NotationAlgorithm>> = {
  prime256v1: { name: 'ES256', cose: -7, hash: 'sha256', kind: 'ec' },
  secp384r1: { name: 'ES384', cose: -35, hash: 'sha384', kind: 'ec' },
  secp521r1: { name: 'ES512', cose: -36, hash: 'sha512', kind: 'ec' },
};
const ALL: readonly NotationAlgorithm[] = [...Object.values(BY_RSA_BITS), ...Object.values(BY_CURVE)];

/**
 * The one algorithm that a key signs with (signature specification, "Algorithm selection"). The header must say the same: an envelope
 * never chooses how it is verified. Throws NotationFailure for every other key, Ed25519 included.
 */
export function algorithmOfKey(key: KeyObject): NotationAlgorithm {
  const { modulusLength, publicExponent, namedCurve } = key.asymmetricKeyDetails ?? {};
  const rsa = key.asymmetricKeyType === 'rsa' && (publicExponent ?? 0n) >= 3n ? BY_RSA_BITS[modulusLength ?? 0] : undefined;
  const ec = key.asymmetricKeyType === 'ec' ? BY_CURVE[namedCurve ?? ''] : undefined;
  const algorithm = rsa ?? ec;
  if (!algorithm) throw new NotationFailure('algorithm-refused', 'The key of the signer is none that Notary Project allows: RSA of 2048, 3072 or 4096 bits, P-256, P-384 or P-521');
  return algorithm;
}

/** Holds what a header says against the algorithm of the key. Throws NotationFailure. */
export function demandAlgorithm(stated: string | number, algorithm: NotationAlgorithm): void {
  if (stated === algorithm.name || stated === algorithm.cose) return;
  const known = ALL.find(({ name, cose }) => stated === name || stated === cose);
  if (!known) throw new NotationFailure('algorithm-refused', `The envelope is signed with an algorithm that is not allowed: ${JSON.stringify(stated).slice(0, 40)}`);
  throw new NotationFailure('algorithm-mismatch', `The envelope states ${known.name}, and the key of its certificate signs with ${algorithm.name}`);
}

/** Whether the signature holds for these bytes. */
export function holds(algorithm: NotationAlgorithm, key: KeyObject, { message, signature }: { readonly message: Uint8Array; readonly signature: Uint8Array }): boolean {
  return algorithm.kind === 'rsa'
    ? verify(algorithm.hash, message, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature)
    : verify(algorithm.hash, message, { key, dsaEncoding: 'ieee-p1363' }, signature);
}
