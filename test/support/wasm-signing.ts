import { Buffer } from 'node:buffer';
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { crc16, NKEY_KINDS } from '../../scanner/signature/nkey.ts';
import { keyOfSpki } from '../../scanner/signature/keys.ts';
import { concat } from './bytes.ts';

/** Signs modules as wasmsign2 and wascap do, with every part open to change. */
export const HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
export const COMPONENT_HEADER = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);

/** A pair of the same bytes each time: tests can flip bytes and compare. */
export function pairOfSeed(seed: number): { privateKey: KeyObject; publicKey: KeyObject } {
  const privateKey = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]), format: 'der', type: 'pkcs8' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

export const keyOfSeed = (seed: number) => keyOfSpki(pairOfSeed(seed).publicKey.export({ type: 'spki', format: 'der' }), null);
export const rawOfSeed = (seed: number): Uint8Array => pairOfSeed(seed).publicKey.export({ type: 'spki', format: 'der' }).subarray(12);

export function leb(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Uint8Array.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

export const withLength = (bytes: Uint8Array): Uint8Array => concat([leb(bytes.length), bytes]);
export const section = (id: number, content: Uint8Array): Uint8Array => concat([[id], withLength(content)]);
export const custom = (name: string, content: Uint8Array): Uint8Array => section(0, concat([withLength(Buffer.from(name)), content]));
export const delimiter = (byte: number): Uint8Array => custom('signature_delimiter', new Uint8Array(16).fill(byte));

/** One running hash over sections, read after each of those that `ends` says. */
export function hashesOf(sections: readonly Uint8Array[], ends: readonly number[] = [sections.length]): Uint8Array[] {
  return ends.map((end) => createHash('sha256').update(concat(sections.slice(0, end))).digest());
}

export interface SetParts {
  readonly hashes: readonly Uint8Array[];
  readonly signers: readonly { readonly seed: number; readonly keyId?: Uint8Array; readonly algorithm?: number; readonly signature?: Uint8Array }[];
  /** What is signed in front of the hashes. */
  readonly domain?: Uint8Array;
}

export const DOMAIN = Buffer.from('wasmsig\u0001\u0001\u0001', 'latin1');

export function signatureSet({ hashes, signers, domain = DOMAIN }: SetParts): Uint8Array {
  const records = signers.map(({ seed, keyId = new Uint8Array(0), algorithm = 1, signature }) => withLength(concat([
    withLength(keyId), [algorithm], withLength(signature ?? sign(null, concat([domain, ...hashes]), pairOfSeed(seed).privateKey)),
  ])));
  return concat([leb(hashes.length), ...hashes, leb(records.length), ...records]);
}

export function payloadOf(sets: readonly SetParts[], kind: readonly number[] = [1, 1, 1]): Uint8Array {
  return concat([kind, leb(sets.length), ...sets.map((set) => withLength(signatureSet(set)))]);
}

/** A module with a signature section in front of its sections. */
export function signedModule(sections: readonly Uint8Array[], payload: Uint8Array, header = HEADER): Uint8Array {
  return concat([header, custom('signature', payload), ...sections]);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function nkeyOf(raw: Uint8Array, kind: keyof typeof NKEY_KINDS): string {
  const body = concat([[NKEY_KINDS[kind]], raw]);
  const crc = crc16(body);
  const bits = [...concat([body, [crc & 0xff, crc >> 8]])].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join('');
}

export interface ClaimsParts {
  readonly header?: unknown;
  /** Changes of the claims; undefined leaves a member out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly seed?: number;
  readonly name?: string;
}

export function claimsToken(module: Uint8Array, { header = { typ: 'jwt', alg: 'Ed25519' }, claims = {}, seed = 1 }: ClaimsParts = {}): string {
  const hash = createHash('sha256').update(module).digest('hex').toUpperCase();
  const body = { jti: 'x', iat: 1_700_000_000, iss: nkeyOf(rawOfSeed(seed), 'account'), sub: nkeyOf(rawOfSeed(9), 'module'), wascap: { name: 'test', hash }, wascap_revision: 3, ...claims };
  const text = [header, body].map((part) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign(null, Buffer.from(text), pairOfSeed(seed).privateKey).toString('base64url')}`;
}

/** A module with claims behind its sections. */
export function claimedModule(module: Uint8Array, parts: ClaimsParts = {}): Uint8Array {
  return concat([module, custom(parts.name ?? 'wasmcloud_jwt', Buffer.from(claimsToken(module, parts)))]);
}
