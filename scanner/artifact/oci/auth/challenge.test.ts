import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseChallenge } from './challenge.ts';

const read = (header: string): unknown => parseChallenge(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('a challenge', () => {
  test.each([
    ['Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"', [['bearer', { realm: 'https://auth.example/token', service: 'registry.example', scope: 'repository:a/b:pull,push' }]]],
    ['BEARER Realm = "x" , SERVICE = y', [['bearer', { realm: 'x', service: 'y' }]]],
    ['Basic realm="say \\"hi\\" \\\\ there", charset="UTF-8"', [['basic', { realm: 'say "hi" \\ there', charset: 'UTF-8' }]]],
    ['Negotiate, Basic realm="a", Bearer realm="b"', [['negotiate', {}], ['basic', { realm: 'a' }], ['bearer', { realm: 'b' }]]],
    ['Negotiate abc/+d==, Bearer realm="b"', [['negotiate', {}], ['bearer', { realm: 'b' }]]],
    ['NTLM TlRM, Basic realm=x', [['ntlm', {}], ['basic', { realm: 'x' }]]],
    [', ,Bearer realm="a, Basic realm=b",, service=c ,', [['bearer', { realm: 'a, Basic realm=b', service: 'c' }]]],
    ['Bearer realm=https://auth.example/token', [['bearer', { realm: 'https://auth.example/token' }]]],
    ['Basic', [['basic', {}]]],
    ['', []],
  ])('%s', (header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  test.each([
    ['a parameter twice', 'Bearer realm="https://a.example",realm="https://b.example"', []],
    ['a quote that does not end', 'Bearer realm="https://a.example', [['bearer', {}]]],
    ['a control character in it', 'Bearer realm="https://a\u0001.example"', [['bearer', {}]]],
    ['a parameter without a scheme', 'realm="https://a.example"', []],
    ['something else after the first', 'Basic realm="a" ; Bearer realm="b"', [['basic', { realm: 'a' }]]],
    ['too many characters', `Bearer realm="${'a'.repeat(9_000)}"`, []],
  ])('is not believed with %s', (_, header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  test('any text is read to an end, and no more than sixteen schemes', () => {
    assert(property(array(constantFrom('Bearer', ' ', ',', '=', '"', '\\', 'realm', 'a', '\t', '==', '\u00e9'), { maxLength: 60 }), (parts) => {
      expect(parseChallenge(parts.join('')).length).toBeLessThanOrEqual(16);
    }));
    expect(parseChallenge('x,'.repeat(4_000))).toHaveLength(16);
  });
});
