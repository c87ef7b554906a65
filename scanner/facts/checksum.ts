const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  return crc;
});
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 (IEEE 802.3) of ASCII text, as an unsigned number. */
export function crc32(text: string): number {
  let crc = 0xffff_ffff;
  for (let at = 0; at < text.length; at++) crc = TABLE[(crc ^ text.charCodeAt(at)) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}

/** Whether the last six characters are the CRC-32 of those before, in base 62: how GitHub and npm end their tokens since 2021. */
export function hasTokenChecksum(body: string): boolean {
  let crc = crc32(body.slice(0, -6));
  let digits = '';
  for (let left = 6; left > 0; left--) {
    digits = BASE62[crc % 62]! + digits;
    crc = Math.floor(crc / 62);
  }
  return body.length > 6 && digits === body.slice(-6);
}

/** Shannon entropy in bits per character; 0 for empty text. */
export function entropy(text: string | Uint8Array): number {
  const counts = new Map<string | number, number>();
  for (const item of text) counts.set(item, (counts.get(item) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
