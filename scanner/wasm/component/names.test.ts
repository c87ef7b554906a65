import { describe, expect, test } from 'vitest';
import { isLabel, isSemanticVersion, parseName, uniqueKey } from './names.ts';

describe('labels', () => {
  test.each(['a', 'a1', 'a-1', 'a-1-b-2', 'B', 'B-1-C', 'a11-B11-123-ABC-abc'])('takes %s', (label) => expect(isLabel(label)).toBe(true));
  test.each(['', '1', '1-a', 'a-', 'a--b', '-a', 'aBc', 'a_b', 'a b', 'ä', 'a\n', 'a\u0000', 'a.b'])('refuses %j', (label) => expect(isLabel(label)).toBe(false));

  test('takes time linear in the length, also where every word could be of either case', () => {
    expect(isLabel(`a${'-1'.repeat(40_000)}`)).toBe(true);
    expect(isLabel(`a${'-1'.repeat(40_000)}!`)).toBe(false);
    expect(parseName(`[method]${'a.'.repeat(40_000)}`)).toBeNull();
  });
});

describe('versions', () => {
  test.each(['0.0.0', '1.2.3', '123456.7890.488', '0.0.0+abcd', '0.0.0-abcd.1.2+efg.4.ee.5', '1.0.0-0', '1.0.0-a-b', '1.0.0+001'])('takes %s', (version) => expect(isSemanticVersion(version)).toBe(true));
  test.each(['', '1', '1.2', '01.2.3', '1.2.3.4', '1.2.3-', '1.2.3+', '1.2.3-01', '1.2.3-a..b', '1.2.3+a+b', 'v1.2.3', '1.2.3 '])('refuses %j', (version) => expect(isSemanticVersion(version)).toBe(false));
});

describe('names', () => {
  test.each([
    ['a', { form: 'plain', annotation: null }],
    ['[constructor]a-b', { form: 'plain', annotation: 'constructor' }],
    ['[method]a.b', { form: 'plain', annotation: 'method' }],
    ['[static]a.b', { form: 'plain', annotation: 'static' }],
    ['wasi:http/types', { form: 'interface', nested: false, version: null, canonical: false }],
    ['wasi:http/types@0.2.12', { form: 'interface', nested: false, version: '0.2.12', canonical: false }],
    ['wasi:http/types@0.2', { form: 'interface', nested: false, version: '0.2', canonical: true }],
    ['ns-1-a:b-1-c/D-2', { form: 'interface', nested: false, version: null, canonical: false }],
    ['a:b:c/d/e', { form: 'interface', nested: true, version: null, canonical: false }],
  ])('tells what %s is', (name, form) => expect(parseName(name)).toEqual(form));

  test.each([
    '', '[method]a', '[method]a.b.c', '[static].a', '[constructor]', '[other]a', '[constructor', 'wasi:', 'wasi:http', 'wasi:/', ':/', 'WASI:http/types', 'wasi:Http/types',
    'wasi:http/TyPeS', 'a:b/c@', 'a:b/c@1.', 'a:b/c@01', 'a:b/c@0', 'a:b/c@1.0.0@2.0.0', 'a:b/c ', 'a:b/c\u202e', 'wasi:http/types\u0000',
  ])('refuses %j', (name) => expect(parseName(name)).toBeNull());

  test.each([
    ['url=<https://example.com/a.wasm>', { kind: 'url', target: 'https://example.com/a.wasm', integrity: null }],
    ['url=<a>,integrity=<sha256-YWJj sha512-YWJj?x>', { kind: 'url', target: 'a', integrity: 'sha256-YWJj sha512-YWJj?x' }],
    ['integrity=<sha384-YWJj>', { kind: 'integrity', target: '', integrity: 'sha384-YWJj' }],
    ['locked-dep=<a:b/c@1.2.3>', { kind: 'locked', target: 'a:b/c@1.2.3', integrity: null }],
    ['unlocked-dep=<a:b>', { kind: 'unlocked', target: 'a:b', integrity: null }],
    ['unlocked-dep=<a:b@*>', { kind: 'unlocked', target: 'a:b@*', integrity: null }],
    ['unlocked-dep=<a:b@{>=1.0.0 <2.0.0}>', { kind: 'unlocked', target: 'a:b@{>=1.0.0 <2.0.0}', integrity: null }],
  ])('keeps where %s points', (name, dependency) => expect(parseName(name)).toEqual({ form: 'dependency', dependency }));

  test.each(['url=<a', 'url=<a<b>', 'url=<a>b', 'url=<a>,integrity=<md5-YWJj>', 'integrity=<>', 'locked-dep=<a>', 'locked-dep=<a:b@*>', 'unlocked-dep=<a:b@{<1.0.0 >=2.0.0}>', 'unlocked-dep=<a:b>,integrity=<sha256-YWJj>', 'other=<a>'])(
    'refuses %j', (name) => expect(parseName(name)).toBeNull(),
  );
});

describe('unique keys', () => {
  test.each([['a', 'A'], ['foo-BAR', 'FOO-bar'], ['a', '[method]a.a'], ['a', '[static]A.a'], ['[method]a.b', '[static]a.b'], ['a:b/c', 'a:b/C']])('%s clashes with %s', (one, other) => {
    expect(uniqueKey(one)).toBe(uniqueKey(other));
  });
  test.each([['a', '[constructor]a'], ['a:b/c', 'a:b/c@1.0.0'], ['a:b/c@1.0.0-a', 'a:b/c@1.0.0-A'], ['b', '[method]a.b']])('%s stands beside %s', (one, other) => {
    expect(uniqueKey(one)).not.toBe(uniqueKey(other));
  });
});
