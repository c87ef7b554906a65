import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { concat } from '../../test/support/bytes.ts';
import { claimedModule, claimsToken, COMPONENT_HEADER, custom, HEADER, nkeyOf, rawOfSeed, section, withLength } from '../../test/support/wasm-signing.ts';
import type { ClaimsParts } from '../../test/support/wasm-signing.ts';
import type { Authority } from './authority.ts';
import { crc16, parseNkey } from './nkey.ts';
import { hasWasmcloudClaims, verifyWasmcloudClaims } from './wasmcloud.ts';
import { readWasmcloudToken } from './wasmcloud-token.ts';

const NOW = new Date('2026-11-24T00:00:00Z');
const SECONDS = NOW.getTime() / 1000;
const recorded = JSON.parse(readFileSync(new URL('../../test/fixtures/wascap.json', import.meta.url), 'utf8')) as { token: string; signedLoop: string };

const account = nkeyOf(rawOfSeed(1), 'account');
const ours: Authority = { name: 'ours', kind: 'wasmcloud', issuers: [account] };
const MODULE = concat([HEADER, section(1, Uint8Array.of(1, 0x60, 0, 0)), custom('name', Uint8Array.of(0))]);

const verify = (bytes: Uint8Array | null, { authorities = [ours], now = NOW }: { authorities?: readonly Authority[]; now?: Date } = {}) =>
  verifyWasmcloudClaims({ form: 'wasmcloud-claims', where: 'app.wasm', about: { kind: 'bytes', digests: { sha256: '' }, bytes, mediaType: null, size: null } }, authorities, now);
const brief = (evidence: ReturnType<typeof verify>) => evidence.map(({ status, code, authority }) => `${status} ${code} ${authority}`).join();
const briefOf = (parts: ClaimsParts) => brief(verify(claimedModule(MODULE, parts)));
const withToken = (token: string) => concat([MODULE, custom('wasmcloud_jwt', Buffer.from(token, 'latin1'))]);

function flipped(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= mask;
  return copy;
}

describe('claims', () => {
  test.each(['wasmcloud_jwt', 'jwt'])('in section %s are trusted by an authority that names the account', (name) => {
    const bytes = claimedModule(MODULE, { name });
    expect(hasWasmcloudClaims(bytes)).toBe(true);
    expect(verify(bytes)).toMatchObject([{ status: 'trusted', code: 'ok', authority: 'ours', identity: account, signer: `account:${account}`, covers: 'whole', form: 'wasmcloud-claims', where: 'app.wasm', signedAt: null }]);
  });

  test('inside a component hold for the component', () => {
    const component = concat([COMPONENT_HEADER, section(1, MODULE)]);
    expect(brief(verify(claimedModule(component)))).toBe('trusted ok ours');
    expect(hasWasmcloudClaims(concat([COMPONENT_HEADER, section(1, claimedModule(MODULE))]))).toBe(false);
  });

  test('are trusted by each authority that names the account', () => {
    expect(brief(verify(claimedModule(MODULE), { authorities: [ours, { ...ours, name: 'other', issuers: [] }, { ...ours, name: 'too' }] }))).toBe('trusted ok ours,trusted ok too');
  });

  test.each([
    ['another account', { seed: 2 }, 'untrusted identity-mismatch null'],
    ['the account as issuer and another key', { seed: 2, claims: { iss: account } }, 'invalid signature-mismatch null'],
    ['another algorithm', { header: { typ: 'jwt', alg: 'none' } }, 'invalid algorithm-refused null'],
    ['a symmetric algorithm', { header: { typ: 'jwt', alg: 'HS256' } }, 'invalid algorithm-refused null'],
    ['the usual name of the algorithm', { header: { typ: 'jwt', alg: 'EdDSA' } }, 'invalid algorithm-refused null'],
    ['the algorithm in small letters', { header: { typ: 'jwt', alg: 'ed25519' } }, 'invalid algorithm-refused null'],
    ['no algorithm', { header: { typ: 'jwt' } }, 'invalid algorithm-refused null'],
    ['another type', { header: { typ: 'JWT', alg: 'Ed25519' } }, 'invalid malformed null'],
    ['critical extensions', { header: { typ: 'jwt', alg: 'Ed25519', crit: ['x'] } }, 'invalid malformed null'],
    ['an algorithm that repeats', { header: '{"typ":"jwt","alg":"Ed25519","alg":"Ed25519"}' }, 'invalid malformed null'],
    ['a header that is no object', { header: [] }, 'invalid malformed null'],
    ['revision 2', { claims: { wascap_revision: 2 } }, 'invalid claims-revision null'],
    ['no revision', { claims: { wascap_revision: undefined } }, 'invalid claims-revision null'],
    ['a revision in text', { claims: { wascap_revision: '3' } }, 'invalid malformed null'],
    ['no hash', { claims: { wascap: {} } }, 'invalid hash-missing null'],
    ['no metadata', { claims: { wascap: undefined } }, 'invalid hash-missing null'],
    ['metadata that is none', { claims: { wascap: null } }, 'invalid hash-missing null'],
    ['an empty hash', { claims: { wascap: { hash: '' } } }, 'invalid hash-missing null'],
    ['another hash', { claims: { wascap: { hash: '00'.repeat(32) } } }, 'invalid digest-mismatch null'],
    ['an expired time', { claims: { exp: SECONDS } }, 'invalid signature-expired null'],
    ['a time to come', { claims: { nbf: SECONDS + 1 } }, 'invalid not-yet-valid null'],
    ['a time no date reaches', { claims: { nbf: Number.MAX_SAFE_INTEGER } }, 'invalid not-yet-valid null'],
    ['an expiry in text', { claims: { exp: '9999999999' } }, 'invalid malformed null'],
    ['a broken expiry', { claims: { exp: 1.5 } }, 'invalid malformed null'],
    ['a negative start', { claims: { nbf: -1 } }, 'invalid malformed null'],
    ['no issuer', { claims: { iss: undefined } }, 'invalid malformed null'],
    ['a module as issuer', { claims: { iss: nkeyOf(rawOfSeed(1), 'module') } }, 'invalid malformed null'],
    ['an issuer with a wrong checksum', { claims: { iss: `${account.slice(0, -1)}${account.endsWith('A') ? 'B' : 'A'}` } }, 'invalid malformed null'],
    ['an issuer of small order', { claims: { iss: nkeyOf(Uint8Array.of(1, ...new Uint8Array(31)), 'account') } }, 'invalid weak-key null'],
    ['an account as subject', { claims: { sub: account } }, 'invalid malformed null'],
  ] as const)('with %s are refused', (_, parts, expected) => {
    expect(briefOf(parts as ClaimsParts)).toBe(expected);
  });

  test('hold within their time, its last second excluded', () => {
    const claims = { exp: SECONDS + 1, nbf: SECONDS };
    expect(briefOf({ claims })).toBe('trusted ok ours');
    expect(brief(verify(claimedModule(MODULE, { claims }), { now: new Date(Number.NaN) }))).toBe('invalid signature-expired null');
    expect(briefOf({ claims: { exp: null, nbf: null } })).toBe('trusted ok ours');
  });

  const token = claimsToken(MODULE);
  const [header, body, signature] = token.split('.') as [string, string, string];
  test.each([
    ['two parts', `${header}.${body}`], ['four parts', `${token}.x`], ['a line end behind', `${token}\n`], ['padding', `${token}==`], ['nothing', ''],
    ['a signature cut short', token.slice(0, -1)], ['blanks', `${header}. ${body}.${signature}`], ['bytes beyond ASCII', `\u00e9${token}`],
    ['spare bits in the signature', `${token.slice(0, -1)}${spareBits(token.at(-1)!)}`], ['a mark in front', `\u00ef\u00bb\u00bf${token}`],
  ])('in another spelling are refused: %s', (_, text) => {
    expect(brief(verify(withToken(text)))).toMatch(/^invalid (malformed|signature-mismatch) null$/);
  });

  test('longer than the limit are refused before they are read', () => {
    expect(brief(verify(withToken('a'.repeat(70_000))))).toBe('invalid limit-exceeded null');
  });

  test('twice are refused, under either name', () => {
    const twice = concat([claimedModule(MODULE), custom('jwt', Buffer.from(token))]);
    expect(brief(verify(twice))).toBe('invalid section-repeated null');
  });

  test('on another module are refused', () => {
    expect(brief(verify(concat([HEADER, custom('wasmcloud_jwt', Buffer.from(token))])))).toBe('invalid digest-mismatch null');
    expect(brief(verify(concat([COMPONENT_HEADER, MODULE.subarray(8), custom('wasmcloud_jwt', Buffer.from(token))])))).toBe('invalid digest-mismatch null');
  });

  test('with a size in more bytes than needed are refused', () => {
    const content = concat([withLength(Buffer.from('wasmcloud_jwt')), Buffer.from(token)]);
    const padded = concat([MODULE, [0, (content.length & 0x7f) | 0x80, (content.length >> 7) | 0x80, 0], content]);
    expect(hasWasmcloudClaims(padded)).toBe(true);
    expect(brief(verify(padded))).toBe('invalid length-not-minimal null');
  });

  test('no bit of the module is free', () => {
    const bytes = claimedModule(MODULE);
    for (let at = 0; at < bytes.length; at++) {
      for (const mask of [1, 0x20, 0x80]) expect(brief(verify(flipped(bytes, at, mask)))).not.toContain('trusted ok');
    }
  });

  test('are absent without a section, and whatever the bytes, verification answers', () => {
    expect(hasWasmcloudClaims(MODULE)).toBe(false);
    expect(brief(verify(MODULE))).toBe('invalid section-missing null');
    expect(brief(verify(claimedModule(concat([[0, 0x61, 0x73, 0x6d, 2, 0, 0, 0], MODULE.subarray(8)]))))).toBe('invalid malformed null');
    expect(brief(verify(null))).toBe('error bytes-missing null');
    for (const bytes of [new Uint8Array(0), HEADER.slice(1), concat([HEADER, [0, 9]])]) {
      expect(hasWasmcloudClaims(bytes)).toBe(false);
      expect(verify(bytes)).toMatchObject([{ status: 'invalid' }]);
    }
  });
});

describe('what the tools of wasmCloud signed', () => {
  test('claims of the echo example hold by their account, and are of a revision that is refused', () => {
    const claims = readWasmcloudToken(Buffer.from(recorded.token));
    expect(claims).toEqual({
      issuer: 'ABRK5MP6QRTH7HXOVP2PR2TLDW6DPLBAF3LTGVWQRFVEF7W5VOUMACXB', subject: 'MDJ5BWS6JXSWOZL2ZENW2D4FBSHQ5ZMFGEGJB33TLKYKMXTLLAXINU36',
      hash: '0A116480EF09116D59E441A125EF472E362B6F2AE0938E4D33A964C349BE13C7', expires: null, notBefore: null, revision: 2,
    });
    expect(() => readWasmcloudToken(Buffer.from(recorded.token.replace(/.{3}$/, 'AAA')))).toThrow('not signed by the account');
    expect(brief(verify(withToken(recorded.token)))).toBe('invalid claims-revision null');
  });

  test('the loop example, signed before revisions were counted, has a hash as this verifier makes it and is refused', () => {
    const bytes = Uint8Array.from(Buffer.from(recorded.signedLoop, 'hex'));
    expect(hasWasmcloudClaims(bytes)).toBe(true);
    expect(brief(verify(bytes))).toBe('invalid claims-revision null');
    const size = bytes.length - (Buffer.from(bytes).indexOf('jwt') - 4);
    expect(JSON.parse(Buffer.from(claimsToken(bytes.subarray(0, bytes.length - size)).split('.')[1]!, 'base64url').toString())).toMatchObject({ wascap: { hash: readWasmcloudToken(bytes.subarray(Buffer.from(bytes).indexOf('eyJ'))).hash } });
  });
});

describe('nkeys', () => {
  test('have the checksum XMODEM', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0x31c3);
  });

  test('are read by kind, in their one spelling', () => {
    expect(parseNkey(account, 'account')).toEqual(Uint8Array.from(rawOfSeed(1)));
    const last = account.endsWith('A') ? 'B' : 'A';
    for (const text of ['', account.toLowerCase(), `${account}A`, account.slice(0, -1), ` ${account}`, `${account}\n`, `${account.slice(0, -1)}${last}`, account.replace(/^A/, 'M')]) expect(parseNkey(text, 'account')).toBeNull();
    expect(parseNkey(account, 'module')).toBeNull();
  });

  test('with any one character changed are none', () => {
    for (let at = 0; at < account.length; at++) expect(parseNkey(`${account.slice(0, at)}${account[at] === 'Q' ? 'R' : 'Q'}${account.slice(at + 1)}`, 'account')).toBeNull();
  });
});

/** The next character of the alphabet: the last one of a signature has bits that mean nothing. */
function spareBits(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(character) ^ 1]!;
}
