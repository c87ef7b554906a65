import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { agentOf, AUTHORITY, authority, certificateSource, issue, keptLog, type LeafOptions, post, reviewOf, serveReviews, stopServersAfterEach } from '../../test/support/review-server.ts';
import { SILENT } from '../log.ts';
import { type CallerOptions, openCallers } from './callers.ts';
import { clientNames } from './client-names.ts';

stopServersAfterEach();

const folder = mkdtempSync(join(tmpdir(), 'callers-'));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function servedTo(options: Partial<CallerOptions>) {
  const callers = await openCallers({ clientAuthorities: null, names: [], bearerToken: null, log: SILENT, interval: 20, ...options });
  onTestFinished(() => callers.stop());
  return serveReviews({ callers, certificates: certificateSource(issue('server', { issuer: AUTHORITY })) });
}

const CLIENTS = authority('client authority');
const withCertificate = (name: string, options: LeafOptions = {}) => {
  const { certificate, key } = issue(name, { issuer: CLIENTS, usage: ['clientAuth'], ...options });
  return agentOf({ cert: certificate, key });
};
const token = (text: string) => ({ headers: { authorization: text } });

/** Follows a change of files without a wait of fixed length. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise((resolve) => {
    setTimeout(resolve, 10);
  });
}

describe('client certificates', () => {
  test('of the authority are asked for, whoever sends', async () => {
    const server = await servedTo({ clientAuthorities: file('ca.pem', CLIENTS.pem) });
    expect((await post(server, reviewOf(), { agent: withCertificate('kube-apiserver') })).response.allowed).toBe(true);
    expect(await post(server, reviewOf())).toMatchObject({ status: 401, text: expect.stringContaining('client certificate') });
    for (const agent of [withCertificate('x', { issuer: AUTHORITY }), withCertificate('kube-apiserver', { issuer: authority('stranger') }), withCertificate('x', { lifetime: -1_000 }), withCertificate('x', { usage: ['serverAuth'] })]) {
      expect((await post(server, reviewOf(), { agent })).status).toBe(401);
    }
  });

  test.each<[number, string, LeafOptions]>([
    [200, 'kube-apiserver', {}], [200, 'other', { names: [['dns', 'kube-apiserver']] }], [200, 'other', { names: [['dns', 'a'], ['uri', 'spiffe://cluster/api']] }], [200, 'other', { names: [['email', 'api@example.com']] }],
    [403, 'other', {}], [403, 'kube-apiserver2', {}], [403, 'other', { names: [['dns', 'a, DNS:kube-apiserver']] }], [403, 'other', { names: [['uri', 'x", DNS:kube-apiserver']] }], [403, 'x, CN=kube-apiserver', {}], [403, 'x\nCN=kube-apiserver', {}], [403, 'other', { names: [['dns', '*']] }],
  ])('are heard with one of the names only: %i for %j %j', async (status, name, options) => {
    const server = await servedTo({ clientAuthorities: file('ca.pem', CLIENTS.pem), names: ['kube-apiserver', 'spiffe://cluster/api', 'api@example.com'] });
    expect((await post(server, reviewOf(), { agent: withCertificate(name, options) })).status).toBe(status);
  });

  test('count by the authorities of today: connections of yesterday end with their next answer', async () => {
    const path = file('changing.pem', CLIENTS.pem);
    const server = await servedTo({ clientAuthorities: path });
    const { certificate, key } = issue('kube-apiserver', { issuer: CLIENTS });
    const agent = agentOf({ cert: certificate, key, keepAlive: true, maxSockets: 1, maxCachedSessions: 10 });
    onTestFinished(() => agent.destroy());
    expect((await post(server, reviewOf(), { agent })).headers.connection).toBe('keep-alive');
    writeFileSync(path, authority('next authority').pem);
    await until(async () => (await post(server, reviewOf(), { agent: withCertificate('a', { issuer: authority('next authority') }) })).status === 200);
    expect(await post(server, reviewOf(), { agent })).toMatchObject({ status: 200, headers: { connection: 'close' } });
    expect((await post(server, reviewOf(), { agent })).status).toBe(401);
  });

  test('are shown in every handshake: no session is taken up again', async () => {
    const reused = async (server: Awaited<ReturnType<typeof serveReviews>>): Promise<boolean> => {
      const { certificate, key } = issue('kube-apiserver', { issuer: CLIENTS });
      const handshake = (session?: Buffer) => new Promise<{ readonly session: Buffer | undefined; readonly reused: boolean }>((resolve, reject) => {
        const { address: host, port } = server.address;
        const socket = connect({ host, port, ca: AUTHORITY.pem, servername: 'localhost', cert: certificate, key, maxVersion: 'TLSv1.2', ...(session ? { session } : {}) }, () => {
          resolve({ session: socket.getSession(), reused: socket.isSessionReused() });
          socket.destroy();
        });
        socket.once('error', reject);
      });
      return (await handshake((await handshake()).session)).reused;
    };
    expect(await reused(await servedTo({ clientAuthorities: file('ca.pem', CLIENTS.pem) }))).toBe(false);
    expect(await reused(await serveReviews())).toBe(true);
  });

  test('names are read however they are written', () => {
    const peer = (CN: unknown, subjectaltname?: string) => clientNames({ subject: { CN }, subjectaltname } as never);
    expect(peer('a', 'DNS:b, IP Address:10.0.0.1, URI:"x, DNS:c", email:d@e')).toEqual(['a', 'b', '10.0.0.1', 'x, DNS:c', 'd@e']);
    expect(peer(['a', 'b'])).toEqual(['a', 'b']);
    expect(peer(undefined, 'DNS:"unfinished')).toEqual([]);
    expect(peer(undefined, 'nonsense')).toEqual([]);
    expect(clientNames({} as never)).toEqual([]);
  });
});

describe('a bearer token', () => {
  test('is asked for where one is set', async () => {
    const server = await servedTo({ bearerToken: file('token', '  s3cret-token\n') });
    for (const good of ['Bearer s3cret-token', 'bearer s3cret-token', 'BEARER   s3cret-token ']) expect((await post(server, reviewOf(), token(good))).response.allowed).toBe(true);
    for (const bad of ['Bearer s3cret-toke', 'Bearer s3cret-token2', 'Bearer', 'Bearer ', 'Basic s3cret-token', 's3cret-token', 'Bearer s3cret-token, Bearer x']) {
      expect(await post(server, reviewOf(), token(bad))).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    }
    expect((await post(server, reviewOf())).status).toBe(401);
  });

  test('follows its file, and an empty file takes nothing away', async () => {
    const path = file('moving-token', 'first');
    const log = keptLog();
    const server = await servedTo({ bearerToken: path, log });
    writeFileSync(path, 'second\n');
    await until(async () => (await post(server, reviewOf(), token('Bearer second'))).status === 200);
    expect((await post(server, reviewOf(), token('Bearer first'))).status).toBe(401);
    writeFileSync(path, ' \n');
    await until(async () => log.lines.some(({ message }) => message.includes('It is empty; the last good one stays in use')));
    expect((await post(server, reviewOf(), token('Bearer second'))).status).toBe(200);
    expect((await post(server, reviewOf(), token('Bearer '))).status).toBe(401);
    expect(JSON.stringify(log.lines)).not.toMatch(/first|second/);
  });

  test('and a certificate are both asked for where both are set', async () => {
    const server = await servedTo({ clientAuthorities: file('ca.pem', CLIENTS.pem), bearerToken: file('token', 'abc') });
    const agent = withCertificate('kube-apiserver');
    expect((await post(server, reviewOf(), { agent, ...token('Bearer abc') })).status).toBe(200);
    expect((await post(server, reviewOf(), { agent })).status).toBe(401);
    expect((await post(server, reviewOf(), token('Bearer abc'))).status).toBe(401);
  });

  test('that nobody asked for does no harm', async () => {
    const server = await serveReviews();
    expect((await post(server, reviewOf(), token('Bearer eyJhbGciOi.x.y'))).response.allowed).toBe(true);
  });
});

test.each<[string, Partial<CallerOptions>]>([
  ['ENOENT', { bearerToken: join(folder, 'missing') }], ['It is empty', { bearerToken: file('empty', '\n') }], ['no PEM certificates', { clientAuthorities: file('no.pem', 'hello') }],
])('without a usable file there is no start: %s', async (what, options) => {
  await expect(openCallers({ clientAuthorities: null, names: [], bearerToken: null, log: SILENT, ...options })).rejects.toThrow(what);
});
