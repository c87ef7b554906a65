import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dataModule, wide } from '../../test/support/data-module.ts';
import type { FixtureCustom, FixtureSegment } from '../../test/support/data-module.ts';
import { sha256Hex } from '../sha256.ts';
import { LIMITS } from '../wasm/limits.ts';
import { crc32, hasTokenChecksum } from './checksum.ts';
import { findSecretCandidates } from './secret-candidates.ts';
import { SECRET_PATTERNS } from './secret-patterns.ts';
import { structuralScanner } from './structural-scanner.ts';

// Put together at run time, so that no scanner of repositories takes this file for a leak.
const GITHUB = ['gh', 'p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17'].join('');
const RANDOM = 'tB7xQ2mV9kL4wR8nZ3cF6hJ1pD5sG0yA7eU2iO9qXvK4';
const AWS_ID = ['AK', 'IAZ7QXM2KV4TNW6RJD'].join('');
const AWS_SECRET = 'q8Zt/4LmWx+V2nRb7KcYp0HsJdEf5GuTaQ9iXo3B';
const pkcs8 = (type: 'rsa' | 'ec' | 'ed25519') => {
  const options = { rsa: { modulusLength: 1024 }, ec: { namedCurve: 'P-256' }, ed25519: {} }[type];
  return (generateKeyPairSync as (type: string, options: object) => { privateKey: ReturnType<typeof generateKeyPairSync>['privateKey'] })(type, options).privateKey;
};
const pem = (type: 'rsa' | 'ec' | 'ed25519', format: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8') => String(pkcs8(type).export({ type: format, format: 'pem' }));
const der = (type: 'rsa' | 'ec' | 'ed25519', format: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8') => new Uint8Array(pkcs8(type).export({ type: format as 'pkcs8', format: 'der' }));
const jwt = (header: object, claims: object, length: number) => [JSON.stringify(header), JSON.stringify(claims)].map((part) => Buffer.from(part).toString('base64url')).join('.') + '.' + Buffer.alloc(length, 7).toString('base64url');

const gather = (segments: readonly FixtureSegment[], customs: readonly FixtureCustom[] = []) => findSecretCandidates(dataModule(segments, customs));
const find = (...given: Parameters<typeof gather>) => gather(...given).candidates;
const inData = (text: string | Uint8Array) => find([{ at: 16, bytes: text }]);
const summary = (text: string | Uint8Array) => inData(text).map(({ pattern, verified }) => `${pattern} ${verified ? 'verified' : 'likely'}`);

describe('findSecretCandidates', () => {
  it.each<[string, string]>([
    ['github-token verified', GITHUB],
    ['github-token likely', `gh${'p_'}${RANDOM.slice(0, 36)}`],
    ['github-token verified', `github${'_pat_'}${RANDOM.slice(0, 22)}_${(RANDOM + RANDOM).slice(0, 59)}`],
    ['gitlab-token verified', `gl${'pat-'}${RANDOM.slice(0, 20)}`],
    ['slack-token verified', `xo${'xb-'}123456789012-210987654321-${RANDOM.slice(0, 24)}`],
    ['slack-webhook verified', `https://hooks.slack.com/services/T${'0A1B2C3D4'}/B5E6F7G8H/${RANDOM.slice(0, 24)}`],
    ['stripe-key verified', `sk${'_live_'}${RANDOM.slice(0, 30)}`],
    ['google-api-key likely', `AI${'za'}${RANDOM.slice(0, 35)}`],
    ['sendgrid-key verified', `S${'G.'}${RANDOM.slice(0, 22)}.${RANDOM.slice(0, 43)}`],
    ['openai-key verified', `sk-proj-${RANDOM}T3Blb${'kFJ'}${RANDOM}`],
    ['aws-access-key likely', AWS_ID],
    ['aws-access-key verified', `${AWS_ID}\0${AWS_SECRET}`],
    ['aws-secret-key verified', `aws_secret_access_key = ${AWS_SECRET}`],
    ['json-web-token verified', jwt({ alg: 'HS256', typ: 'JWT' }, { sub: 'u-77', iat: 1 }, 32)],
    ['json-web-token likely', jwt({ alg: 'HS256' }, { sub: 'u-77' }, 20)],
    ['credentials-in-url verified', 'postgres://app:s3cr3t-Qv9x@db.acme.io:5432/main'],
    ['credentials-in-url likely', 'https://bob:hunter77@acme.io/'],
    ['private-key verified', pem('rsa')],
    ['private-key verified', pem('rsa', 'pkcs1')],
    ['private-key verified', pem('ec', 'sec1')],
    ['private-key verified', pem('ed25519').replaceAll('\n', '\\n')],
    ['private-key likely', String(pkcs8('ec').export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }))],
  ])('finds %s', (expected, text) => {
    expect(summary(`\0before\0${text}\0after`)).toEqual([expected]);
  });

  it.each<[string, string]>([
    ['a header that a parser of keys contains', '-----BEGIN RSA PRIVATE KEY-----\0-----END RSA PRIVATE KEY-----'],
    ['headers in a row', '-----BEGIN PRIVATE KEY----------BEGIN EC PRIVATE KEY-----'],
    ['a public key', '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----'],
    ['text instead of a key', `-----BEGIN PRIVATE KEY-----\n${'VGhpcyBpcyBub3QgYSBrZXkuIFRoaXMgaXMgbm90IGEga2V5Lg=='}\n-----END PRIVATE KEY-----`],
    ['the documented example id', ['AK', 'IAIOSFODNN7EXAMPLE'].join('')],
    ['the documented example secret', `aws_secret_access_key = ${['wJalrXUtnFEMI/K7MDENG/', 'bPxRfiCYEXAMPLEKEY'].join('')}`],
    ['a placeholder', `ghp_${'x'.repeat(36)}`],
    ['a counted alphabet', 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'],
    ['a token that is too short', 'glpat-short'],
    ['the sample web token', jwt({ alg: 'HS256', typ: 'JWT' }, { sub: '1234567890', name: 'John Doe', iat: 1516239022 }, 32)],
    ['a URL template', 'postgres://%s:%s@%s/%s postgres://user:password@localhost/db https://user:pass@example.com mysql://root:{{pw}}@db.acme.io'],
    ['a URL with a port', 'https://acme.io:8080/@scope/name'],
  ])('lets %s pass', (_, text) => {
    expect(summary(text)).toEqual([]);
  });

  it('finds private keys as DER and lets templates pass', () => {
    for (const bytes of [der('rsa'), der('rsa', 'pkcs1'), der('ec'), der('ec', 'sec1'), der('ed25519')]) {
      const [found, ...more] = inData(Uint8Array.of(0x30, 0x82, ...bytes, 0x30));
      expect(found).toMatchObject({ pattern: 'private-key', verified: true, encoding: 'binary' });
      expect(found!.locate(0, 0)).toEqual({ path: 'data[0]', offset: 10, length: bytes.length });
      expect(more).toEqual([]);
    }
    const template = Uint8Array.from(Buffer.from('302e020100300506032b657004220420', 'hex'));
    expect(inData(Uint8Array.of(...template, ...new Uint8Array(40)))).toEqual([]);
    expect(inData(Uint8Array.of(...template, ...new TextEncoder().encode('the quick brown fox jumps over the lazy dog')))).toEqual([]);
    expect(inData(der('rsa').subarray(0, 300))).toEqual([]);
  });

  it('reads UTF-16, and one layer of base64 at each of its three alignments', () => {
    expect(find([{ at: 0, bytes: wide(`key=${GITHUB};`) }]).map(({ encoding, verified }) => [encoding, verified])).toEqual([['utf-16', true]]);
    for (const before of ['', 'x', 'xy', '{"auth":"user:']) {
      const encoded = Buffer.from(`${before}${GITHUB}"}`).toString('base64');
      const [found, ...more] = inData(`\0\0${encoded}\0`);
      expect(found, before).toMatchObject({ pattern: 'github-token', verified: true, encoding: 'base64' });
      expect(found!.text.slice(found!.start, found!.end)).toBe(GITHUB);
      const { offset, length } = found!.locate(found!.start, found!.end);
      expect(Buffer.from(encoded.slice(offset - 10, offset - 10 + length), 'base64').toString()).toContain(GITHUB.slice(4, -4));
      expect(more).toEqual([]);
    }
    expect(inData(Buffer.from(pem('rsa')).toString('base64'))).toMatchObject([{ pattern: 'private-key', verified: true, encoding: 'base64' }]);
  });

  it('finds a secret that is spread over two segments, and says where it starts', () => {
    const [found] = find([{ at: 20, bytes: GITHUB.slice(10) }, { at: 10, bytes: GITHUB.slice(0, 10) }]);
    expect(found!.locate(found!.start, found!.end)).toEqual({ path: 'data[1]', offset: 8 + 30, length: 40 });
  });

  it('looks into custom sections, but not at claims that are public by design', () => {
    expect(find([], [{ name: 'notes', payload: `\0${GITHUB}` }]).map((found) => found.locate(found.start, found.end))).toEqual([{ path: 'custom[0] notes', offset: 9, length: 40 }]);
    expect(find([], [{ name: 'jwt', payload: jwt({ alg: 'HS256' }, { sub: 'M' }, 32) }])).toEqual([]);
  });

  it('counts a repeated secret once and survives a flood of literals', () => {
    expect(inData(`${GITHUB}\0${GITHUB}\0${GITHUB}`)).toHaveLength(1);
    const flood = `${'ghp_'.repeat(200_000)}\0${'eyJ'.repeat(200_000)}\0${GITHUB.replace('ghp_', 'gho_')}`;
    expect(inData(flood)).toEqual([]);
    expect(summary(`${'://'.repeat(100_000)}\0${GITHUB}`)).toEqual(['github-token verified']);
  });

  it('says where it stopped looking for a form, and goes on with the others', () => {
    const flood = 'ghp_\0'.repeat(20_000);
    const { candidates, problems } = gather([{ at: 0, bytes: `${flood}${GITHUB}\0${AWS_ID}` }]);
    expect(candidates.map(({ pattern }) => pattern)).toEqual(['aws-access-key']);
    expect(problems).toMatchObject([{ code: 'limit-exceeded', effect: 'unanalysed', section: 'data', message: expect.stringContaining('github-token') }]);
    expect(problems[0]!.offset).toBeLessThan(8 + flood.length);
  });

  it('says that it kept no more', () => {
    const keys = Array.from({ length: LIMITS.secretCandidates + 1 }, (_, index) => `AIza${sha256Hex(new TextEncoder().encode(String(index))).slice(0, 35)}`);
    expect(gather([{ at: 0, bytes: keys.slice(1).join('\0') }]).problems).toEqual([]);
    const { candidates, problems } = gather([{ at: 0, bytes: keys.join('\0') }]);
    expect(candidates).toHaveLength(LIMITS.secretCandidates);
    expect(problems).toMatchObject([{ effect: 'unanalysed', message: expect.stringContaining(String(LIMITS.secretCandidates)) }]);
  });

  it('reads thousands of certificates, maps and addresses to the end', () => {
    const certificates = `-----BEGIN CERTIFICATE-----\n${'MIIB'.repeat(20)}\n-----END CERTIFICATE-----\n`.repeat(5_000);
    const maps = 'eyJ2ZXJzaW9uIjoz+fQ\0'.repeat(3_000);
    expect(gather([{ at: 0, bytes: `${certificates}${maps}${'https://docs.rs/serde\0'.repeat(100_000)}${GITHUB}` }])).toMatchObject({ candidates: [{ pattern: 'github-token' }], problems: [] });
  });

  it('gives no anchor that the search cannot take', () => {
    for (const { anchors, form } of SECRET_PATTERNS) {
      expect(form.global).toBe(true);
      for (const anchor of anchors) expect(anchor.length).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('structuralScanner', () => {
  it('never lets the secret out', async () => {
    const facts = await structuralScanner.scan(inData(`${GITHUB}\0${pem('rsa')}\0${AWS_ID} ${AWS_SECRET}`));
    expect(facts.map(({ pattern }) => pattern).sort()).toEqual(['aws-access-key', 'github-token', 'private-key']);
    for (const fact of facts) expect(fact.masked).toMatch(/^[\x21-\x7e]{4}\.\.\. sha256:[0-9a-f]{8}$/);
    expect(JSON.stringify(facts)).not.toMatch(/zQWB|MII|q8Zt|IAZ7/);
  });
});

it('knows the published check values', () => {
  expect(crc32('123456789')).toBe(0xcbf4_3926);
  expect(hasTokenChecksum(GITHUB.slice(4))).toBe(true);
  expect(hasTokenChecksum(GITHUB.slice(4).replace('z', 'y'))).toBe(false);
});
