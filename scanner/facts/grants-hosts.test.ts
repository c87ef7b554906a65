import { expect, test } from 'vitest';
import { readHost } from './constants/forms.ts';
import { hostListed } from './grants-hosts.ts';

test.each<[string, readonly string[], boolean | null]>([
  ['https://api.example/v1', ['https://api.example'], true],
  ['https://api.example/v1', ['https://api.example:443'], true],
  ['https://api.example:8443', ['https://api.example'], false],
  ['http://api.example', ['https://api.example'], false],
  ['https://api.example', ['api.example'], true],
  ['https://a.b.example', ['*.example'], true],
  ['https://example', ['*.example'], false],
  ['https://evilexample', ['*.example'], false],
  ['https://apixexample', ['api.example'], false],
  ['api.example', ['*://api.example:*'], true],
  ['redis://cache.local:6380', ['redis://cache.local:6379'], false],
  ['redis://cache.local:6380', ['redis://cache.local:6379..6381'], true],
  ['https://API.example', ['https://api.EXAMPLE'], true],
  ['https://[::1]:80/', ['https://[::1]:80'], true],
  ['https://api.example', [], false],
  ['https://api.example', ['https://{{ host }}'], null],
  ['https://api.example', ['8080', 'other.example'], null],
])('%s with %j: %s', (text, entries, expected) => {
  expect(hostListed(entries, readHost(text)!)).toBe(expected);
});

test.each(['hello world', 'config.yaml', '1.2.3', '300.1.1.1', '/etc/passwd', 'http://', '', 'main.rs', 'v1.2.3'])('%j names no host', (text) => {
  expect(readHost(text)).toBeNull();
});
