import { asciiBytes } from './literal-search.ts';
import { SECRET_PATTERNS } from './secret-patterns.ts';
import type { SecretPattern } from './secret-patterns.ts';

/** What a literal of the search for secrets stands for. */
export type Anchor =
  | { readonly kind: 'plain'; readonly pattern: SecretPattern }
  /** The anchor in base64, when it stands `phase` bytes after a group of three starts; `skip` characters of the group come before. */
  | { readonly kind: 'base64'; readonly pattern: SecretPattern; readonly phase: number; readonly skip: number }
  /** Bytes inside a DER key, and how far behind its start they can be. */
  | { readonly kind: 'der'; readonly behind: readonly number[] };

/** Bytes to look for. */
export interface SecretLiteral { readonly anchor: Anchor; readonly bytes: Uint8Array }

let known: readonly SecretLiteral[] | null = null;

/** Every literal, some 250; made when first asked for. */
export function secretLiterals(): readonly SecretLiteral[] {
  return (known ??= [
    ...SECRET_PATTERNS.flatMap((pattern) => pattern.anchors.map((text): SecretLiteral => ({ anchor: { kind: 'plain', pattern }, bytes: asciiBytes(text) }))),
    ...SECRET_PATTERNS.flatMap((pattern) => pattern.anchors.filter((text) => text.length >= 4).flatMap((text) => base64Forms(pattern, text))),
    // Version and algorithm of PKCS #8 for RSA, elliptic curves and Ed25519; version and first number of PKCS #1; SEC 1.
    der('020100300d06092a864886f70d010101', [4, 3]),
    der('020100301306072a8648ce3d0201', [3, 2, 4]),
    der('020100300506032b6570', [2, 3]),
    der('0201000282', [4]),
    der('02010002818100', [3, 4]),
    der('302e0201', [0]),
    der('30770201010420', [0]),
  ]);
}

const ALPHABET = asciiBytes('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/** The characters of base64 that do not depend on the neighbours, for each of the three places in a group. */
function base64Forms(pattern: SecretPattern, text: string): SecretLiteral[] {
  return [0, 1, 2].map((phase) => ({ anchor: { kind: 'base64', pattern, phase, skip: Math.ceil((phase * 8) / 6) }, bytes: encode(text, phase) }));
}

function encode(text: string, phase: number): Uint8Array {
  const first = Math.ceil((phase * 8) / 6);
  const encoded = new Uint8Array(Math.floor(((phase + text.length) * 8) / 6) - first);
  for (let index = 0; index < encoded.length; index++) {
    const bit = (first + index) * 6 - phase * 8;
    const at = bit >> 3;
    const two = (text.charCodeAt(at) << 8) | (at + 1 < text.length ? text.charCodeAt(at + 1) : 0);
    encoded[index] = ALPHABET[(two >> (10 - (bit & 7))) & 0x3f]!;
  }
  return encoded;
}

function der(digits: string, behind: readonly number[]): SecretLiteral {
  return { anchor: { kind: 'der', behind }, bytes: Uint8Array.from(digits.match(/../g)!, (pair) => Number.parseInt(pair, 16)) };
}
