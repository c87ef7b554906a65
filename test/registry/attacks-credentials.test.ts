import { afterEach, describe, expect, test } from 'vitest';
import type { RegistryOptions } from '../../scanner/artifact/oci/registry.ts';
import { LIMITS } from '../../scanner/wasm/limits.ts';
import { entriesOf, failureOf } from '../support/registry-read.ts';
import type { SeenRequest } from './answer.ts';
import { failing, headed, on, redirected } from './faults.ts';
import { descriptor, EMPTY, OCI_MANIFEST, part } from './pack.ts';
import type { TestRegistry } from './server.ts';
import { APP, clientOf, dockerConfig, endAll, pull, start, WASM } from './set-up.ts';
import { digestOf } from './store.ts';

afterEach(endAll);

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const tagOf = ({ host }: TestRegistry) => `${host}/acme/app:v1`;
const layer = entriesOf(APP.bytes)[0]!;

describe('confused deputies and credentials', () => {
  const login = { username: 'user', password: 'hunter2' };
  const SECRET = /hunter2|refresh-me|dXNlcjpodW50ZXIy|Bearer|Basic/;
  const saidIn = ({ headers, body, path, query }: SeenRequest) => `${JSON.stringify(headers)} ${Buffer.from(body).toString()} ${path} ${query.toString()}`;
  const leaked = (registry: TestRegistry) => registry.requests.some((seen) => SECRET.test(saidIn(seen)));
  const withLogin = (registry: TestRegistry, more: object = login): Partial<RegistryOptions> => ({ config: dockerConfig({ auths: { [registry.host]: more } }) });
  /** Everything on this machine may be contacted, so that only the rule about credentials stands in the way. */
  const loopback = { allowedHosts: ['127.0.0.0/8'] };

  test.each(['..%2fother/app:v1', 'acme/../other:v1', 'acme/app?x=y:v1', 'acme/app#x', 'acme/%2e%2e/app:v1', 'acme//app:v1', '/acme/app:v1', 'acme\\app:v1', 'Acme/app:v1', 'acme/app:v1/../../x', 'acme/app:v1?x=y', 'acme/app:v1#x', 'acme/app:v1%2f..%2fx', 'acme/app:v 1', 'acme/app:', 'acme/app:v1@sha256:../../x', 'acme/app\n:v1'])('CVE-2026-22039, CVE-2026-41068: the reference %j is refused before anything is asked', async (rest) => {
    const registry = await start();
    expect((await failureOf((await clientOf([registry])).open(`${registry.host}/${rest}`))).kind).toBe('unreadable');
    expect(registry.requests).toEqual([]);
  });

  test.each(['user:pass@', 'evil.example\\@', 'evil.example#@'])('CVE-2026-100706: %j before the host is refused', async (before) => {
    const registry = await start();
    expect((await failureOf((await clientOf([registry])).open(`${before}${tagOf(registry)}`))).kind).toBe('unreadable');
    expect(registry.requests).toEqual([]);
  });

  test.each(['127.1', '0x7f.0.0.1', '2130706433', '127.0.0.1.', 'localhost\\evil.example', '[::ffff:127.0.0.1]', '127.0.0.1\t'])('CVE-2026-100706: the host %j is not read as another one', async (host) => {
    const registry = await start();
    expect((await failureOf((await clientOf([registry])).open(`${host}:${registry.host.split(':')[1]}/acme/app:v1`))).kind).toBe('unreadable');
    expect(registry.requests).toEqual([]);
  });

  test.each(['http://169.254.169.254/latest/meta-data/', 'http://[fe80::1]/', 'http://[::ffff:169.254.169.254]/', 'http://0x7f.1/', 'http://10.0.0.1/', 'file:///etc/passwd', 'ftp://127.0.0.1/', 'data:text/plain,x', '//169.254.169.254/', 'http://', 'ftp://HOST/', 'http://user:pass@HOST/'])('CVE-2026-4789, CVE-2026-84199: a redirect to %s is not followed', async (location) => {
    for (const path of [/\/blobs\//, /\/manifests\//]) {
      const registry = await start({ faults: [on('GET', path, redirected((seen) => location.replace('HOST/', `${seen.headers['host']}${seen.path}`)))] });
      const failure = await failureOf(pull(await clientOf([registry], { deadline: 5_000 }), registry));
      // Refused, and not merely out of reach.
      expect(failure.kind).toBe('unreadable');
      expect(registry.count('GET', path)).toBe(1);
    }
  });

  test('CVE-2026-4789: a redirect to a private host that nobody allowed is not followed', async () => {
    const inner = await start();
    const registry = await start({ faults: [on('GET', /\/blobs\//, redirected((seen) => `${inner.url}${seen.path}`))] });
    expect((await failureOf(pull(await clientOf([registry]), registry))).kind).toBe('unreadable');
    expect(inner.requests).toEqual([]);
  });

  test('CVE-2026-4789: a name that stands for a private address is not contacted', async () => {
    const inner = await start();
    const registry = await start({ faults: [on('GET', /\/blobs\//, redirected((seen) => `http://localhost:${inner.host.split(':')[1]}${seen.path}`))] });
    expect((await failureOf(pull(await clientOf([registry]), registry))).kind).toBe('unreadable');
    expect(inner.requests).toEqual([]);
  });

  test('CVE-2026-4789: a reference to a private host that nobody allowed is refused', async () => {
    const registry = await start({ tls: true });
    for (const host of [registry.host, `localhost:${registry.host.split(':')[1]}`]) {
      // Not merely out of reach, as an unknown certificate would be.
      expect((await failureOf((await clientOf([registry], { allowedHosts: [], authorities: {} })).open(`${host}/acme/app:v1`))).kind).toBe('unreadable');
    }
    expect(registry.requests).toEqual([]);
  });

  test('CVE-2026-41323: a URL in a manifest is fetched only from hosts that were allowed', async () => {
    const registry = await start();
    const inner = await start();
    const client = await clientOf([registry]);
    for (const url of [`${inner.url}/v2/`, 'http://169.254.169.254/', 'file:///etc/passwd', 'not a url']) expect((await failureOf(client.download(url, 1_000))).kind).toBe('unreadable');
    expect(inner.requests).toEqual([]);
  });

  test('CVE-2026-41323: a URL in a manifest gets no credentials, and no more than its limit', async () => {
    const registry = await start();
    const client = await clientOf([registry], withLogin(registry));
    const url = `${registry.url}/v2/acme/app/blobs/${layer.digest}`;
    expect(digestOf(await client.download(url, WASM.length))).toBe(layer.digest);
    expect((await failureOf(client.download(url, WASM.length - 1))).kind).toBe('unreadable');
    expect(leaked(registry)).toBe(false);
  });

  test('redirects that go round in circles end', async () => {
    const registry = await start({ faults: [on('GET', /\/blobs\//, redirected((seen) => seen.path))] });
    expect((await failureOf(pull(await clientOf([registry]), registry))).kind).toBe('unreadable');
    expect(registry.count('GET', /\/blobs\//)).toBe(LIMITS.redirects + 1);
  });

  test.each(['basic', 'token'] as const)('GHSA-vh4v-2xq2-g5cg: %s credentials do not follow a redirect', async (mode) => {
    const storage = await start();
    const registry = await start({ auth: mode === 'basic' ? { mode, ...login } : { mode, login } });
    registry.faults.push(on('GET', /\/blobs\//, (honest, seen, turn) => (honest.status === 200 ? redirected(`${storage.url}${seen.path}`)(honest, seen, turn) : honest)));
    expect(digestOf(await pull(await clientOf([registry, storage], withLogin(registry)), registry))).toBe(layer.digest);
    expect(storage.count('GET', /\/blobs\//)).toBe(1);
    expect(leaked(storage)).toBe(false);
  });

  test.each<[string, string]>([['Basic', 'Basic realm="x"'], ['Bearer', 'Bearer realm="REALM",service="x"']])('GHSA-vh4v-2xq2-g5cg: a %s challenge at the end of a redirect gets nothing', async (_, challenge) => {
    const storage = await start();
    storage.faults.push(on('GET', /\/blobs\//, failing(401, { 'www-authenticate': challenge.replace('REALM', `${storage.url}/token`) })));
    const registry = await start({ auth: { mode: 'basic', ...login } });
    registry.faults.push(on('GET', /\/blobs\//, (honest, seen, turn) => (honest.status === 200 ? redirected(`${storage.url}${seen.path}`)(honest, seen, turn) : honest)));
    await failureOf(pull(await clientOf([registry, storage], { deadline: 3_000, ...withLogin(registry) }), registry));
    expect(leaked(storage)).toBe(false);
  });

  test.each([login, { identitytoken: 'refresh-me' }])('GHSA-44f7-5fj5-h4px, CVE-2026-48978: a realm elsewhere gets no credentials: %o', async (credentials) => {
    const thief = await start({ auth: { mode: 'token', login, refresh: 'refresh-me', anonymous: true } });
    const registry = await start({ auth: { mode: 'token', login, realm: `${thief.url}/token` } });
    const failure = await failureOf(pull(await clientOf([registry], { ...withLogin(registry, credentials), ...loopback, deadline: 3_000 }), registry));
    expect(leaked(thief)).toBe(false);
    expect(failure.message).not.toMatch(SECRET);
  });

  test.each(['http://169.254.169.254/token', 'file:///etc/passwd', 'not a url', 'javascript:x', ''])('CVE-2026-48978: the realm %j is not asked', async (realm) => {
    const registry = await start({ auth: { mode: 'token', login, realm } });
    const failure = await failureOf(pull(await clientOf([registry], { ...withLogin(registry), deadline: 3_000 }), registry));
    expect(failure.message).not.toMatch(SECRET);
    expect(registry.requests.length).toBeLessThan(4);
  });

  test('CVE-2026-4789, CVE-2026-48978: a realm at a private host that nobody allowed is not asked, with or without credentials', async () => {
    const inner = await start({ auth: { mode: 'token', login, anonymous: true } });
    for (const host of [inner.host, `localhost:${inner.host.split(':')[1]}`]) {
      const registry = await start({ auth: { mode: 'token', login, realm: `http://${host}/token` } });
      for (const more of [{}, withLogin(registry)]) await failureOf(pull(await clientOf([registry], { ...more, deadline: 3_000 }), registry));
    }
    expect(inner.requests).toEqual([]);
  });

  test.each([login, { identitytoken: 'refresh-me' }])('CVE-2026-48978: a realm that redirects takes no credentials with it: %o', async (credentials) => {
    const thief = await start({ auth: { mode: 'token', login, refresh: 'refresh-me' } });
    const registry = await start({ auth: { mode: 'token', login, refresh: 'refresh-me' }, faults: ['GET', 'POST'].map((method) => on(method, /^\/token/, redirected((seen) => `${thief.url}/token?${seen.query.toString()}`))) });
    await failureOf(pull(await clientOf([registry, thief], { ...withLogin(registry, credentials), deadline: 3_000 }), registry));
    expect(registry.requests.some(({ path }) => path === '/token')).toBe(true);
    expect(leaked(thief)).toBe(false);
  });

  test('CVE-2026-48978: a realm without TLS gets nothing from a registry with TLS', async () => {
    const thief = await start({ auth: { mode: 'token', login } });
    const registry = await start({ tls: true, auth: { mode: 'token', login, realm: `${thief.url}/token` } });
    await failureOf(pull(await clientOf([registry], { ...withLogin(registry), ...loopback, deadline: 3_000 }), registry));
    expect(thief.requests).toEqual([]);
  });

  test('CVE-2020-15157: a redirect from TLS to plain HTTP is not followed', async () => {
    const storage = await start();
    const registry = await start({ tls: true, faults: [on('GET', /\/blobs\//, redirected((seen) => `${storage.url}${seen.path}`))] });
    expect((await failureOf(pull(await clientOf([registry], loopback), registry))).kind).toBe('unreadable');
    expect(storage.requests).toEqual([]);
  });

  test('CVE-2020-15157: addresses inside a descriptor are not asked', async () => {
    const thief = await start();
    const registry = await start();
    const foreign = { ...descriptor(part('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', new Uint8Array([1]))), urls: [`${thief.url}/layer`] };
    registry.put('acme/app', 'v1', { schemaVersion: 2, mediaType: OCI_MANIFEST, config: descriptor(EMPTY), layers: [foreign] }, [EMPTY.bytes]);
    expect((await failureOf(pull(await clientOf([registry, thief], withLogin(registry)), registry))).kind).toBe('unreadable');
    expect(thief.requests).toEqual([]);
  });

  test.each(['Link', 'Location'])('CVE-2026-50151: a %s to another origin gets no credentials', async (header) => {
    const thief = await start();
    const registry = await start({ auth: { mode: 'basic', ...login } });
    const place = `${thief.url}/v2/acme/app/referrers/${APP.digest}`;
    registry.faults.push(on('GET', /\/referrers\//, (honest, seen, turn) => {
      if (honest.status !== 200) return honest;
      return header === 'Link' ? headed({ link: `<${place}>; rel="next"` })(honest, seen, turn) : redirected(place)(honest, seen, turn);
    }));
    await (await clientOf([registry], { ...withLogin(registry), ...loopback })).referrers(`${registry.host}/acme/app`, APP.digest).catch((error: unknown) => expect(error).toHaveProperty('failure'));
    expect(registry.count('GET', /\/referrers\//)).toBeGreaterThan(0);
    expect(leaked(thief)).toBe(false);
  });

  test.each<[string, (host: string) => string]>([
    ['the name without its port', () => '127.0.0.1'], ['a prefix', (host) => host.slice(0, -1)], ['a longer name', (host) => `${host}0`], ['a suffix', (host) => `evil.${host}`],
    ['a part of it', (host) => host.slice(4)], ['a path of another registry', (host) => `evil.example/${host}`], ['an empty name', () => ''], ['a pattern', () => '*'],
  ])('credentials of %s are not for a registry', async (_, other) => {
    const registry = await start({ auth: { mode: 'basic', ...login } });
    const auths = { [other(registry.host)]: login };
    for (const more of [{ config: dockerConfig({ auths }) }, { pullSecrets: [JSON.stringify({ auths })] }]) {
      expect((await failureOf(pull(await clientOf([registry], more), registry))).kind).toBe('outside');
    }
    expect(leaked(registry)).toBe(false);
  });

  test('CVE-2020-15157: credentials of one registry are not shown to another', async () => {
    const friend = await start({ auth: { mode: 'basic', ...login } });
    const thief = await start({ auth: { mode: 'basic', ...login } });
    const client = await clientOf([friend, thief], withLogin(friend));
    expect(digestOf(await pull(client, friend))).toBe(layer.digest);
    expect((await failureOf(pull(client, thief))).kind).toBe('outside');
    expect(leaked(thief)).toBe(false);
  });

  test('what a registry says is not repeated where it fails', async () => {
    for (const status of [403, 404, 500]) {
      const registry = await start({ faults: [on('GET', /\/v2\//, () => ({ status, headers: { 'content-type': 'application/json' }, body: encode({ errors: [{ code: 'X', message: 'internal-secret-text' }] }) }))] });
      const failure = await failureOf(pull(await clientOf([registry], { ...withLogin(registry), deadline: 3_000 }), registry));
      expect(failure.message).not.toMatch(/internal-secret-text|hunter2/);
    }
  });
});
