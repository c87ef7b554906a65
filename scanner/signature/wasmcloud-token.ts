import { Buffer } from 'node:buffer';
import { parseStrictJson, StrictJsonError } from '../strict-json.ts';
import { LIMITS } from '../wasm/limits.ts';
import { isRecord } from '../is-record.ts';
import { canonicalBase64Url } from './base64-strict.ts';
import { KeyError, keyOfRawEd25519, verifyWithKey } from './keys.ts';
import { parseNkey } from './nkey.ts';
import { WasmSignatureError } from './wasm-sections.ts';

/** Claims of wasmCloud whose signature by their own issuer holds. Times in seconds since 1970. */
export interface WasmcloudClaims {
  /** nkey of the account that signed. */
  readonly issuer: string;
  /** nkey that stands for the module. */
  readonly subject: string;
  /** SHA-256 of the module without claims, in capital hexadecimal digits. */
  readonly hash: string;
  /** null: the claims never expire. */
  readonly expires: number | null;
  readonly notBefore: number | null;
  /** Of the form of the claims; 0 where none is given. */
  readonly revision: number;
}

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]{86}$/;
const HASH = /^[0-9A-F]{64}$/;

/**
 * Reads claims of wasmCloud, a JSON Web Token (RFC 7519) signed with Ed25519 by the account that `iss` names, and verifies that signature. The header must
 * be what the tools write: with another algorithm, or a header that asks for something, there is nothing to verify. Throws WasmSignatureError.
 */
export function readWasmcloudToken(bytes: Uint8Array): WasmcloudClaims {
  if (bytes.length > LIMITS.wasmClaimsBytes) throw new WasmSignatureError('invalid', 'limit-exceeded', `Claims are too long: ${bytes.length} bytes, limit ${LIMITS.wasmClaimsBytes}`);
  const token = Buffer.from(bytes).toString('latin1');
  if (!TOKEN.test(token)) throw malformed('are not three parts of base64 for addresses');
  const [header, body, signature] = token.split('.') as [string, string, string];
  refuseOtherHeaders(objectOf(header));
  const claims = claimsOf(objectOf(body));
  const signed = canonicalBase64Url(signature);
  if (!signed || !verifyWithKey(keyOfAccount(claims.issuer), Buffer.from(`${header}.${body}`), signed)) throw new WasmSignatureError('invalid', 'signature-mismatch', 'Claims are not signed by the account that they name as issuer');
  return claims;
}

function refuseOtherHeaders(header: Record<string, unknown>): void {
  if (header.alg !== 'Ed25519') throw new WasmSignatureError('invalid', 'algorithm-refused', 'Claims are signed with another algorithm than Ed25519');
  if (header.typ !== 'jwt' || Object.keys(header).length !== 2) throw malformed('have a header other than the type jwt and the algorithm');
}

function claimsOf(body: Record<string, unknown>): WasmcloudClaims {
  const { iss, sub, exp, nbf, wascap, wascap_revision: revision } = body;
  if (typeof iss !== 'string' || typeof sub !== 'string' || !parseNkey(sub, 'module')) throw malformed('lack an issuer, or the key of a module as subject');
  const { hash } = isRecord(wascap) ? wascap : { hash: undefined };
  if (typeof hash !== 'string' || !HASH.test(hash)) throw new WasmSignatureError('invalid', 'hash-missing', 'Claims name no SHA-256 of the module, so they would hold for any');
  return { issuer: iss, subject: sub, hash, expires: numberOf(exp), notBefore: numberOf(nbf), revision: numberOf(revision) ?? 0 };
}

function keyOfAccount(nkey: string) {
  const raw = parseNkey(nkey, 'account');
  if (!raw) throw malformed('have an issuer that is no nkey of an account');
  try {
    return keyOfRawEd25519(raw);
  } catch (error) {
    if (error instanceof KeyError) throw new WasmSignatureError('invalid', error.code, error.message);
    throw error;
  }
}

function numberOf(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw malformed('have a time or revision that is no whole number');
  return value as number;
}

function objectOf(part: string): Record<string, unknown> {
  const bytes = canonicalBase64Url(part);
  if (!bytes) throw malformed('are not in canonical base64');
  try {
    const value = parseStrictJson(bytes);
    if (isRecord(value)) return value;
  } catch (error) {
    if (!(error instanceof StrictJsonError)) throw error;
    throw malformed(`cannot be read: ${error.message}`);
  }
  throw malformed('are no JSON object');
}

function malformed(what: string): WasmSignatureError {
  return new WasmSignatureError('invalid', 'malformed', `Claims ${what}`);
}
