import { describe, expect, test } from 'vitest';
import { allowsImport, deniesImport, parseImportPattern, type ImportPattern } from './import-pattern.ts';

function pattern(entry: string | { module: string; name: string }): ImportPattern {
  const parsed = parseImportPattern(entry);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

describe('patterns over names', () => {
  test.each([
    ['env.system', 'env', 'system', true], ['env.system', 'env', 'systemd', false], ['env.*', 'env', 'anything', true], ['env.*', 'env2', 'x', false], ['env.*', 'env', 'a.b', true],
    ['wasi:random', 'wasi:random/random@0.2.0', 'get-random-bytes', true], ['wasi:random', 'wasi:randomly/x@0.2.0', 'f', false],
    ['wasi:http/*@0.2', 'wasi:http/types@0.2.3', '', true], ['wasi:http/*@0.2', 'wasi:http/types@0.3.0', '', false], ['wasi:http/*@0.2', 'wasi:http/types', '', false],
    ['wasi:http/*@0.2', 'wasi:http/types@0.2.0-rc-2023-11-10', '', true], ['wasi:http/types@0.2.3', 'wasi:http/types@0.2.0', '', true], ['wasi:http/types@0.2.3', 'wasi:http/types@0.2', '', true],
    ['a:b/c@1.2', 'a:b/c@1.9.0', '', true], ['a:b/c@1.2', 'a:b/c@2.0.0', '', false], ['a:b/c@0.0.1', 'a:b/c@0.0.2', '', false], ['a:b/c@0.2.0-rc.1', 'a:b/c@0.2.0', '', false], ['a:b/c@0.2.0-rc.1', 'a:b/c@0.2.0-rc.1', '', true],
    ['wasi:http/types@0.2#fields', 'wasi:http/types@0.2.0', 'fields', true], ['wasi:http/types@0.2#fields', 'wasi:http/types@0.2.0', 'other', false], ['wasi:http/types@0.2#fields', 'wasi:http/types@0.2.0', '', false],
    ['wasi:http/types', 'cm32p2|wasi:http/types@0.2', 'x', true], ['wasi:*/types', 'wasi:http/types@0.2.0', '', true],
  ])('%s on %s %s is %s', (entry, module, name, expected) => {
    expect(allowsImport(pattern(entry), { module, name })).toBe(expected);
    expect(deniesImport(pattern(entry), { module, name })).toBe(expected);
  });

  test('an object names what holds dots', () => {
    const entry = pattern({ module: 'a.b', name: 'c' });
    expect(allowsImport(entry, { module: 'a.b', name: 'c' })).toBe(true);
    expect(allowsImport(entry, { module: 'a', name: 'b.c' })).toBe(false);
  });
});

describe('patterns over texts', () => {
  test('a text with one dot is read in one way', () => {
    expect(allowsImport(pattern('env.abort'), 'env.abort')).toBe(true);
  });

  test('where a text can be read in two ways, deny acts and allow does not', () => {
    expect(allowsImport(pattern('env.*'), 'env.a.b')).toBe(false);
    expect(deniesImport(pattern('env.*'), 'env.a.b')).toBe(true);
  });

  test('a component name with a function', () => {
    expect(allowsImport(pattern('wasi:http/*@0.2'), 'wasi:http/types@0.2.3#[method]fields.get')).toBe(true);
    expect(allowsImport(pattern('wasi:http/types@0.2#[method]fields.get'), 'wasi:http/types@0.2.3#[method]fields.get')).toBe(true);
    expect(deniesImport(pattern('wasi:http/types#x'), 'wasi:http/types@0.2.3#y')).toBe(false);
  });
});

test.each([['env', /env\.\*/], ['a.b.c', /several ways/], ['wasi:http/types@0.2*', /Version 0\.2\*/], ['wasi:http/types@x', /Version x/]])('%s is refused', (entry, message) => {
  expect(parseImportPattern(entry)).toMatch(message);
});
