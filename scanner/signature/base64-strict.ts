import { Buffer } from 'node:buffer';

/**
 * The bytes of base64 text (RFC 4648 section 4) that has exactly one spelling: padded, no blanks or line ends, no spare bits set.
 * null for anything else. Two texts of one signature would be two signatures to whoever counts or compares them.
 */
export function canonicalBase64(text: string): Uint8Array | null {
  return decode(text, 'base64');
}

/** The same for the alphabet safe in addresses (section 5), without padding, as JSON Web Signatures use it. */
export function canonicalBase64Url(text: string): Uint8Array | null {
  return decode(text, 'base64url');
}

/** Node skips whatever it does not know, so what it read is written again and held against the text. */
function decode(text: string, alphabet: 'base64' | 'base64url'): Uint8Array | null {
  const bytes = Buffer.from(text, alphabet);
  return bytes.toString(alphabet) === text ? Uint8Array.from(bytes) : null;
}
