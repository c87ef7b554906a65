import { describe, expect, test } from 'vitest';
import { bySpecificity, namesByPattern, namesExactly, parseRegistryKey, serverOf, targetOf } from './registry-key.ts';

const exactly = (key: string, origin: string, repository = 'team/app'): boolean => {
  const parsed = parseRegistryKey(key);
  return parsed !== null && namesExactly(parsed, targetOf(new URL(origin), repository));
};
const byPattern = (key: string, origin: string, repository = 'team/app'): boolean => {
  const parsed = parseRegistryKey(key);
  return parsed !== null && namesByPattern(parsed, targetOf(new URL(origin), repository));
};

describe('a key names', () => {
  test.each([
    ['ghcr.io', 'https://ghcr.io'],
    ['GHCR.io', 'https://ghcr.io'],
    ['https://ghcr.io', 'https://ghcr.io'],
    ['http://ghcr.io/v1/', 'https://ghcr.io'],
    ['https://ghcr.io/v2/', 'https://ghcr.io'],
    ['ghcr.io:443', 'https://ghcr.io'],
    ['ghcr.io/team', 'https://ghcr.io'],
    ['ghcr.io/team/app/', 'https://ghcr.io'],
    ['localhost:5000', 'http://localhost:5000'],
    ['localhost', 'http://localhost'],
    ['[::1]:5000', 'http://[::1]:5000'],
    ...['https://index.docker.io/v1/', 'docker.io', 'index.docker.io', 'registry-1.docker.io', 'https://registry-1.docker.io/v2/'].map((key) => [key, 'https://registry-1.docker.io']),
  ])('%s: %s', (key, origin) => {
    expect([exactly(key, origin), byPattern(key, origin)]).toEqual([true, true]);
  });

  test.each([
    ['ghcr.io', 'https://evil-ghcr.io'],
    ['ghcr.io', 'https://ghcr.io.evil'],
    ['ghcr.io', 'https://sub.ghcr.io'],
    ['ghcr.io', 'https://ghcr.io.'],
    ['evil-ghcr.io', 'https://ghcr.io'],
    ['ghcr.io', 'https://ghcr.io:5000'],
    ['ghcr.io:5000', 'https://ghcr.io'],
    ['ghcr.io:5000', 'https://ghcr.io:5001'],
    ['ghcr.io:443', 'http://ghcr.io'],
    ['ghcr.io/tea', 'https://ghcr.io'],
    ['ghcr.io/team/app/more', 'https://ghcr.io'],
    ['ghcr.io/other', 'https://ghcr.io'],
    ['user@ghcr.io', 'https://ghcr.io'],
    ['ghcr.io?x', 'https://ghcr.io'],
    ['docker.io', 'https://docker.io.evil'],
    ['docker.io:5000', 'https://registry-1.docker.io'],
    ['', 'https://ghcr.io'],
  ])('not %s: %s', (key, origin) => {
    expect([exactly(key, origin), byPattern(key, origin)]).toEqual([false, false]);
  });
});

describe('a pattern', () => {
  test.each([
    ['*.example.com', 'https://a.example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['*.example.com', 'https://a.b.example.com', false],
    ['*.*.example.com', 'https://a.b.example.com', true],
    ['reg*.example.com', 'https://registry.example.com', true],
    ['*', 'https://example.com', false],
    ['a?c.example.com', 'https://abc.example.com', true],
    ['*a*b*c.example.com', 'https://xaxbxbxc.example.com', true],
    ['*a*b*c.example.com', 'https://xaxcxb.example.com', false],
    ['*.example.com:5000', 'https://a.example.com', false],
    ['*.example.com/team', 'https://a.example.com', true],
    ['*.docker.io', 'https://registry-1.docker.io', true],
  ])('%s: %s is %s', (key, origin, expected) => {
    expect(byPattern(key, origin)).toBe(expected);
    expect(exactly(key, origin)).toBe(false);
  });

  test('takes no time that grows with the power of its stars', () => {
    expect(byPattern(`${'*a'.repeat(2_000)}b.example.com`, `https://${'a'.repeat(60)}.example.com`)).toBe(false);
  });
});

test('the most specific key comes first', () => {
  const keys = ['*.example.com', 'a.example.com', '*.example.com/team', 'a.example.com/team/app'];
  expect(keys.map((key) => parseRegistryKey(key)!).sort(bySpecificity).map(({ host, path }) => [host, ...path].join('/'))).toEqual(['a.example.com/team/app', '*.example.com/team', 'a.example.com', '*.example.com']);
});

test.each([
  ['https://registry-1.docker.io', 'https://index.docker.io/v1/'],
  ['https://ghcr.io', 'ghcr.io'],
  ['http://localhost:5000', 'localhost:5000'],
])('helpers know %s as %s', (origin, server) => {
  expect(serverOf(targetOf(new URL(origin), 'a'))).toBe(server);
});
