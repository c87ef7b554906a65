import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseReference } from '../../policy/reference.ts';
import { normalHost, readReference, readRepository } from './reference.ts';

const HEX = '0123456789abcdef'.repeat(4);
const SHA256 = `sha256:${HEX}`;
const SHA512 = `sha512:${HEX}${HEX}`;

describe('readReference', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx', 'latest', null],
    ['nginx:1.27', 'docker.io/library/nginx', '1.27', null],
    ['acme/app', 'docker.io/acme/app', 'latest', null],
    ['docker.io/nginx', 'docker.io/library/nginx', 'latest', null],
    ['index.docker.io/acme/app', 'docker.io/acme/app', 'latest', null],
    ['docker.io:443/nginx', 'docker.io/library/nginx', 'latest', null],
    ['oci://GHCR.io:443/acme/app:v1', 'ghcr.io/acme/app', 'v1', null],
    ['localhost/app', 'localhost/app', 'latest', null],
    ['localhost:5000', 'docker.io/library/localhost', '5000', null],
    ['localhost:5000/a/b/c:x', 'localhost:5000/a/b/c', 'x', null],
    ['[::1]:5000/app', '[::1]:5000/app', 'latest', null],
    ['[fd00::1]/app', '[fd00::1]/app', 'latest', null],
    [`ghcr.io/acme/app@${SHA256}`, 'ghcr.io/acme/app', null, SHA256],
    [`ghcr.io/acme/app:v1@${SHA512}`, 'ghcr.io/acme/app', 'v1', SHA512],
    ['a__b/c-d.e---f', 'docker.io/a__b/c-d.e---f', 'latest', null],
  ])('reads %s', (text, name, tag, digest) => {
    const reference = readReference(text);
    expect([reference.repository.name, reference.tag, reference.digest]).toEqual([name, tag, digest]);
  });

  test.each([
    '', 'ghcr.io/', '/app', 'Acme/app', 'ghcr.io/Acme/app', 'ghcr.io//app', 'ghcr.io/app/', 'ghcr.io/a..b', 'ghcr.io/-a', 'ghcr.io/a___b', 'ghcr.io/app:', 'ghcr.io/app:-x', `ghcr.io/app:${'x'.repeat(129)}`,
    'ghcr.io/app@', 'ghcr.io/app@sha256:abc', `ghcr.io/app@md5:${HEX}`, `ghcr.io/app@SHA256:${HEX}`, `ghcr.io/app@sha256:${HEX.toUpperCase()}`, `ghcr.io/app@${SHA256}@${SHA256}`, `ghcr.io/app@sha512:${HEX}`, `ghcr.io/app@${SHA256} `,
    SHA256, HEX, 'ghcr.io:0/app', 'ghcr.io:65536/app', 'ghcr.io:080/app', 'user@ghcr.io/app', 'user:pw@ghcr.io/app', 'http://ghcr.io/app', 'oci://oci://ghcr.io/app', '../app', 'ghcr.io/../app', 'ghcr.io/a%2fb', 'ghcr.io/a?b', 'ghcr.io/a#b', 'ghcr.io/a\\b',
    'ghcr.io\\@evil.example/app', 'ghcr.io./app', '.ghcr.io/app', '127.1/app', '0x7f.0.0.1/app', '017700000001.1/app', '1.2.3.999/app', '[::1/app', '[0:0::1]/app', '[fe80::1%25eth0]/app', 'ghcr.io/a\nb', 'ghcr.io/ä', 'ghcr.io/app:\u0661', `ghcr.io/${'a/'.repeat(150)}a`, 'a'.repeat(2_000),
  ])('refuses %j', (text) => {
    expect(() => readReference(text)).toThrow(expect.objectContaining({ failure: expect.objectContaining({ kind: 'unreadable', code: 'bad-reference' }) }));
  });

  test('agrees with the normal form that policies match', () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?$/);
    const port = fc.option(fc.integer({ min: 1, max: 65_535 }).map((number) => `:${number}`), { nil: '' });
    const names = fc.array(label, { minLength: 2, maxLength: 3 }).map((labels) => [...labels, 'example'].join('.'));
    const host = fc.oneof(names, names.map((name) => name.toUpperCase()), fc.constantFrom('localhost', 'docker.io', 'index.docker.io', '[::1]', '10.0.0.1', 'registry.hub.docker.com', 'ghcr.io:443'));
    // A first component with a dot would be a host.
    const component = fc.stringMatching(/^[a-z0-9]{1,5}(([._]|__|-{1,3})[a-z0-9]{1,3})?$/);
    const path = fc.tuple(fc.stringMatching(/^[a-z0-9]{1,5}(_[a-z0-9])?$/), fc.array(component, { maxLength: 3 })).map(([first, rest]) => [first, ...rest].join('/'));
    const tag = fc.option(fc.stringMatching(/^:\w[\w.-]{0,20}$/), { nil: '' });
    const digest = fc.constantFrom('', `@${SHA256}`, `@${SHA512}`);
    const texts = fc.tuple(fc.constantFrom('', 'oci://'), fc.option(fc.tuple(host, port).map(([name, number]) => `${name.endsWith(':443') ? name : name + number}/`), { nil: '' }), path, tag, digest).map((parts) => parts.join(''));
    fc.assert(fc.property(texts, (text) => {
      const ours = readReference(text);
      const theirs = parseReference(text);
      expect([ours.repository.name, ours.digest]).toEqual([theirs.repository, theirs.digest]);
      expect(ours.tag).toBe(theirs.tag ?? (theirs.digest === null ? 'latest' : null));
    }), { numRuns: 500 });
  });

  test('never throws anything but its failure', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'abz09./:@-_[]%\\ \tA', 'sha256:', 'oci://', 'localhost') }), (text) => {
      try {
        expect(readReference(text).repository.name).toMatch(/^[\x21-\x7e]+$/);
      } catch (error) {
        expect(error).toHaveProperty('failure.code', 'bad-reference');
      }
    }), { numRuns: 2_000 });
  });
});

describe('readRepository', () => {
  test('takes a repository alone', () => {
    expect(readRepository('docker.io/library/nginx')).toEqual({ registry: 'docker.io', path: 'library/nginx', name: 'docker.io/library/nginx' });
  });

  test.each(['ghcr.io/app:v1', 'ghcr.io/app:latest', `ghcr.io/app@${SHA256}`])('refuses %s', (text) => {
    expect(() => readRepository(text)).toThrow(/only a repository/);
  });
});

test('normalHost refuses what a URL reads as another host', () => {
  expect(['127.1', '0x7f000001.', 'a b', 'a/b', 'a@b', '１.2.3.4', ''].map(normalHost)).toEqual([null, null, null, null, null, null, null]);
  expect(['A.Example:443', 'index.docker.io', '[::1]:80'].map(normalHost)).toEqual(['a.example', 'docker.io', '[::1]:80']);
});
