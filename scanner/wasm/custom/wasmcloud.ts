import { decodeBase64 } from '../../base64.ts';
import type { ByteReader } from '../reader.ts';
import { isRecord } from '../../is-record.ts';
import { parseJson, readText, textField, textList } from './read.ts';

/** The claims token of a wasmCloud v1 module. Read only: the signature in it is judged elsewhere. */
export interface ClaimsContent {
  readonly kind: 'wasmcloud-claims';
  readonly algorithm: string | null;
  readonly issuer: string | null;
  readonly subject: string | null;
  readonly name: string | null;
  /** Contract ids the token grants, such as `wasmcloud:httpserver`. */
  readonly capabilities: readonly string[];
}

/** Reads the payload of `jwt` or `wasmcloud_jwt`: a compact JSON web token. Throws DecodeError. */
export function readClaims(reader: ByteReader): ClaimsContent {
  const parts = readText(reader).trim().split('.');
  const [header, claims] = parts.map(jsonPart);
  if (parts.length !== 3 || !isRecord(header) || !isRecord(claims)) reader.fail('damaged-custom-section', 'Not a JSON web token', 0);
  const wascap = isRecord(claims['wascap']) ? claims['wascap'] : {};
  return {
    kind: 'wasmcloud-claims',
    algorithm: textField(header, 'alg'),
    issuer: textField(claims, 'iss'),
    subject: textField(claims, 'sub'),
    name: textField(wascap, 'name'),
    capabilities: textList(wascap['caps']),
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: false });

function jsonPart(part: string): unknown {
  const bytes = decodeBase64(part);
  return bytes ? parseJson(utf8.decode(bytes)) : undefined;
}
