import { afterEach, describe, expect, test } from 'vitest';
import type { BlobStore } from '../../scanner/artifact/oci/registry.ts';
import { failureOf } from '../support/registry-read.ts';
import type { Auth } from './auth.ts';
import { failing, on, redirected, resetting } from './faults.ts';
import { EMPTY, pack, packIndex, part, putInto, type Packed } from './pack.ts';
import { startRegistry } from './server.ts';
import { APP, clientOf, dockerConfig, endAll, pull, start, WASM } from './set-up.ts';
import { digestOf } from './store.ts';

afterEach(endAll);

const refer = (index: number, subject: Packed = APP) => pack({ config: EMPTY, layers: [part('test/layer', String(index))], artifactType: `test/${index % 2}`, subject });

describe('referrers', () => {
  test.each([1, 2, 3, 100])('come from the API in pages of %i', async (pageSize) => {
    const registry = await start({ pageSize });
    const expected = [0, 1, 2, 3, 4].map((index) => putInto(registry, 'acme/app', null, refer(index)));
    const found = await (await clientOf([registry])).referrers(`${registry.host}/acme/app`, APP.digest);
    expect(found.map(({ digest }) => digest).sort()).toEqual(expected.sort());
    expect(found.filter(({ artifactType }) => artifactType === 'test/1')).toHaveLength(2);
  });

  test('of the API and of the fallback tag are united, each once', async () => {
    const registry = await start();
    const both = refer(1);
    const older = refer(2);
    putInto(registry, 'acme/app', null, both);
    putInto(registry, 'acme/app', APP.digest.replace(':', '-'), packIndex([{ packed: both }, { packed: older }]));
    const found = await (await clientOf([registry])).referrers(`${registry.host}/acme/app`, APP.digest);
    expect(found.map(({ digest }) => digest).sort()).toEqual([both.digest, older.digest].sort());
  });

  test('an API that fails is a failure, not an empty list', async () => {
    const registry = await start({ faults: [on('GET', /\/referrers\//, failing(503))] });
    expect((await failureOf((await clientOf([registry], { deadline: 3_000 })).referrers(`${registry.host}/acme/app`, APP.digest))).kind).toBe('outside');
  });
});

describe('authentication', () => {
  const login = { username: 'user', password: 'pass:word' };
  const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  const modes: readonly (readonly [string, Auth])[] = [
    ['a password', { mode: 'basic', ...login }],
    ['a token for a password', { mode: 'token', login }],
    ['a token in the other field', { mode: 'token', login, field: 'access_token' }],
    ['a token without a word on its life', { mode: 'token', login, expiresIn: null }],
    ['a token endpoint without POST', { mode: 'token', login, post: false }],
  ];

  test.each(modes)('with %s, from a docker config', async (_, mode) => {
    const registry = await start({ auth: mode });
    const client = await clientOf([registry], { config: dockerConfig({ auths: { [registry.host]: { auth } } }) });
    expect(digestOf(await pull(client, registry))).toBe(digestOf(WASM));
  });

  test.each(modes)('with %s, from a pull secret', async (_, mode) => {
    const registry = await start({ auth: mode });
    for (const secret of [{ auths: { [registry.host]: login } }, { [registry.host]: login }]) {
      expect(digestOf(await pull(await clientOf([registry], { pullSecrets: [JSON.stringify(secret)] }), registry))).toBe(digestOf(WASM));
    }
  });

  test.each(modes)('with %s, where the first of two pull secrets is out of date', async (_, mode) => {
    const registry = await start({ auth: mode });
    const pullSecrets = [{ username: 'user', password: 'old' }, login].map((entry) => JSON.stringify({ auths: { [registry.host]: entry } }));
    expect(digestOf(await pull(await clientOf([registry], { pullSecrets }), registry))).toBe(digestOf(WASM));
  });

  test('with an identity token', async () => {
    const registry = await start({ auth: { mode: 'token', refresh: 'refresh-me' } });
    const client = await clientOf([registry], { config: dockerConfig({ auths: { [registry.host]: { identitytoken: 'refresh-me' } } }) });
    expect(digestOf(await pull(client, registry))).toBe(digestOf(WASM));
  });

  test('an anonymous token is enough where the registry gives one', async () => {
    const registry = await start({ auth: { mode: 'token', anonymous: true } });
    expect(digestOf(await pull(await clientOf([registry]), registry))).toBe(digestOf(WASM));
    expect(registry.count('GET', /^\/token/)).toBe(1);
  });

  test('a token that was used up is fetched again', async () => {
    const registry = await start({ auth: { mode: 'token', login, uses: 1 } });
    expect(digestOf(await pull(await clientOf([registry], { config: dockerConfig({ auths: { [registry.host]: { auth } } }) }), registry))).toBe(digestOf(WASM));
  });

  test.each(modes)('without credentials, %s is a failure outside', async (_, mode) => {
    const registry = await start({ auth: mode });
    expect((await failureOf(pull(await clientOf([registry]), registry))).kind).toBe('outside');
  });

  test('with wrong credentials it ends, and says none of them', async () => {
    for (const mode of modes.map(([, mode]) => mode)) {
      const registry = await start({ auth: mode });
      const config = dockerConfig({ auths: { [registry.host]: { username: 'user', password: 'hunter2-wrong' } } });
      const failure = await failureOf(pull(await clientOf([registry], { config }), registry));
      expect(failure.kind).toBe('outside');
      expect(failure.message).not.toMatch(/hunter2|dXNlcjpodW50ZXIy/);
      expect(registry.requests.length).toBeLessThan(10);
    }
  });
});

describe('transport', () => {
  test('TLS with an authority of its own', async () => {
    const registry = await start({ tls: true });
    expect(digestOf(await pull(await clientOf([registry]), registry))).toBe(digestOf(WASM));
  });

  test('an unknown certificate is refused, unless the registry is called insecure', async () => {
    const registry = await start({ tls: true });
    expect((await failureOf(pull(await clientOf([registry], { authorities: {} }), registry))).kind).toBe('outside');
    expect(registry.requests).toEqual([]);
    expect(digestOf(await pull(await clientOf([registry], { authorities: {}, insecure: [registry.host] }), registry))).toBe(digestOf(WASM));
  });

  test('plain HTTP is never tried on its own', async () => {
    const registry = await start();
    expect((await failureOf(pull(await clientOf([registry], { insecure: [] }), registry))).kind).toBe('outside');
    expect(registry.requests).toEqual([]);
  });

  test('blobs may live elsewhere, where that is allowed', async () => {
    const storage = await start();
    const registry = await start({ faults: [on('GET', /\/blobs\//, redirected((seen) => `${storage.url}${seen.path}`))] });
    expect(digestOf(await pull(await clientOf([registry, storage]), registry))).toBe(digestOf(WASM));
    expect(storage.count('GET', /\/blobs\//)).toBe(1);
  });

  test.each([['503', failing(503), 2], ['429 with a time', failing(429, { 'retry-after': '1' }), 1], ['a reset', resetting(), 2], ['a reset within', resetting(4), 1]] as const)('%s is tried again', async (_, twist, times) => {
    for (const path of [/\/manifests\//, /\/blobs\//]) {
      const registry = await start({ faults: [on('GET', path, twist, times)] });
      expect(digestOf(await pull(await clientOf([registry]), registry))).toBe(digestOf(WASM));
    }
  });

  test.each([401, 403, 429, 500, 503])('%i for good is a failure outside', async (status) => {
    const registry = await start({ faults: [on('GET', /\/v2\//, failing(status))] });
    expect((await failureOf(pull(await clientOf([registry], { deadline: 3_000 }), registry))).kind).toBe('outside');
  });

  test('a registry that is not there is a failure outside', async () => {
    const registry = await startRegistry();
    await registry.close();
    expect((await failureOf(pull(await clientOf([registry], { deadline: 3_000 }), registry))).kind).toBe('outside');
  });
});

describe('mirrors', () => {
  test('are asked first, and the name stays', async () => {
    const mirror = await start();
    const registry = await start();
    const client = await clientOf([registry, mirror], { mirrors: { [registry.host]: [mirror.host] } });
    expect((await client.open(`${registry.host}/acme/app:v1`)).repository).toBe(`${registry.host}/acme/app`);
    expect(digestOf(await pull(client, registry))).toBe(digestOf(WASM));
    expect(registry.count('GET', /acme/)).toBe(0);
  });

  test.each([['has nothing', failing(404)], ['fails', failing(503)], ['is gone', resetting()]] as const)('one that %s is passed by', async (_, twist) => {
    const mirror = await start({ faults: [on('GET', /\/v2\//, twist), on('HEAD', /\/v2\//, twist)] });
    const registry = await start();
    expect(digestOf(await pull(await clientOf([registry, mirror], { mirrors: { [registry.host]: [mirror.host] } }), registry))).toBe(digestOf(WASM));
    expect(mirror.requests).not.toEqual([]);
  });
});

describe('work done once', () => {
  test('a blob that was kept is not fetched again, a tag is resolved again', async () => {
    const kept = new Map<string, Uint8Array>();
    const blobs: BlobStore = { get: async (digest) => kept.get(digest) ?? null, put: async (digest, bytes) => void kept.set(digest, bytes.slice()) };
    const registry = await start();
    const first = await clientOf([registry], { blobs });
    await pull(first, registry);
    const second = await clientOf([registry], { blobs });
    expect(digestOf(await pull(second, registry))).toBe(digestOf(WASM));
    expect(registry.count('GET', /\/blobs\//)).toBe(1);
    // Tags move: only content is kept.
    expect(registry.count('GET', /\/manifests\/v1/)).toBe(2);
  });

  test('a manifest asked for by several at once is fetched once', async () => {
    const registry = await start();
    const client = await clientOf([registry]);
    await Promise.all([1, 2, 3, 4].map(() => client.open(`${registry.host}/acme/app@${APP.digest}`)));
    expect(registry.count('GET', /\/manifests\//)).toBe(1);
  });
});
