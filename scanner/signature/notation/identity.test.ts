import { describe, expect, test } from 'vitest';
import { identityHolds, identityProblem, NotationIdentityError, parseNotationIdentity } from './identity.ts';

describe('identities', () => {
  test.each<[string, Record<string, string>]>([
    ['x509.subject: C=DE, ST=Berlin, O=acme', { '2.5.4.6': 'DE', '2.5.4.8': 'Berlin', '2.5.4.10': 'acme' }],
    ['x509.subject:C=DE', { '2.5.4.6': 'DE' }],
    ['c=DE,s=Berlin', { '2.5.4.6': 'DE', '2.5.4.8': 'Berlin' }],
    ['O=acme\\, Inc.\\+', { '2.5.4.10': 'acme, Inc.+' }],
    ['O= a b ,CN=x', { '2.5.4.10': 'a b', '2.5.4.3': 'x' }],
    ['O=a\\ ', { '2.5.4.10': 'a ' }],
    ['O=\\C3\\BCber', { '2.5.4.10': '\u00fcber' }],
    ['O=a=b', { '2.5.4.10': 'a=b' }],
    ['1.2.840.113549.1.9.1=a@b.test', { '1.2.840.113549.1.9.1': 'a@b.test' }],
  ])('%s', (text, attributes) => expect(parseNotationIdentity(text)).toEqual({ kind: 'subject', attributes: new Map(Object.entries(attributes)) }));

  test('* is everybody', () => expect(parseNotationIdentity(' * ')).toEqual({ kind: 'any' }));

  test.each(['', 'acme', 'C=', 'C=DE,', ',C=DE', 'C=DE+O=acme', 'C=DE,C=FR', 'ST=a,S=b', 'O=#04024869', 'X=y', '=y', 'O=a\\', 'O=a\\z', 'O=\\ff', 'O="acme"', 'x509.subject: *', 'x509.san: C=DE', 'constructor=x', 'C=DE;O=acme'])('%j is none', (text) =>
    expect(() => parseNotationIdentity(text)).toThrow(NotationIdentityError));
});

describe('identities of one policy', () => {
  test.each([[['*']], [['O=a', 'O=b']], [['O=a,CN=x', 'O=a,CN=y']], [['O=a,CN=x', 'C=DE,CN=x']]])('%j may stand together', (identities) => expect(identityProblem(identities)).toBeNull());
  test.each([
    [[], 'There is no identity'],
    [['*', 'O=a'], 'must stand alone'],
    [['O=a', 'O=a, CN=x'], 'overlap'],
    [['O=a', 'x509.subject: o=a'], 'overlap'],
    [['*', '*'], 'must stand alone'],
    [['O=a', 'b'], 'has no attribute in "b"'],
  ])('%j: %s', (identities, problem) => expect(identityProblem(identities)).toContain(problem));
});

test('an attribute of a name holds once, alone and exactly', () => {
  const identity = parseNotationIdentity('O=acme');
  const organisation = { type: '2.5.4.10', value: 'acme', shared: false };
  expect(identityHolds(identity, [organisation])).toBe(true);
  expect(identityHolds(identity, [])).toBe(false);
  expect(identityHolds(identity, [organisation, organisation])).toBe(false);
  expect(identityHolds(identity, [{ ...organisation, shared: true }])).toBe(false);
  expect(identityHolds(identity, [{ ...organisation, value: null }])).toBe(false);
});
