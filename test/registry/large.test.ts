import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { RegistryClient } from '../../scanner/artifact/oci/registry.ts';
import { failureOf, toDescriptor } from '../support/registry-read.ts';
import { corrupted, extended, headed, on, redirected, resetting, truncated, type Twist } from './faults.ts';
import type { TestRegistry } from './server.ts';
import { clientOf, endAll, start } from './set-up.ts';
import { digestOf } from './store.ts';

afterEach(endAll);

/** Beyond what a client would keep whole, so that it passes by in pieces. */
const LARGE = new Uint8Array((64 << 20) + 12_345).map((_, index) => index * 31);
const descriptor = toDescriptor({ mediaType: 'application/octet-stream', digest: digestOf(LARGE), size: LARGE.length });
const BLOB = /\/blobs\//;

async function holding(...faults: Parameters<typeof on>[]): Promise<TestRegistry> {
  const registry = await start({ faults: faults.map((fault) => on(...fault)) });
  registry.forge('acme/app', descriptor.digest, LARGE);
  return registry;
}

/** Digest of what came, read piece by piece. */
async function hashed(client: RegistryClient, { host }: TestRegistry): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of client.source(`${host}/acme/app`).blob(descriptor)) hash.update(piece);
  return `sha256:${hash.digest('hex')}`;
}

describe('a blob that is too large to be kept', () => {
  test('comes whole', async () => {
    const registry = await holding();
    expect(await hashed(await clientOf([registry]), registry)).toBe(descriptor.digest);
  });

  test('goes on where it broke', async () => {
    const registry = await holding(['GET', BLOB, resetting(5_000_000), 2]);
    expect(await hashed(await clientOf([registry]), registry)).toBe(descriptor.digest);
    const [first, ...later] = registry.requests.filter(({ path }) => BLOB.test(path)).map(({ headers }) => headers['range']);
    expect(first).toBeUndefined();
    expect(later).toHaveLength(2);
    for (const range of later) expect(range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  test('begins anew where the registry takes no ranges', async () => {
    const registry = await holding(['GET', BLOB, resetting(5_000_000), 1], ['GET', BLOB, (honest) => ({ ...honest, status: 200, headers: {}, body: LARGE })]);
    expect(await hashed(await clientOf([registry]), registry)).toBe(descriptor.digest);
  });

  test.each<[string, Twist]>([['corrupted', corrupted()], ['truncated', truncated(1)], ['extended', extended(1)]])('is refused where it was %s', async (_, twist) => {
    const registry = await holding(['GET', BLOB, twist]);
    expect((await failureOf(hashed(await clientOf([registry]), registry))).kind).toBe('unreadable');
  });

  test.each<[string, Twist]>([['other', corrupted()], ['wrongly placed', headed({ 'content-range': `bytes 0-${LARGE.length - 1}/${LARGE.length}` })]])('is refused where its second part is %s', async (_, twist) => {
    const registry = await holding(['GET', BLOB, resetting(5_000_000), 1], ['GET', BLOB, twist]);
    expect((await failureOf(hashed(await clientOf([registry]), registry))).kind).toBe('unreadable');
  });

  test('is refused where its second part comes from a host that nobody allowed', async () => {
    const inner = await holding();
    const registry = await holding(['GET', BLOB, resetting(5_000_000), 1], ['GET', BLOB, redirected((seen) => `${inner.url}${seen.path}`)]);
    expect((await failureOf(hashed(await clientOf([registry]), registry))).kind).toBe('unreadable');
    expect(inner.requests).toEqual([]);
  });
});
