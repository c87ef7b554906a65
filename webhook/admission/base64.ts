const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 of a text in UTF-8, with padding (RFC 4648 section 4). */
export function encodeBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let encoded = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const word = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const left = bytes.length - at;
    encoded += LETTERS[word >> 18]! + LETTERS[(word >> 12) & 63]! + (left > 1 ? LETTERS[(word >> 6) & 63]! : '=') + (left > 2 ? LETTERS[word & 63]! : '=');
  }
  return encoded;
}
