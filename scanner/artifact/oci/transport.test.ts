import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { selfSigned } from '../../../test/registry/certificate.ts';
import { closeClientsAfterEach, manifestText, quickClient, sendManifest, sha } from '../../../test/support/client.ts';
import { closeServersAfterEach, serve, type Handler, type TinyServer } from '../../../test/support/http-server.ts';
import { failureOf } from '../../../test/support/registry-read.ts';
import { createGuard } from './guard.ts';

closeServersAfterEach();
closeClientsAfterEach();

const A = manifestText('a');
const ALICE = { headerFor: async () => 'Basic alice', answer: async () => null };
const code = async (promise: Promise<unknown>): Promise<string> => (await failureOf(promise)).code;
const manifests: Handler = (_request, response) => sendManifest(response, A);
const redirect = (location: string, status = 307): Handler => (request, response) => (request.url === '/v2/' ? response.end() : response.writeHead(status, { location }).end());

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('%i is followed', async (status) => {
    const target = await serve(manifests);
    const server = await serve(redirect(`${target.url}/m`, status));
    expect((await quickClient([server, target]).open(`${server.host}/a:v`)).root.digest).toBe(sha(A));
  });

  test('credentials stay with their own origin, and are not given back after a way around', async () => {
    const home = await serve((request, response) => (request.url === '/back' ? manifests(request, response) : redirect(`${away.url}/x`)(request, response)));
    const away: TinyServer = await serve((_request, response) => response.writeHead(302, { location: `${home.url}/back` }).end());
    await quickClient([home, away], {}, { authoriser: ALICE }).open(`${home.host}/a:v`);
    expect(home.headers.filter((_headers, index) => home.seen[index] !== 'GET /v2/').map(({ authorization }) => authorization)).toEqual(['Basic alice', undefined]);
    expect(away.headers.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test('credentials go along on the same origin', async () => {
    const home = await serve((request, response) => (request.url === '/there' ? manifests(request, response) : redirect('/there')(request, response)));
    await quickClient([home], {}, { authoriser: ALICE }).open(`${home.host}/a:v`);
    expect(home.headers.at(-1)!.authorization).toBe('Basic alice');
  });

  test('who was redirected to cannot ask for credentials', async () => {
    const away = await serve((_request, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end());
    const home = await serve(redirect(`${away.url}/x`));
    let asked = 0;
    const authoriser = { headerFor: async () => null, answer: async () => {
      asked += 1;
      return 'Basic alice';
    } };
    expect(await code(quickClient([home, away], {}, { authoriser }).open(`${home.host}/a:v`))).toBe('unauthorized');
    expect(asked).toBe(0);
  });

  test('end after a few', async () => {
    const server: TinyServer = await serve((request, response) => redirect('/again')(request, response));
    expect(await code(quickClient([server]).open(`${server.host}/a:v`))).toBe('redirect-refused');
    expect(server.seen.filter((line) => line !== 'GET /v2/')).toHaveLength(6);
  });

  test.each(['http://169.254.169.254/latest/meta-data/', 'http://[fe80::1]/', 'http://[::ffff:169.254.169.254]/', 'http://[64:ff9b::a9fe:a9fe]/', 'http://0xa9fea9fe/', 'http://100.100.100.200/'])('to %s are refused, even when everything is listed', async (location) => {
    const server = await serve(redirect(location));
    expect(await failureOf(quickClient([server], { allowedHosts: ['0.0.0.0/0', '::/0'] }).open(`${server.host}/a:v`))).toMatchObject({ kind: 'unreadable', code: 'address-refused' });
  });

  test('to a private host that is not listed are refused, to one in a listed range followed', async () => {
    const inner = await serve(manifests);
    const server = await serve(redirect(`${inner.url}/m`));
    expect(await code(quickClient([server]).open(`${server.host}/a:v`))).toBe('address-refused');
    expect(inner.seen).toEqual([]);
    expect((await quickClient([server], { allowedHosts: ['127.0.0.0/8'] }).open(`${server.host}/a:v`)).root.digest).toBe(sha(A));
  });

  test('to a name that stands for a private address are refused', async () => {
    const inner = await serve(manifests);
    const server = await serve(redirect(`http://localhost:${inner.host.split(':')[1]}/m`));
    expect(await code(quickClient([server]).open(`${server.host}/a:v`))).toBe('address-refused');
    expect(inner.seen).toEqual([]);
  });

  test.each(['', 'file:///etc/passwd', 'ftp://a.example/', 'http://user:pw@127.0.0.1/', 'http:\\\\a.example', 'http://a b/', '//', 'http://[/', `/${'x'.repeat(9_000)}`])('to %j are refused', async (location) => {
    const server = await serve(redirect(location));
    expect((await failureOf(quickClient([server]).open(`${server.host}/a:v`))).kind).toBe('unreadable');
    expect(server.seen.filter((line) => line !== 'GET /v2/')).toHaveLength(1);
  });

  test('from https to http are refused', async () => {
    const secrets = selfSigned();
    const plain = await serve(manifests);
    const server = await serve(redirect(`${plain.url}/m`), secrets);
    const failure = await failureOf(quickClient([plain], { authorities: { [server.host]: secrets.certificate } }).open(`${server.host}/a:v`));
    expect(failure.code).toBe('redirect-refused');
    expect(plain.seen).toEqual([]);
  });
});

describe('TLS', () => {
  test('an authority counts for its own host alone', async () => {
    const [secrets, others] = [selfSigned(), selfSigned()];
    const server = await serve(manifests, secrets);
    const other = await serve(manifests, others);
    expect((await quickClient([], { authorities: { [server.host]: secrets.certificate } }).open(`${server.host}/a:v`)).root.digest).toBe(sha(A));
    const client = quickClient([], { authorities: { [server.host]: secrets.certificate, [other.host]: secrets.certificate } });
    expect(await failureOf(client.open(`${other.host}/a:v`))).toMatchObject({ kind: 'outside', code: 'tls' });
  });

  test('a host that is merely allowed must have a certificate', async () => {
    const server = await serve(manifests, selfSigned());
    expect(await code(quickClient([], { allowedHosts: [server.host] }).open(`${server.host}/a:v`))).toBe('tls');
    expect(server.seen).toEqual([]);
  });

  test('an insecure host without plain HTTP is spoken to in TLS', async () => {
    const server = await serve(manifests, selfSigned());
    expect((await quickClient([server]).open(`${server.host}/a:v`)).root.digest).toBe(sha(A));
  });

  test('a host that is not insecure is never spoken to in plain HTTP', async () => {
    const server = await serve(manifests);
    expect((await failureOf(quickClient([], { allowedHosts: [server.host] }).open(`${server.host}/a:v`))).kind).toBe('outside');
    expect(server.seen).toEqual([]);
  });
});

describe('addresses', () => {
  test('a registry on loopback is refused unless it is listed', async () => {
    const server = await serve(manifests, selfSigned());
    for (const host of [server.host, server.host.replace('127.0.0.1', 'localhost')]) expect(await code(quickClient([]).open(`${host}/a:v`))).toBe('address-refused');
    expect(server.seen).toEqual([]);
  });

  test('a listed name must be the very one, port included', () => {
    const guard = createGuard({ allowedHosts: ['10.0.0.1:5000', '10.0.0.2', '::1'], insecure: ['10.0.0.3'], authorities: { '10.0.0.4': '' }, mirrors: { 'ghcr.io': ['10.0.0.5:1/x'] } });
    const passes = (url: string): boolean => {
      try {
        guard.inspect(new URL(url), 'public');
        return true;
      } catch {
        return false;
      }
    };
    const good = ['https://10.0.0.1:5000/', 'http://10.0.0.2:77/', 'https://[::1]:9/', 'http://10.0.0.3/', 'https://10.0.0.3/', 'https://10.0.0.4/', 'https://10.0.0.5:1/', 'https://8.8.8.8/'];
    const bad = ['https://10.0.0.1/', 'https://10.0.0.1:50001/', 'https://10.0.0.3:5000/', 'https://10.0.0.4:5000/', 'https://10.0.0.5/', 'https://10.0.0.6/', 'https://user@8.8.8.8/', 'ftp://8.8.8.8/'];
    expect([good.filter((url) => !passes(url)), bad.filter(passes)]).toEqual([[], []]);
  });
});

describe('download', () => {
  test('takes a file from a listed host, without credentials', async () => {
    const server = await serve((_request, response) => response.end('abc'));
    const client = quickClient([], { allowedHosts: [server.host] }, { authoriser: ALICE });
    expect(Buffer.from(await client.download(`${server.url}/x.wasm#part`, 3)).toString()).toBe('abc');
    expect([server.seen, server.headers[0]!.authorization]).toEqual([['GET /x.wasm'], undefined]);
    expect(await code(client.download(`${server.url}/x.wasm`, 2))).toBe('too-large');
  });

  test('refuses every other host, public ones as well, and after a redirect', async () => {
    const inner = await serve((_request, response) => response.end('abc'));
    const server = await serve(redirect(`${inner.url}/x`));
    const client = quickClient([], { allowedHosts: [server.host] });
    for (const url of [`${inner.url}/x`, 'https://8.8.8.8/x', `${server.url}/x`]) expect(await code(client.download(url, 10))).toBe('host-not-listed');
    expect(inner.seen).toEqual([]);
  });

  test.each(['file:///etc/passwd', 'x.wasm', 'http://', 'ftp://127.0.0.1/x', 'http://a\\b/', 'http://user:pw@127.0.0.1/'])('refuses %j', async (url) => {
    expect(await code(quickClient([], { allowedHosts: ['127.0.0.0/8'] }).download(url, 10))).toBe('bad-url');
  });
});

describe('proxies', () => {
  test('carry requests in both schemes, and cannot be used to reach refused addresses', async () => {
    const lines: string[] = [];
    const secrets = selfSigned();
    const inner = await serve(manifests, secrets);
    const proxy = createServer((request, response) => {
      lines.push(`${request.method} ${request.url}`);
      if (request.url!.endsWith('/v2/')) response.end();
      else sendManifest(response, A);
    });
    const tunnels: Socket[] = [];
    proxy.on('connect', (request, socket) => {
      lines.push(`CONNECT ${request.url}`);
      const tunnel = connect(Number(inner.host.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        tunnel.pipe(socket).pipe(tunnel);
      });
      tunnels.push(tunnel, socket as Socket);
      for (const end of [tunnel, socket]) end.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => {
      proxy.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const client = quickClient([{ host: 'plain.example' }], { environment: { http_proxy: url, HTTPS_PROXY: url, NO_PROXY: 'direct.example' } });
    try {
      expect((await client.open('plain.example/a:v')).root.digest).toBe(sha(A));
      expect(await code(client.open('secure.example:8443/a:v'))).toBe('tls');
      for (const host of ['169.254.169.254', '10.0.0.1']) expect(await code(client.open(`${host}/a:v`))).toBe('address-refused');
      expect(await code(client.download('http://other.example/x', 10))).toBe('host-not-listed');
    } finally {
      for (const tunnel of tunnels) tunnel.destroy();
      proxy.close();
      proxy.closeAllConnections();
    }
    expect(lines.slice(0, 2)).toEqual(['GET http://plain.example/v2/', 'GET http://plain.example/v2/a/manifests/v']);
    expect(new Set(lines.slice(2))).toEqual(new Set(['CONNECT secure.example:8443']));
  });
});
