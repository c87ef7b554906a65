import { afterEach, describe, expect, test } from 'vitest';
import { moduleBytes } from '../support/module.ts';
import { corrupted, endlessPages, extended, failing, lyingLength, on, redirected, resetting, truncated } from './faults.ts';
import { EMPTY, pack, part, pushTo, putInto } from './pack.ts';
import { wasmArtifact } from './push.ts';
import { startRegistry, type RegistryServerOptions, type TestRegistry } from './server.ts';
import { digestOf } from './store.ts';

const running: TestRegistry[] = [];
const start = async (options?: RegistryServerOptions) => {
  const registry = await startRegistry(options);
  running.push(registry);
  return registry;
};
afterEach(async () => { await Promise.all(running.splice(0).map((registry) => registry.close())); });

const wasm = moduleBytes();
const app = wasmArtifact(wasm);
const blobOf = (registry: TestRegistry) => `${registry.url}/v2/acme/app/blobs/${digestOf(wasm)}`;

describe('the registry of tests', () => {
  test('gives back what was pushed, by tag, by digest and in ranges', async () => {
    const registry = await start();
    const digest = await pushTo(registry, 'acme/app', 'v1', app);
    for (const reference of ['v1', digest]) expect(digestOf(await (await fetch(`${registry.url}/v2/acme/app/manifests/${reference}`)).bytes())).toBe(digest);
    const range = await fetch(blobOf(registry), { headers: { range: 'bytes=1-3' } });
    expect([range.status, await range.text()]).toEqual([206, 'asm']);
    expect((await fetch(`${registry.url}/v2/acme/app/manifests/none`)).status).toBe(404);
    expect(registry.count('GET', /\/blobs\//)).toBe(1);
  });

  test('takes uploads in pieces, and mounts', async () => {
    const registry = await start();
    const begun = await fetch(`${registry.url}/v2/a/b/blobs/uploads/`, { method: 'POST' });
    const place = new URL(begun.headers.get('location')!, registry.url);
    const first = await fetch(place, { method: 'PATCH', body: wasm.slice(0, 3), headers: { 'content-range': '0-2' } });
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-2']);
    expect((await fetch(place, { method: 'PATCH', body: wasm.slice(5), headers: { 'content-range': '5-7' } })).status).toBe(416);
    expect((await fetch(`${place.href}?digest=${digestOf(wasm)}`, { method: 'PUT', body: wasm.slice(3) })).status).toBe(201);
    expect((await fetch(`${registry.url}/v2/c/d/blobs/uploads/?mount=${digestOf(wasm)}&from=a/b`, { method: 'POST' })).status).toBe(201);
    expect((await fetch(`${registry.url}/v2/c/d/blobs/${digestOf(wasm)}`)).status).toBe(200);
    expect((await fetch(`${place.href}?digest=${digestOf(wasm)}`, { method: 'PUT', body: wasm })).status).toBe(404);
  });

  test('lists referrers in pages, filtered where it says so, and tags and repositories', async () => {
    const registry = await start({ pageSize: 2, filter: 'said' });
    const digest = putInto(registry, 'acme/app', 'v1', app);
    for (const [index, kind] of ['a', 'b', 'a', 'a'].entries()) putInto(registry, 'acme/app', `t${index}`, pack({ config: EMPTY, layers: [part('x/y', String(index))], artifactType: `test/${kind}`, subject: app }));
    const pages: number[] = [];
    for (let next: string | null = `${registry.url}/v2/acme/app/referrers/${digest}?artifactType=test/a`; next;) {
      const answer: Response = await fetch(next);
      expect(answer.headers.get('oci-filters-applied')).toBe('artifactType');
      pages.push(((await answer.json()) as { manifests: unknown[] }).manifests.length);
      next = /<([^>]+)>/.exec(answer.headers.get('link') ?? '')?.[1] ?? null;
      if (next) next = new URL(next, registry.url).href;
    }
    expect(pages).toEqual([2, 1]);
    const tags = await fetch(`${registry.url}/v2/acme/app/tags/list`);
    expect([((await tags.json()) as { tags: string[] }).tags.length, tags.headers.has('link')]).toEqual([2, true]);
    expect(await (await fetch(`${registry.url}/v2/_catalog`)).json()).toEqual({ repositories: ['acme/app'] });
  });

  test('asks for a password', async () => {
    const registry = await start({ auth: { mode: 'basic', username: 'u', password: 'p' } });
    putInto(registry, 'acme/app', 'v1', app);
    expect((await fetch(blobOf(registry))).headers.get('www-authenticate')).toMatch(/^Basic /);
    expect((await fetch(blobOf(registry), { headers: { authorization: `Basic ${btoa('u:p')}` } })).status).toBe(200);
    expect((await fetch(blobOf(registry), { headers: { authorization: `Basic ${btoa('u:q')}` } })).status).toBe(401);
  });

  test('gives tokens for a scope, by password, refresh token or nothing, and forgets them', async () => {
    const registry = await start({ auth: { mode: 'token', anonymous: true, refresh: 'r', uses: 1 } });
    putInto(registry, 'acme/app', 'v1', app);
    expect((await fetch(blobOf(registry))).headers.get('www-authenticate')).toBe(`Bearer realm="${registry.url}/token",service="registry",scope="repository:acme/app:pull"`);
    const token = async (scope: string) => ((await (await fetch(`${registry.url}/token?service=registry&scope=${scope}`)).json()) as { token: string }).token;
    const get = async (bearer: string) => (await fetch(blobOf(registry), { headers: { authorization: `Bearer ${bearer}` } })).status;
    expect(await get(await token('repository:other/app:pull'))).toBe(401);
    const good = await token('repository:acme/app:pull');
    expect([await get(good), await get(good)]).toEqual([200, 401]);
    expect((await fetch(`${registry.url}/token?scope=repository:acme/app:push`)).status).toBe(401);
    expect((await fetch(`${registry.url}/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'r', scope: 'repository:acme/app:pull' }) })).status).toBe(200);
  });

  test('lies as told', async () => {
    const registry = await start();
    putInto(registry, 'acme/app', 'v1', app);
    const next = async (fault: Parameters<typeof on>[2]) => {
      registry.faults.splice(0, Infinity, on('GET', /\/blobs\//, fault, 1));
      return fetch(blobOf(registry), { redirect: 'manual' });
    };
    expect((await (await next(truncated(3))).bytes()).length).toBe(wasm.length - 3);
    expect((await (await next(extended(3))).bytes()).length).toBe(wasm.length + 3);
    expect(digestOf(await (await next(corrupted())).bytes())).not.toBe(digestOf(wasm));
    expect((await next(failing(429, { 'retry-after': '1' }))).headers.get('retry-after')).toBe('1');
    expect((await next(redirected('http://169.254.169.254/'))).headers.get('location')).toBe('http://169.254.169.254/');
    await expect(next(resetting())).rejects.toThrow('fetch failed');
    await expect((await next(lyingLength(100))).bytes()).rejects.toThrow('terminated');
    expect((await next(endlessPages(() => ({ manifests: [] })))).headers.get('link')).toContain('last=0');
    expect((await fetch(blobOf(registry))).status).toBe(200);
  });

  test('speaks TLS with a certificate of its own', async () => {
    const registry = await start({ tls: true });
    const { request } = await import('node:https');
    const status = await new Promise((resolve, reject) => request(`${registry.url}/v2/`, { ca: registry.authority! }, (response) => resolve(response.statusCode)).on('error', reject).end());
    expect(status).toBe(200);
    await expect(new Promise((_, reject) => request(`${registry.url}/v2/`).on('error', reject).end())).rejects.toThrow(/self-signed/);
  });
});
