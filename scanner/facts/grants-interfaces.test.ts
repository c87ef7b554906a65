import { expect, test } from 'vitest';
import { InterfaceNames } from './grants-interfaces.ts';

const names = new InterfaceNames(['wasi:http/types@0.2.3', 'wasi:http/handler@0.3.0-rc-2026-01-06', 'acme:pay/api@1.4.0', 'acme:tiny/api@0.0.3', 'plain', 'a:b/free']);

test.each([
  ['wasi:http/types@0.2.3', true], ['wasi:http/types@0.2.0', true], ['wasi:http/types@0.2', true], ['wasi:http/types', true],
  ['wasi:http/types@0.3.0', false], ['wasi:http/type', false], ['wasi:http', false],
  ['wasi:http/handler@0.3.0-rc-2026-01-06', true], ['wasi:http/handler@0.3.0', false],
  ['acme:pay/api@1.0.0', true], ['acme:pay/api@1', true], ['acme:pay/api@2.4.0', false],
  ['acme:tiny/api@0.0.3+build', true], ['acme:tiny/api@0.0.4', false],
  ['plain', true], ['a:b/free@9.0.0', true], ['toString', false],
])('%s is among them: %s', (name, there) => {
  expect(names.has(name)).toBe(there);
});

test.each([
  ['wasi:http', true], ['wasi:http@0.2.0', true], ['wasi:http@0.4.0', false], ['wasi:http/*', true], ['wasi:htt', false], ['*', true], ['wasi:http/types', true], ['wasi:http/other', false], ['a', false],
])('%s covers one of them: %s', (pattern, covers) => {
  expect(names.hasWithin(pattern)).toBe(covers);
  expect(new InterfaceNames([]).hasWithin(pattern)).toBe(false);
});

test.each([
  ['wasi:keyvalue/store@0.2.0', true], ['wasi:keyvalue/batch', true], ['wasi:http/types@0.2.9', true], ['wasi:http/types@0.3.0', false], ['wasi:http/other', false], ['acme:any/thing', true],
])('read as patterns they cover %s: %s', (name, covered) => {
  expect(new InterfaceNames(['wasi:keyvalue', 'wasi:http/types@0.2.0', 'acme:any/*']).covers(name)).toBe(covered);
  expect(new InterfaceNames(['*']).covers(name)).toBe(true);
});
