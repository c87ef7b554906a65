import { parseStrictJson, StrictJsonError } from '../../strict-json.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { canonicalBase64, canonicalBase64Url } from '../base64-strict.ts';
import { isRecord } from '../../is-record.ts';
import { type Envelope, HEADERS, readSigned } from './envelope.ts';
import { NotationFailure } from './failure.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a JWS envelope in the flattened JSON form (RFC 7515 7.2.2) with exactly the four members that Notary Project has. Every text
 * has one spelling: strict JSON, canonical base64. Throws NotationFailure.
 */
export function readJws(bytes: Uint8Array): Envelope {
  const envelope = strictObject(bytes, 'The JWS envelope');
  demandMembers(envelope, ['payload', 'protected', 'header', 'signature'], []);
  const encoded = { header: textAt(envelope, 'protected'), payload: textAt(envelope, 'payload') };
  const header = strictObject(base64Url(encoded.header, 'protected'), 'The protected header');
  const unprotected = envelope['header'];
  if (!isRecord(unprotected)) throw malformed('has no header');
  demandMembers(unprotected, ['x5c'], [HEADERS.timestamp, HEADERS.agent]);
  if (HEADERS.agent in unprotected) textAt(unprotected, HEADERS.agent);
  const algorithm = textAt(header, 'alg');
  return {
    algorithm,
    signed: readSigned({ contentType: header['cty'], critical: header['crit'], attributes: new Map(Object.entries(header)), time: readTime }),
    payload: base64Url(encoded.payload, 'payload'),
    message: new TextEncoder().encode(`${encoded.header}.${encoded.payload}`),
    signature: base64Url(textAt(envelope, 'signature'), 'signature'),
    chain: readChain(unprotected['x5c']),
    timestamp: HEADERS.timestamp in unprotected ? base64(unprotected[HEADERS.timestamp], HEADERS.timestamp) : null,
  };
}

/** A JSON object, strictly. `what` begins the message. Throws NotationFailure. */
export function strictObject(bytes: Uint8Array, what: string): JsonObject {
  try {
    const value = parseStrictJson(bytes, { depth: 8 });
    if (isRecord(value)) return value;
  } catch (error) {
    if (error instanceof StrictJsonError) throw new NotationFailure('malformed', `${what} is no JSON that everybody reads alike: ${error.message}`);
    throw error;
  }
  throw new NotationFailure('malformed', `${what} is no JSON object`);
}

function demandMembers(object: JsonObject, required: readonly string[], optional: readonly string[]): void {
  const missing = required.find((name) => !Object.hasOwn(object, name));
  if (missing) throw malformed(`has no ${missing}`);
  const extra = Object.keys(object).find((name) => !required.includes(name) && !optional.includes(name));
  if (extra !== undefined) throw malformed(`has the member ${JSON.stringify(extra.slice(0, 80))}, which Notary Project does not`);
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339 as the signature specification has it. */
function readTime(value: unknown): Date | null {
  const [, local, zone] = typeof value === 'string' ? TIME.exec(value) ?? [] : [];
  if (!local) return null;
  const at = new Date(`${local}${zone}`);
  // Days such as 31 February roll over silently, so that the local time is written again and compared.
  const written = new Date(`${local}Z`);
  return Number.isNaN(at.getTime()) || Number.isNaN(written.getTime()) || !written.toISOString().startsWith(local) ? null : at;
}

function readChain(value: unknown): readonly Uint8Array[] {
  if (!Array.isArray(value) || value.length === 0) throw malformed('has no certificates in x5c');
  if (value.length > LIMITS.notationCertificates) throw new NotationFailure('limit-exceeded', `The JWS envelope has more than ${LIMITS.notationCertificates} certificates`, 'error');
  return value.map((one) => base64(one, 'x5c'));
}

function textAt(object: JsonObject, name: string): string {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (typeof value !== 'string') throw malformed(`has no text in ${name}`);
  return value;
}

function base64(value: unknown, name: string): Uint8Array {
  const bytes = typeof value === 'string' && value !== '' ? canonicalBase64(value) : null;
  if (!bytes) throw malformed(`has no base64 of one spelling in ${name}`);
  return bytes;
}

function base64Url(text: string, name: string): Uint8Array {
  const bytes = text === '' ? null : canonicalBase64Url(text);
  if (!bytes) throw malformed(`has no base64url of one spelling in ${name}`);
  return bytes;
}

function malformed(what: string): NotationFailure {
  return new NotationFailure('malformed', `The JWS envelope ${what}`);
}
