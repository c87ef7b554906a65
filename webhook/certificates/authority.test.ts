import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { createAuthority, issueServing, LIFETIME } from './authority.ts';
import { isAgeing, isIssuedBy, readAuthority, readCertificates, readServing } from './certificate.ts';

const NOW = Date.now();
const NAMES = ['wasmgate.gate.svc', 'wasmgate.gate.svc.cluster.local', 'wasmgate', 'localhost'];

describe('an authority', () => {
  test('may sign, lives for a year and begins a day early', async () => {
    const authority = await createAuthority(NOW);
    const certificate = readAuthority(authority)!;
    expect(certificate.parsed.ca).toBe(true);
    expect(certificate.notAfter).toBe(Math.floor((NOW + LIFETIME.authority) / 1_000) * 1_000);
    expect(certificate.notBefore).toBe(Math.floor((NOW - 86_400_000) / 1_000) * 1_000);
    expect(certificate.parsed.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
    expect(certificate.parsed.verify(certificate.parsed.publicKey)).toBe(true);
  });

  test('is unlike any other in name, serial and key', async () => {
    const [one, other] = (await Promise.all([createAuthority(NOW), createAuthority(NOW)])).map(({ certificate }) => new X509Certificate(certificate));
    expect(one!.subject).not.toBe(other!.subject);
    expect(one!.serialNumber).not.toBe(other!.serialNumber);
    expect(one!.publicKey.equals(other!.publicKey)).toBe(false);
  });

  test('counts only with the key that belongs to it', async () => {
    const [one, other] = await Promise.all([createAuthority(NOW), createAuthority(NOW)]);
    expect(readAuthority({ certificate: one.certificate, key: other.key })).toBeNull();
    expect(readAuthority({ certificate: one.certificate, key: 'no key' })).toBeNull();
    const leaf = await issueServing(one, NAMES, NOW);
    expect(readAuthority({ certificate: leaf.certificate, key: leaf.key })).toBeNull();
  });
});

describe('a serving pair', () => {
  test('is for a server of every name, signed by its authority alone', async () => {
    const [one, other] = await Promise.all([createAuthority(NOW), createAuthority(NOW)]);
    const leaf = readServing(await issueServing(one, NAMES, NOW), NAMES)!;
    expect(leaf.parsed.subjectAltName).toBe(NAMES.map((name) => `DNS:${name}`).join(', '));
    expect(leaf.parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(isIssuedBy(leaf, readAuthority(one)!)).toBe(true);
    expect(isIssuedBy(leaf, readAuthority(other)!)).toBe(false);
    expect(readServing(await issueServing(one, ['elsewhere.gate.svc'], NOW), NAMES)).toBeNull();
  });

  test('never outlives its authority', async () => {
    const authority = await createAuthority(NOW);
    const late = NOW + LIFETIME.authority - 86_400_000;
    expect(readServing(await issueServing(authority, NAMES, late), NAMES)!.notAfter).toBe(readAuthority(authority)!.notAfter);
  });

  test('is due in the last third of its life', async () => {
    const leaf = readServing(await issueServing(await createAuthority(NOW), NAMES, NOW), NAMES)!;
    expect(isAgeing(leaf, NOW + 19 * 86_400_000)).toBe(false);
    expect(isAgeing(leaf, NOW + 20 * 86_400_000)).toBe(true);
  });

  test('is accepted by a TLS client that trusts a bundle with the authority in it', async () => {
    const [old, authority] = await Promise.all([createAuthority(NOW), createAuthority(NOW)]);
    const server = createServer({ ...await pairOptions(authority), minVersion: 'TLSv1.3' }, (socket) => socket.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const dial = (ca: string, servername: string) => connect({ port, host: '127.0.0.1', ca, servername });
    await once(dial(old.certificate + authority.certificate, NAMES[0]!), 'secureConnect');
    await expect(once(dial(old.certificate, NAMES[0]!), 'secureConnect')).rejects.toThrow(/unable to verify|self-signed|issuer/i);
    await expect(once(dial(authority.certificate, 'other.gate.svc'), 'secureConnect')).rejects.toThrow(/altnames/i);
    server.close();
  });
});

describe('reading a bundle', () => {
  test('leaves out what is no certificate and what is there twice', async () => {
    const [one, other] = await Promise.all([createAuthority(NOW), createAuthority(NOW)]);
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const read = readCertificates(`# comment\n${one.certificate}${broken}${other.certificate}${one.certificate}`);
    expect(read.map(({ pem }) => pem.trim())).toEqual([one.certificate.trim(), other.certificate.trim()]);
  });

  test('is bounded', () => {
    expect(readCertificates('-----BEGIN CERTIFICATE-----\n'.repeat(1_000_000))).toEqual([]);
  });
});

async function pairOptions(authority: { readonly certificate: string; readonly key: string }): Promise<{ key: string; cert: string }> {
  const { key, certificate } = await issueServing(authority, NAMES, NOW);
  return { key, cert: certificate };
}
