import { createHash, type KeyObject, sign, createPublicKey, X509Certificate } from 'node:crypto';
import { sequence, tagged } from '../support/x509-maker.ts';
import { json, type Answer } from './loopback.ts';

/** 1.3.6.1.4.1.11129.2.4.3: marks a certificate that is only to be logged. */
const POISON = Buffer.from('060a2b06010401d679020403', 'hex');

/** Answers `add-pre-chain` of RFC 6962 4.2 with a promise over the certificate as it will be issued; keeps nothing. `body`: the request. */
export function addPreChain(body: Buffer, key: KeyObject): Answer {
  const [precertificate, issuer] = (JSON.parse(body.toString()) as { chain: string[] }).chain.map((text) => Buffer.from(text, 'base64'));
  const timestamp = Date.now();
  const issuerKey = createHash('sha256').update(new X509Certificate(issuer!).publicKey.export({ type: 'spki', format: 'der' })).digest();
  const tbs = withoutPoison(precertificate!);
  const signed = Buffer.concat([number(0, 2), number(timestamp, 8), number(1, 2), issuerKey, number(tbs.length, 3), tbs, number(0, 2)]);
  const signature = sign('sha256', signed, key);
  return json({
    sct_version: 0, id: logId(key).toString('base64'), timestamp, extensions: '',
    // SHA-256 and ECDSA, RFC 5246 7.4.1.4.1.
    signature: Buffer.concat([number(0x0403, 2), number(signature.length, 2), signature]).toString('base64'),
  });
}

/** Name of a log: SHA-256 of its key. */
export function logId(key: KeyObject): Buffer {
  return createHash('sha256').update(createPublicKey(key).export({ type: 'spki', format: 'der' })).digest();
}

function withoutPoison(certificate: Uint8Array): Uint8Array {
  const fields = elements(content(elements(content(certificate))[0]!));
  const extensions = elements(content(elements(content(fields.at(-1)!))[0]!));
  return sequence(...fields.slice(0, -1), tagged(0xa3, sequence(...extensions.filter((one) => !Buffer.from(one).includes(POISON)))));
}

/** The DER values that follow each other in these bytes. */
function elements(bytes: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let rest = bytes; rest.length > 0; rest = rest.subarray(size(rest).end)) found.push(rest.subarray(0, size(rest).end));
  return found;
}

function content(value: Uint8Array): Uint8Array {
  const { start, end } = size(value);
  return value.subarray(start, end);
}

function size(value: Uint8Array): { start: number; end: number } {
  const first = value[1]!;
  if (first < 0x80) return { start: 2, end: 2 + first };
  const start = 2 + (first & 0x7f);
  return { start, end: start + value.subarray(2, start).reduce((length, byte) => length * 256 + byte, 0) };
}

function number(value: number, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex');
}
