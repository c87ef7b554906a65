import { describe, expect, test } from 'vitest';
import { policyOf } from '../../test/support/policy.ts';
import type { IdentityDemand, SignatureDemand } from '../signature-demand.ts';

const KEYS = '[{ name: a, key: { file: a.pem } }, { name: b, key: { file: b.pem } }]';

function demandOf(signatures: string): SignatureDemand {
  return policyOf(`signatures: ${signatures}`).signatures!;
}

function identityOf(identity: string): IdentityDemand {
  const [authority] = demandOf(`{ authorities: [{ name: a, keyless: { identities: [${identity}] } }] }`).authorities;
  if (authority?.kind !== 'keyless') throw new Error('No keyless authority');
  return authority.identities[0]!;
}

test.each([
  ['', { form: 'anyOf', names: ['a', 'b'], count: 1 }], ['require: { anyOf: [b] },', { form: 'anyOf', names: ['b'], count: 1 }],
  ['require: { allOf: [a, b, a] },', { form: 'allOf', names: ['a', 'b'], count: 2 }], ['require: { atLeast: 2, of: [a, b, b] },', { form: 'atLeast', names: ['a', 'b'], count: 2 }],
])('%s', (require, expected) => {
  expect(demandOf(`{ ${require} authorities: ${KEYS} }`).require).toEqual(expected);
});

test('a policy without signatures names nobody', () => {
  expect(policyOf('level: restricted').signatures).toBeNull();
});

describe('identities', () => {
  test('texts hold exactly', () => {
    const { issuer, subject, text } = identityOf('{ issuer: "https://i.example", subject: "me@example.com" }');
    expect(['https://i.example', 'https://i.example/', 'https://iXexample', ''].map(issuer)).toEqual([true, false, false, false]);
    expect(['me@example.com', 'ME@example.com', 'me@example.com.evil', 'some@example.com', 'me@example.com\n'].map(subject)).toEqual([true, false, false, false, false]);
    expect(text).toBe('me@example.com of https://i.example');
  });

  test('patterns describe the whole text', () => {
    const { issuer, subject } = identityOf('{ issuerPattern: "https://[a-z]+\\\\.example", subjectPattern: "a|b" }');
    expect(['https://i.example', 'https://i.example.evil', 'xhttps://i.example', 'https://i.example\n'].map(issuer)).toEqual([true, false, false, false]);
    expect(['a', 'b', 'ax', 'xb', 'ab', ''].map(subject)).toEqual([true, true, false, false, false, false]);
  });

  test('prefixes end with a segment', () => {
    const { subject } = identityOf('{ issuer: i, subjectPrefix: "https://github.com/acme" }');
    expect(['https://github.com/acme/x', 'https://github.com/acme-evil/x'].map(subject)).toEqual([true, false]);
  });
});
