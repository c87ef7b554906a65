import { expect, test } from 'vitest';
import { proxyFor } from './proxy.ts';

const PROXIES = { https_proxy: 'http://proxy:3128', HTTP_PROXY: 'plain:8080' };
const of = (url: string, no = ''): string | null => proxyFor(new URL(url), { ...PROXIES, NO_PROXY: no });

test('the proxy of the scheme is taken, in either case', () => {
  expect([of('https://a.example/'), of('http://a.example/')]).toEqual(['http://proxy:3128', 'http://plain:8080']);
  expect(proxyFor(new URL('https://a.example/'), {})).toBeNull();
});

test('loopback never goes through one', () => {
  expect(['http://localhost:1/', 'http://127.0.0.2/', 'https://[::1]/'].map((url) => of(url))).toEqual([null, null, null]);
});

test.each([
  ['*', true], ['a.example', true], ['.example', true], ['*.example', true], ['example', true], ['b.example', false], ['a.example:443', true], ['a.example:444', false], ['xample', false], ['x, a.example', true], ['A.EXAMPLE', true],
])('NO_PROXY %s exempts: %s', (entry, exempt) => {
  expect(of('https://a.example/', entry) === null).toBe(exempt);
});

test('NO_PROXY takes addresses and ranges', () => {
  expect(['10.1.2.3', '10.0.0.0/8', '11.0.0.0/8', 'nonsense/8'].map((entry) => of('https://10.1.2.3/', entry) === null)).toEqual([true, true, false, false]);
  expect(of('https://[fd00::1]:8443/', 'fd00::/8')).toBeNull();
});
