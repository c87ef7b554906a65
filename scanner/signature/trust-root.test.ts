import { describe, expect, it } from 'vitest';
import { generateTrustRoot } from '../../tools/generate-trust-root.ts';
import { readFile } from 'node:fs/promises';
import { trustedRootJson, type TrustedRootJson, trustRoot } from '../../test/support/private-sigstore.ts';
import { publicGoodRoot, readTrustRoot, TrustRootError } from './trust-root.ts';

describe('a trust root', () => {
  it('gives its name, the hash of its text, the newest day in it and what it knows', () => {
    const text = JSON.stringify(trustedRootJson());
    const root = readTrustRoot(text, 'acme');
    expect(root).toMatchObject({ name: 'acme', date: '2026-01-02', has: { certificateAuthorities: true, logs: true, certificateLogs: true, timestampAuthorities: true } });
    expect(root.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(readTrustRoot(`${text} `, 'acme').hash).not.toBe(root.hash);
    expect(readTrustRoot(text, 'acme', '2026-09-09').date).toBe('2026-09-09');
    expect(trustRoot((json) => { json.ctlogs = []; json.timestampAuthorities = []; }).has).toEqual({ certificateAuthorities: true, logs: true, certificateLogs: false, timestampAuthorities: false });
  });

  it.each<[string, string, (json: TrustedRootJson) => void]>([
    ['of another version', 'media-type-unknown', (json) => { json.mediaType += 'x'; }],
    ['with a log that has no start', 'validity-missing', (json) => { json.tlogs[0]!.publicKey.validFor = {}; }],
    ['with a log that has no validity', 'validity-missing', (json) => { delete json.tlogs[0]!.publicKey.validFor; }],
    ['with a certificate log that has no start', 'validity-missing', (json) => { json.ctlogs[0]!.publicKey.validFor = { end: '2027-01-01T00:00:00Z' }; }],
    ['with a start that is no time', 'malformed-root', (json) => { json.tlogs[0]!.publicKey.validFor = { start: 'yesterday' }; }],
    ['that ends before it begins', 'malformed-root', (json) => { json.tlogs[0]!.publicKey.validFor = { start: '2026-01-02T00:00:00Z', end: '2026-01-01T00:00:00Z' }; }],
    ['with a log that has no address', 'malformed-root', (json) => { json.tlogs[0]!.baseUrl = ''; }],
    ['with base64 that is not canonical', 'malformed-root', (json) => { json.tlogs[0]!.publicKey.rawBytes += '\n'; }],
    ['with a key of a kind that is not known', 'key-unsupported', (json) => { json.tlogs[0]!.publicKey.keyDetails = 'PKIX_NEW'; }],
    ['with a key that is none', 'key-unsupported', (json) => { json.tlogs[0]!.publicKey.rawBytes = 'AAAA'; }],
    ['with a log twice', 'duplicate', (json) => { json.tlogs.push(json.tlogs[0]!); }],
    ['with an authority twice', 'duplicate', (json) => { json.certificateAuthorities.push(json.certificateAuthorities[0]!); }],
    ['with a chain that has no end', 'chain-incomplete', (json) => { json.certificateAuthorities[0]!.certChain.certificates.pop(); }],
    ['with a chain in the wrong order', 'chain-incomplete', (json) => { json.certificateAuthorities[0]!.certChain.certificates.reverse(); }],
    ['with an empty chain', 'malformed-root', (json) => { json.certificateAuthorities[0]!.certChain.certificates = []; }],
    ['with a certificate that is none', 'malformed-root', (json) => { json.certificateAuthorities[0]!.certChain.certificates[0]!.rawBytes = 'AAAA'; }],
    ['with one self-signed certificate for timestamps', 'chain-incomplete', (json) => { json.timestampAuthorities[0]!.certChain.certificates.splice(0, 2); }],
    ['that holds nothing', 'empty-root', (json) => { json.tlogs = []; json.ctlogs = []; json.certificateAuthorities = []; json.timestampAuthorities = []; }],
    ['with too many logs', 'too-large', (json) => { json.tlogs = Array.from({ length: 300 }, () => json.tlogs[0]!); }],
    ['with lists that are none', 'malformed-root', (json) => { (json as { tlogs: unknown }).tlogs = {}; }],
  ])('%s is refused: %s', (_, code, change) => {
    const json = trustedRootJson();
    change(json);
    expect(codeOf(JSON.stringify(json))).toBe(code);
  });

  it.each([['malformed-root', '{'], ['malformed-root', 'null'], ['malformed-root', '{"mediaType":"a","mediaType":"b"}'], ['too-large', ' '.repeat((1 << 20) + 1)]])('is refused as %s', (code, text) => {
    expect(codeOf(text)).toBe(code);
  });

  it('of the public instance is built in, as its source has it', async () => {
    expect(publicGoodRoot()).toMatchObject({ name: 'public-good', has: { certificateAuthorities: true, logs: true, certificateLogs: true, timestampAuthorities: true } });
    expect(publicGoodRoot()).toBe(publicGoodRoot());
    for (const [path, text] of await generateTrustRoot()) expect(await readFile(path, 'utf8')).toBe(text);
  });
});

function codeOf(text: string): string {
  try {
    readTrustRoot(text, 'acme');
    return 'ok';
  } catch (error) {
    if (!(error instanceof TrustRootError)) throw error;
    expect(error.message).toMatch(/^acme.*: .*[^.]$/);
    return error.code;
  }
}
