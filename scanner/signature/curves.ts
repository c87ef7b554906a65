import { ed25519, ed25519ph } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';

const CURVES = { prime256v1: p256, secp384r1: p384, secp521r1: p521 } as const;

/** Curves of ECDSA keys that are accepted, by OpenSSL's names. */
export type CurveName = keyof typeof CURVES;

/** Whether a name is one of theirs. */
export function isCurveName(name: string | undefined): name is CurveName {
  return name !== undefined && Object.hasOwn(CURVES, name);
}

/** Verifies an ECDSA signature in DER over a digest made elsewhere, which node:crypto cannot. `point` is the public key as `04 || x || y`. Never throws. */
export function verifyEcdsaDigest(curve: CurveName, point: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    return CURVES[curve].verify(signature, digest, point, { prehash: false, format: 'der', lowS: false });
  } catch {
    return false;
  }
}

/** Whether an Ed25519ph signature (RFC 8032 section 5.1), the prehashed variant, holds for a message. Never throws. */
export function isEd25519phSignature(raw: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return ed25519ph.verify(signature, message, raw);
  } catch {
    return false;
  }
}

/**
 * Whether 32 bytes are an Ed25519 public key that a key pair can have: written canonically, on the curve, and in the group of prime order.
 * For points of small order one signature holds for many messages (RFC 8032 section 8.9; Chalkias et al. 2020).
 */
export function isSoundEd25519Key(raw: Uint8Array): boolean {
  try {
    const point = ed25519.Point.fromBytes(raw);
    return !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false;
  }
}
