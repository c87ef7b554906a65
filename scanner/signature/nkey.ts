import { Buffer } from 'node:buffer';

/** What an nkey is the public key of; the values are its first byte. Modules are what wasmCloud calls the subject of claims. */
export const NKEY_KINDS = { account: 0, module: 12 << 3 } as const;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** 35 bytes in base32 without padding come out even, so that each key has one spelling. */
const FORM = /^[A-Z2-7]{56}$/;
const KEY_LENGTH = 32;

/**
 * The 32 raw bytes of an Ed25519 key written as an nkey of NATS: base32 of a byte that names its kind, the key, and a checksum (CRC-16/XMODEM,
 * low byte first). null for anything else, seeds and keys of another kind included.
 */
export function parseNkey(text: string, kind: keyof typeof NKEY_KINDS): Uint8Array | null {
  if (!FORM.test(text)) return null;
  const decoded = decodeBase32(text);
  const body = decoded.subarray(0, 1 + KEY_LENGTH);
  if (body[0] !== NKEY_KINDS[kind] || decoded.readUInt16LE(body.length) !== crc16(body)) return null;
  return Uint8Array.from(body.subarray(1));
}

/** CRC-16/XMODEM: polynomial 0x1021, start 0, no reflection. */
export function crc16(data: Uint8Array): number {
  let crc = 0;
  for (const byte of data) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc;
}

function decodeBase32(text: string): Buffer {
  const output = Buffer.alloc((text.length * 5) >> 3);
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const character of text) {
    bits = ((bits << 5) | ALPHABET.indexOf(character)) & 0xfff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    output[length++] = (bits >> held) & 0xff;
  }
  return output;
}
