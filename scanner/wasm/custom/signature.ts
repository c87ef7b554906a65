import type { ByteReader } from '../reader.ts';
import { expectEnd, hexText } from './read.ts';

/** An embedded signature: tool-conventions "Signatures", in the layout wasmsign2 writes. Presence only; nothing is verified here. */
export interface SignatureContent {
  readonly kind: 'signature';
  readonly specVersion: number;
  readonly contentType: number;
  readonly hashFunction: number;
  /** Empty for a version that is not known. */
  readonly sets: readonly SignatureSet[];
}

export interface SignatureSet {
  readonly hashes: readonly string[];
  readonly signatures: readonly { /** Hexadecimal; empty where none is named. */ readonly keyId: string; readonly algorithm: number; /** Bytes. */ readonly length: number }[];
}

const MAX_HASHES = 64;
const MAX_SIGNATURES = 256;

/** Reads the payload of `signature`. Throws DecodeError. */
export function readSignature(reader: ByteReader): SignatureContent {
  const head = { kind: 'signature', specVersion: reader.byte(), contentType: reader.byte(), hashFunction: reader.byte() } as const;
  if (head.specVersion !== 1) return { ...head, sets: [] };
  const sets: SignatureSet[] = [];
  for (let left = reader.count(MAX_SIGNATURES, 'signature sets'); left > 0; left--) {
    const body = reader.sub(reader.u32());
    sets.push(readSet(body));
    expectEnd(body);
  }
  expectEnd(reader);
  return { ...head, sets };
}

function readSet(reader: ByteReader): SignatureSet {
  const hashes: string[] = [];
  for (let left = reader.count(MAX_HASHES, 'hashes'); left > 0; left--) hashes.push(hexText(reader.take(32)));
  const signatures: SignatureSet['signatures'][number][] = [];
  for (let left = reader.count(MAX_SIGNATURES, 'signatures'); left > 0; left--) {
    const body = reader.sub(reader.u32());
    const keyId = hexText(body.take(body.u32()));
    const algorithm = body.byte();
    const length = body.u32();
    body.skip(length);
    expectEnd(body);
    signatures.push({ keyId, algorithm, length });
  }
  return { hashes, signatures };
}

/** End of a part that can be signed by itself. */
export interface SignatureDelimiterContent { readonly kind: 'signature-delimiter'; readonly id: string }

/** Reads the payload of `signature_delimiter`. Throws DecodeError. */
export function readSignatureDelimiter(reader: ByteReader): SignatureDelimiterContent {
  const id = hexText(reader.take(16));
  expectEnd(reader);
  return { kind: 'signature-delimiter', id };
}
