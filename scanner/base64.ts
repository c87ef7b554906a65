const VALUES = new Int8Array(256).fill(-1);
for (const [index, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) VALUES[character.charCodeAt(0)] = index;
VALUES['-'.charCodeAt(0)] = 62;
VALUES['_'.charCodeAt(0)] = 63;

/**
 * Base64 in either alphabet (RFC 4648 sections 4 and 5), padding optional, blanks and line ends skipped.
 * Returns null for anything else: another character, text after the padding, or a length no bytes can have.
 */
export function decodeBase64(text: string): Uint8Array | null {
  const output = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  let padding = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || (code >= 9 && code <= 13)) continue;
    if (code === 0x3d) {
      padding++;
      continue;
    }
    const value = code < 256 ? VALUES[code]! : -1;
    if (value < 0 || padding > 0) return null;
    bits = ((bits << 6) | value) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      output[length++] = (bits >> held) & 0xff;
    }
  }
  return held === 6 || padding > 2 ? null : output.subarray(0, length);
}
