import { expect, test } from 'vitest';
import { isPrivateHost } from './private-host.ts';

test.each([
  'localhost', 'build-7', '127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1', '[::1]', '[fe80::1]', '[fd12:3456::1]',
  'db.prod.svc.cluster.local', 'metadata.google.internal', 'git.CORP', 'printer.lan.', 'api.default.svc',
])('%s is private', (host) => expect(isPrivateHost(host)).toBe(true));

test.each(['', 'example.com', '172.32.0.1', '172.15.0.1', '192.169.0.1', '11.0.0.1', '100.128.0.1', '[2001:db8::1]', 'corp.example', 'internal.example.org', '8.8.8.8'])('%s is not', (host) => expect(isPrivateHost(host)).toBe(false));
