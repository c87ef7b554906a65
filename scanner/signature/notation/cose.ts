import { LIMITS } from '../../wasm/limits.ts';
import { type Cbor, cborHead, type CborMap, CborTag, readCbor } from './cbor.ts';
import { type Envelope, HEADERS, readSigned } from './envelope.ts';
import { NotationFailure } from './failure.ts';

/** Header labels, RFC 9052 3.1 and RFC 9360 2. */
const LABELS = { algorithm: 1, critical: 2, contentType: 3, chain: 33 };
const SIGN1_TAG = 18;

/** Reads a COSE envelope: tagged COSE_Sign1 (RFC 9052 4.2) with its payload inside. Throws NotationFailure. */
export function readCose(bytes: Uint8Array): Envelope {
  const tagged = readCbor(bytes);
  if (!(tagged instanceof CborTag) || tagged.tag !== SIGN1_TAG) throw malformed('is no tagged COSE_Sign1');
  const parts = tagged.value;
  if (!Array.isArray(parts) || parts.length !== 4) throw malformed('has not the four parts of COSE_Sign1');
  const [encoded, unprotected, payload, signature] = parts as readonly Cbor[];
  if (!(encoded instanceof Uint8Array) || !(payload instanceof Uint8Array) || !(signature instanceof Uint8Array)) throw malformed('has no bytes as protected header, payload or signature');
  const header = readCbor(encoded);
  if (!isMap(header) || !isMap(unprotected)) throw malformed('has no maps as headers');
  demandLabels(header, unprotected);
  return {
    algorithm: header.get(LABELS.algorithm) as number,
    signed: readSigned({ contentType: header.get(LABELS.contentType), critical: header.get(LABELS.critical), attributes: namedAttributes(header), time: readTime }),
    payload, signature,
    message: toBeSigned(encoded, payload),
    chain: readChain(unprotected.get(LABELS.chain)),
    timestamp: readTimestamp(unprotected),
  };
}

/** Sig_structure of RFC 9052 4.4, written by hand: the context, the protected header as it came, no external data, the payload. */
function toBeSigned(header: Uint8Array, payload: Uint8Array): Uint8Array {
  const context = new TextEncoder().encode('Signature1');
  return Buffer.concat([cborHead(4, 4), cborHead(3, context.length), context, cborHead(2, header.length), header, cborHead(2, 0), cborHead(2, payload.length), payload]);
}

/** Numbered labels are closed sets: whatever else COSE knows, such as another key or a counter signature, has no place here. */
function demandLabels(header: CborMap, unprotected: CborMap): void {
  const numbers = [LABELS.algorithm, LABELS.critical, LABELS.contentType];
  if ([...header.keys()].some((key) => typeof key === 'number' && !numbers.includes(key))) throw malformed('has a protected header that Notary Project does not');
  if (typeof header.get(LABELS.algorithm) !== 'number') throw malformed('has no algorithm');
  const known: readonly (number | string)[] = [LABELS.chain, HEADERS.timestamp, HEADERS.agent];
  if ([...unprotected.keys()].some((key) => !known.includes(key))) throw malformed('has an unprotected header that Notary Project does not');
  if (unprotected.has(HEADERS.agent) && typeof unprotected.get(HEADERS.agent) !== 'string') throw malformed('has a signing agent that is no text');
}

function namedAttributes(header: CborMap): ReadonlyMap<string, unknown> {
  return new Map([...header].filter((entry): entry is [string, Cbor] => typeof entry[0] === 'string'));
}

/** Tag 1, whole seconds; JavaScript counts to the year 275760. */
function readTime(value: unknown): Date | null {
  if (!(value instanceof CborTag) || value.tag !== 1 || typeof value.value !== 'number') return null;
  const at = new Date(value.value * 1000);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** One certificate may stand without a list around it (RFC 9360 2). */
function readChain(value: Cbor | undefined): readonly Uint8Array[] {
  const list: unknown = value instanceof Uint8Array ? [value] : value;
  if (!Array.isArray(list) || list.length === 0 || !list.every((one) => one instanceof Uint8Array)) throw malformed('has no certificates in x5chain');
  if (list.length > LIMITS.notationCertificates) throw new NotationFailure('limit-exceeded', `The COSE envelope has more than ${LIMITS.notationCertificates} certificates`, 'error');
  return list;
}

function readTimestamp(unprotected: CborMap): Uint8Array | null {
  if (!unprotected.has(HEADERS.timestamp)) return null;
  const token = unprotected.get(HEADERS.timestamp);
  if (!(token instanceof Uint8Array)) throw malformed('has a timestamp that is no bytes');
  return token;
}

function isMap(value: Cbor | undefined): value is CborMap {
  return value instanceof Map;
}

function malformed(what: string): NotationFailure {
  return new NotationFailure('malformed', `The COSE envelope ${what}`);
}
