import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authorityOf, candidateOf, cbor, makeCose, makeJws, makeSigner } from '../../../test/support/notation.ts';
import { type Cbor, type CborTag, readCbor } from './cbor.ts';
import type { NotationCode } from './failure.ts';
import { verifyNotation } from './verify-notation.ts';

const NOW = new Date('2026-06-01T00:00:00Z');
const AUTHORITIES = [authorityOf([makeSigner()])];

interface Jws {
  payload: string;
  protected: string;
  header: Record<string, unknown>;
  signature: string;
}

function codeOf(form: 'notation-jws' | 'notation-cose', envelope: Uint8Array): string {
  const [{ status, code } = { status: '', code: '' }] = verifyNotation(candidateOf(form, envelope), AUTHORITIES, NOW);
  return status === 'trusted' ? 'trusted' : code;
}

function jws(change: (text: string, envelope: Jws) => string): string {
  const text = new TextDecoder().decode(makeJws());
  return codeOf('notation-jws', new TextEncoder().encode(change(text, JSON.parse(text) as Jws)));
}

/** A JWS with one member changed. */
function changed(change: (envelope: Jws) => object): string {
  return jws((_text, envelope) => JSON.stringify(change(envelope)));
}

describe('JWS', () => {
  test('may have blanks and any order of members', () => {
    expect(jws((_text, { payload, protected: header, header: unprotected, signature }) => JSON.stringify({ signature, header: unprotected, protected: header, payload }, null, 2))).toBe('trusted');
  });

  test.each<[string, (envelope: Jws) => object]>([
    ['a fifth member', (one) => ({ ...one, extra: 1 })],
    ['the members of the general form', (one) => ({ ...one, signatures: [] })],
    ['no header', ({ header: _header, ...rest }) => rest],
    ['a header that is a list', (one) => ({ ...one, header: [] })],
    ['a header that is null', (one) => ({ ...one, header: null })],
    ['a key in the header', (one) => ({ ...one, header: { ...one.header, jwk: {} } })],
    ['an algorithm in the header', (one) => ({ ...one, header: { ...one.header, alg: 'ES256' } })],
    ['no certificates', (one) => ({ ...one, header: { ...one.header, x5c: [] } })],
    ['certificates that are no list', (one) => ({ ...one, header: { ...one.header, x5c: 'x' } })],
    ['a certificate that is a number', (one) => ({ ...one, header: { ...one.header, x5c: [1] } })],
    ['a certificate in base64url', (one) => ({ ...one, header: { ...one.header, x5c: [Buffer.from('\u00ff\u00fe').toString('base64url')] } })],
    ['an agent that is a list', (one) => ({ ...one, header: { ...one.header, 'io.cncf.notary.signingAgent': [] } })],
    ['an empty timestamp', (one) => ({ ...one, header: { ...one.header, 'io.cncf.notary.timestampSignature': '' } })],
    ['an empty signature', (one) => ({ ...one, signature: '' })],
    ['a signature with padding', (one) => ({ ...one, signature: `${one.signature}=` })],
    ['a signature with a line end', (one) => ({ ...one, signature: `${one.signature}\n` })],
    ['a payload that is an object', (one) => ({ ...one, payload: {} })],
    ['a payload with spare bits', (one) => ({ ...one, payload: 'e31' })],
    ['a protected header that is no JSON', (one) => ({ ...one, protected: Buffer.from('{').toString('base64url') })],
    ['a protected header without algorithm', (one) => ({ ...one, protected: Buffer.from('{}').toString('base64url') })],
    ['a protected header that names the algorithm twice', (one) => ({ ...one, protected: Buffer.from('{"alg":"ES256","ALG":"none"}').toString('base64url') })],
    ['a list', (one) => [one]],
  ])('with %s is malformed', (_what, change) => expect(changed(change)).toBe('malformed'));

  test.each<[string, (text: string) => string]>([
    ['the payload twice', (text) => text.replace('{', '{"payload":"e30",')],
    ['the payload twice in another case', (text) => text.replace('{', '{"Payload":"e30",')],
    ['a prototype', (text) => text.replace('{', '{"__proto__":{},')],
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['something behind it', (text) => `${text}{}`],
    ['the compact form', (text) => Object.values(JSON.parse(text) as Jws).slice(0, 3).join('.')],
    ['deep nesting', (text) => text.replace('{', `{"x":${'['.repeat(1_000)}${']'.repeat(1_000)},`)],
  ])('with %s is malformed', (_what, change) => expect(jws(change)).toBe('malformed'));
});

type Sign1 = [header: Uint8Array, unprotected: Map<number | string, Cbor>, payload: Uint8Array, signature: Uint8Array];

/** A COSE envelope with parts changed; what is returned stands behind the tag. */
function cose(change: (parts: Sign1) => unknown, tag: readonly number[] = [0xd2]): string {
  const tagged = readCbor(makeCose()) as CborTag;
  return codeOf('notation-cose', Buffer.concat([Uint8Array.from(tag), cbor(change(tagged.value as unknown as Sign1) as never)]));
}

describe('COSE', () => {
  test('is read again as it was written', () => expect(cose((parts) => parts)).toBe('trusted'));

  test.each<[string, (parts: Sign1) => unknown, (readonly number[])?]>([
    ['without its tag', (parts) => parts, []],
    ['with the tag of COSE_Sign', (parts) => parts, [0xd8, 98]],
    ['with its tag twice', (parts) => parts, [0xd2, 0xd2]],
    ['with five parts', (parts) => [...parts, null]],
    ['with three parts', (parts) => parts.slice(0, 3)],
    ['with a detached payload', ([header, unprotected, , signature]) => [header, unprotected, null, signature]],
    ['with a protected header that is a map', ([, unprotected, payload, signature]) => [new Map(), unprotected, payload, signature]],
    ['with an empty protected header', ([, unprotected, payload, signature]) => [new Uint8Array(0), unprotected, payload, signature]],
    ['with a list as unprotected header', ([header, , payload, signature]) => [header, [], payload, signature]],
    ['with an algorithm in the unprotected header', ([header, unprotected, payload, signature]) => [header, new Map([...unprotected, [1, -7]]), payload, signature]],
    ['with a counter signature', ([header, unprotected, payload, signature]) => [header, new Map([...unprotected, [11, new Uint8Array(1)]]), payload, signature]],
    ['with a key id in the protected header', ([, unprotected, payload, signature]) => [cbor(new Map<number, never>([[1, -7 as never], [4, new Uint8Array(1) as never]])), unprotected, payload, signature]],
    ['without certificates', ([header, unprotected, payload, signature]) => [header, new Map([...unprotected].filter(([key]) => key !== 33)), payload, signature]],
    ['with an empty list of certificates', ([header, unprotected, payload, signature]) => [header, new Map([...unprotected, [33, []]]), payload, signature]],
    ['with a certificate that is a text', ([header, unprotected, payload, signature]) => [header, new Map([...unprotected, [33, ['x']]]), payload, signature]],
    ['with a timestamp that is a text', ([header, unprotected, payload, signature]) => [header, new Map([...unprotected, ['io.cncf.notary.timestampSignature', 'x']]), payload, signature]],
    ['with an agent that is a number', ([header, unprotected, payload, signature]) => [header, new Map([...unprotected, ['io.cncf.notary.signingAgent', 1]]), payload, signature]],
  ])('%s is malformed', (_what, change, tag) => expect(cose(change, tag)).toBe('malformed'));

  test('whose times are no whole seconds with a tag is malformed', () => {
    for (const time of [1_700_000_000, '2026-05-01T00:00:00Z', null]) expect(codeOf('notation-cose', makeCose({ header: { 'io.cncf.notary.signingTime': time } }))).toBe('malformed');
  });

  test('whose algorithm is a text is malformed, and of another number refused', () => {
    expect(codeOf('notation-cose', makeCose({ header: { alg: 'HS256' } }))).toBe('malformed' satisfies NotationCode);
    for (const alg of [5, -8, -257, -47, 0]) expect(codeOf('notation-cose', makeCose({ header: { alg } }))).toBe('algorithm-refused' satisfies NotationCode);
  });
});

test('any bytes get an answer, and never trust', () => {
  const answer = (bytes: Uint8Array): void => {
    for (const form of ['notation-jws', 'notation-cose'] as const) expect(['malformed', 'limit-exceeded']).toContain(codeOf(form, bytes));
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), answer), { numRuns: 300 });
  fc.assert(fc.property(fc.json(), (text) => answer(new TextEncoder().encode(text))), { numRuns: 300 });
});
