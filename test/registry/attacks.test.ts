import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { BlobStore } from '../../scanner/artifact/oci/registry.ts';
import { LIMITS } from '../../scanner/wasm/limits.ts';
import { entriesOf, failureOf, readBlob, toDescriptor } from '../support/registry-read.ts';
import { alternating, corrupted, dripping, endless, endlessPages, extended, failing, headed, lyingLength, on, replaced, truncated, type Twist } from './faults.ts';
import { descriptor, EMPTY, OCI_INDEX, OCI_MANIFEST, pack, part, putInto } from './pack.ts';
import { wasmArtifact } from './push.ts';
import type { TestRegistry } from './server.ts';
import { APP, clientOf, endAll, pull, start, WASM } from './set-up.ts';
import { digestOf } from './store.ts';

afterEach(endAll);

const EVIL = wasmArtifact(new TextEncoder().encode('something else'));
const TAGGED = /\/manifests\/v1$/;
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const tagOf = ({ host }: TestRegistry) => `${host}/acme/app:v1`;
const layer = entriesOf(APP.bytes)[0]!;
const APP_DESCRIPTOR = toDescriptor(descriptor(APP));

describe('digests, tags and the time between', () => {
  test('CVE-2026-122321: a tag that was moved is resolved again', async () => {
    const kept = new Map<string, Uint8Array>();
    const blobs: BlobStore = { get: async (digest) => kept.get(digest) ?? null, put: async (digest, bytes) => void kept.set(digest, bytes.slice()) };
    const registry = await start();
    const client = await clientOf([registry], { blobs });
    expect((await client.open(tagOf(registry))).root.digest).toBe(APP.digest);
    putInto(registry, 'acme/app', 'v1', EVIL);
    expect((await client.open(tagOf(registry))).root.digest).toBe(EVIL.digest);
    expect((await (await clientOf([registry], { blobs })).open(tagOf(registry))).root.digest).toBe(EVIL.digest);
  });

  test('CVE-2022-47633: a registry that answers each time differently is asked once', async () => {
    const answers = [APP, EVIL].map(({ bytes, digest }) => ({ bytes, headers: { 'docker-content-digest': digest } }));
    const registry = await start({ faults: [on('GET', TAGGED, alternating(answers)), on('HEAD', TAGGED, headed({ 'docker-content-digest': EVIL.digest }))] });
    const { root, source } = await (await clientOf([registry])).open(tagOf(registry));
    expect([root.digest, digestOf(root.bytes)]).toEqual([APP.digest, APP.digest]);
    expect(digestOf(await readBlob(source, layer))).toBe(layer.digest);
    expect(registry.count('GET', /\/manifests\//) + registry.count('HEAD', /\/manifests\//)).toBe(1);
  });

  test('CVE-2022-47633: blobs that differ each time never pass for each other', async () => {
    const registry = await start({ faults: [on('GET', /\/blobs\//, alternating([{ bytes: WASM }, { bytes: WASM.slice().reverse() }]))] });
    const client = await clientOf([registry]);
    expect(digestOf(await pull(client, registry))).toBe(layer.digest);
    expect((await failureOf(pull(client, registry))).kind).toBe('unreadable');
  });

  test.each(['', 'sha256:', digestOf(EVIL.bytes), 'latest'])('CVE-2023-47630: the digest header %j is not what a tag resolves to', async (lie) => {
    const registry = await start({ faults: [on('GET', TAGGED, headed({ 'docker-content-digest': lie }))] });
    const resolved = await (await clientOf([registry])).open(tagOf(registry)).then(({ root }) => root.digest, (error: { failure: { kind: string } }) => error.failure.kind);
    expect([APP.digest, 'unreadable']).toContain(resolved);
  });

  test('CVE-2023-47630: a manifest by digest has that digest', async () => {
    const evilWith = (digest: string | undefined): Twist => (honest, seen, turn) => headed({ 'docker-content-digest': digest })(replaced(EVIL.bytes)(honest, seen, turn), seen, turn);
    for (const twist of [evilWith(APP.digest), evilWith(EVIL.digest), evilWith(undefined), corrupted(), truncated(1), extended(1)]) {
      const registry = await start({ faults: [on('GET', /\/manifests\/sha256:/, twist)] });
      const client = await clientOf([registry]);
      expect((await failureOf(client.open(`${registry.host}/acme/app@${APP.digest}`))).kind).toBe('unreadable');
      expect((await failureOf(client.open(`${tagOf(registry)}@${APP.digest}`))).kind).toBe('unreadable');
      expect((await failureOf(client.source(`${registry.host}/acme/app`).manifest(APP_DESCRIPTOR))).kind).toBe('unreadable');
    }
  });

  test.each<[string, Twist]>([['replaced', replaced(new Uint8Array(WASM.length))], ['corrupted', corrupted()], ['truncated', truncated(1)], ['extended', extended(1)], ['empty', replaced(new Uint8Array(0))]])('CVE-2023-47630: a blob that was %s is refused', async (_, twist) => {
    const registry = await start({ faults: [on('GET', /\/blobs\//, twist)] });
    expect((await failureOf(pull(await clientOf([registry]), registry))).kind).toBe('unreadable');
  });

  test('CVE-2023-47630: a store of kept blobs is not believed, either', async () => {
    const registry = await start();
    const blobs: BlobStore = { get: async () => WASM.slice().reverse(), put: async () => {} };
    const read = await pull(await clientOf([registry], { blobs }), registry).then((bytes) => digestOf(bytes), (error: { failure: { kind: string } }) => error.failure.kind);
    expect([layer.digest, 'unreadable']).toContain(read);
  });

  test('CVE-2023-47630: a mirror that lies is passed by', async () => {
    const mirror = await start({ faults: [on('GET', /\/blobs\//, corrupted()), on('GET', /\/manifests\/sha256:/, replaced(EVIL.bytes))] });
    const registry = await start();
    const client = await clientOf([registry, mirror], { mirrors: { [registry.host]: [mirror.host] } });
    const { root, source } = await client.open(`${registry.host}/acme/app@${APP.digest}`);
    expect([root.digest, digestOf(await readBlob(source, layer))]).toEqual([APP.digest, layer.digest]);
    expect([mirror.count('GET', /\/manifests\//), mirror.count('GET', /\/blobs\//)]).toEqual([1, 1]);
  });

  test('CVE-2023-33959: a referrer is the manifest that was listed, of the size that was listed', async () => {
    const signature = pack({ config: EMPTY, layers: [part('test/signature', 'good')], artifactType: 'test/signature', subject: APP });
    const registry = await start();
    putInto(registry, 'acme/app', null, signature);
    const client = await clientOf([registry]);
    const [listed] = await client.referrers(`${registry.host}/acme/app`, APP.digest);
    expect(listed?.digest).toBe(signature.digest);
    registry.faults.push(on('GET', /\/manifests\/sha256:/, replaced(pack({ config: EMPTY, layers: [part('test/signature', 'evil')], artifactType: 'test/signature', subject: APP }).bytes)));
    expect((await failureOf(client.source(`${registry.host}/acme/app`).manifest(listed!))).kind).toBe('unreadable');
    registry.faults.length = 0;
    expect((await failureOf(client.source(`${registry.host}/acme/app`).manifest({ ...listed!, size: listed!.size + 1 }))).kind).toBe('unreadable');
  });

  const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: descriptor(EMPTY), layers: [] };
  const twoFaced: readonly (readonly [string, object, string])[] = [
    ['manifest and index at once', { ...manifest, manifests: [descriptor(APP)] }, OCI_MANIFEST],
    ['index and manifest at once', { ...manifest, mediaType: OCI_INDEX, manifests: [descriptor(APP)] }, OCI_INDEX],
    ['manifest sent as an index', manifest, OCI_INDEX],
    ['index sent as a manifest', { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }, OCI_MANIFEST],
    ['index without a type of its own, sent as a manifest', { schemaVersion: 2, manifests: [] }, OCI_MANIFEST],
    ['manifest of the first schema', { schemaVersion: 1, fsLayers: [], history: [] }, 'application/vnd.docker.distribution.manifest.v1+json'],
    ['manifest sent as text', manifest, 'text/html'],
    ['manifest of a type that nobody knows', { ...manifest, mediaType: 'application/vnd.example+json' }, 'application/vnd.example+json'],
  ];
  test.each(twoFaced)('GHSA-5j5w-g665-5m35, CVE-2021-41190: %s is refused', async (_, document, mediaType) => {
    // Whatever was asked for: an honest registry would call it missing.
    const registry = await start({ faults: [on('GET', /\/manifests\//, headed({ 'content-type': mediaType }))] });
    const digest = registry.put('acme/app', 'v1', encode(document), [EMPTY.bytes], OCI_MANIFEST);
    const client = await clientOf([registry]);
    for (const reference of [tagOf(registry), `${registry.host}/acme/app@${digest}`]) expect((await failureOf(client.open(reference))).kind).toBe('unreadable');
  });

  test('GHSA-5j5w-g665-5m35: a document whose keys appear twice is refused', async () => {
    const registry = await start();
    registry.put('acme/app', 'v1', new TextEncoder().encode(`{"schemaVersion":2,"mediaType":"${OCI_MANIFEST}","config":${JSON.stringify(descriptor(EMPTY))},"layers":[],"layers":[${JSON.stringify(descriptor(part('a/b', WASM)))}]}`), [], OCI_MANIFEST);
    expect((await failureOf((await clientOf([registry])).open(tagOf(registry)))).kind).toBe('unreadable');
  });

  test('CVE-2026-50195: where a digest is written, the tag beside it has no say', async () => {
    const registry = await start();
    putInto(registry, 'acme/app', 'v1', EVIL);
    expect((await (await clientOf([registry])).open(`${tagOf(registry)}@${APP.digest}`)).root.digest).toBe(APP.digest);
    expect(registry.count('GET', TAGGED)).toBe(0);
  });
});

describe('exhaustion', () => {
  test('CVE-2023-46737, CVE-2024-45395, CVE-2023-33957: lists of referrers that never end', async () => {
    const page = (turn: number) => ({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [{ ...descriptor(part(OCI_MANIFEST, String(turn))), artifactType: 'test/signature' }] });
    const registry = await start({ faults: [on('GET', /\/referrers\//, endlessPages(page))] });
    const found = await (await clientOf([registry])).referrers(`${registry.host}/acme/app`, APP.digest).then((list) => list.length, (error: { failure: { kind: string } }) => error.failure.kind);
    expect(registry.count('GET', /\/referrers\//)).toBeLessThanOrEqual(LIMITS.referrerPages);
    if (typeof found === 'number') expect(found).toBeLessThanOrEqual(LIMITS.referrers);
    else expect(found).toBe('unreadable');
  });

  test.each(['api', 'none'] as const)('CVE-2023-33958: far too many referrers in one page, where the API is %s', async (referrers) => {
    const many = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: Array.from({ length: 5_000 }, (_, index) => descriptor(part(OCI_MANIFEST, String(index)))) };
    const registry = await start({ referrers, faults: referrers === 'api' ? [on('GET', /\/referrers\//, endlessPages(() => many), 1)] : [] });
    if (referrers === 'none') registry.put('acme/app', APP.digest.replace(':', '-'), many);
    const found = await (await clientOf([registry])).referrers(`${registry.host}/acme/app`, APP.digest).then((list) => list.length, (error: { failure: { kind: string } }) => error.failure.kind);
    if (typeof found === 'number') expect(found).toBeLessThanOrEqual(LIMITS.referrers);
    else expect(found).toBe('unreadable');
  });

  test.each<[string, Twist]>([['without end', endless()], ['of a length nobody can hold', lyingLength(1e15)], ['beyond the limit', replaced(new Uint8Array(LIMITS.manifestBytes + 1).fill(0x20))]])('CVE-2024-29903, CVE-2023-25153: a manifest %s', async (_, twist) => {
    const registry = await start({ faults: [on('GET', /\/manifests\//, twist)] });
    const client = await clientOf([registry]);
    expect((await failureOf(client.open(tagOf(registry)))).kind).toBe('unreadable');
    expect((await failureOf(client.open(`${registry.host}/acme/app@${APP.digest}`))).kind).toBe('unreadable');
  });

  test.each<[string, Twist]>([['without end', endless()], ['longer than it should be', extended(70_000)]])('CVE-2024-29902, CVE-2023-25656: a blob %s', async (_, twist) => {
    const registry = await start({ faults: [on('GET', /\/blobs\//, twist)] });
    expect((await failureOf(pull(await clientOf([registry]), registry))).kind).toBe('unreadable');
  });

  test.each([0, 3, WASM.length + 5, 1e15])('CVE-2023-25153: a blob that is said to have %i bytes', async (length) => {
    const registry = await start({ faults: [on('GET', /\/blobs\//, lyingLength(length))] });
    expect(['unreadable', 'outside']).toContain((await failureOf(pull(await clientOf([registry], { deadline: 3_000 }), registry))).kind);
  });

  test('CVE-2024-29902: a descriptor larger than any blob may be is not even asked for', async () => {
    const registry = await start({ faults: [on('GET', /\/blobs\//, endless())] });
    const { source } = await (await clientOf([registry])).open(tagOf(registry));
    expect((await failureOf(readBlob(source, { ...layer, size: LIMITS.blobBytes + 1 }))).kind).toBe('unreadable');
    expect(registry.count('GET', /\/blobs\//)).toBe(0);
  });

  test('CVE-2023-42813: answers that swell when they are decoded', async () => {
    const bomb = gzipSync(new Uint8Array(64 << 20).fill(0x20));
    for (const path of [/\/manifests\//, /\/blobs\//, /\/referrers\//]) {
      const registry = await start({ faults: [on('GET', path, (honest) => ({ ...honest, status: 200, headers: { ...honest.headers, 'content-encoding': 'gzip' }, body: bomb }))] });
      const client = await clientOf([registry]);
      const action = path.source.includes('referrers') ? client.referrers(`${registry.host}/acme/app`, APP.digest) : pull(client, registry);
      expect((await failureOf(action)).kind).toBe('unreadable');
    }
  });

  test.each([-1, 1.5, 1e300, '5', null, 2 ** 53])('CVE-2023-42814: a referrer with size %j is none', async (size) => {
    const registry = await start();
    registry.put('acme/app', APP.digest.replace(':', '-'), { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [{ ...descriptor(part(OCI_MANIFEST, 'x')), size }] });
    expect((await failureOf((await clientOf([registry])).referrers(`${registry.host}/acme/app`, APP.digest))).kind).toBe('unreadable');
  });

  test.each(['md5:d41d8cd98f00b204e9800998ecf8427e', 'sha256:zz', `sha256:${'A'.repeat(64)}`, `sha256:${'a'.repeat(63)}`, '../../../v2/', `sha256:${'a'.repeat(64)}/../x`])('CVE-2023-42815: the digest %j is none', async (digest) => {
    const list = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [{ mediaType: OCI_MANIFEST, digest, size: 2 }] };
    const registry = await start();
    registry.put('acme/app', APP.digest.replace(':', '-'), list);
    const client = await clientOf([registry]);
    const found = await client.referrers(`${registry.host}/acme/app`, APP.digest).then((all) => all.length, (error: { failure: { kind: string } }) => error.failure.kind);
    expect([0, 'unreadable']).toContain(found);
    expect((await failureOf(client.open(`${registry.host}/acme/app@${digest}`))).kind).toBe('unreadable');
  });

  test('SIG Security threats 1-2: answers that take for ever end at the deadline', async () => {
    for (const path of [/\/manifests\//, /\/blobs\//]) {
      const registry = await start({ faults: [on('GET', path, dripping(1, 500))] });
      expect((await failureOf(pull(await clientOf([registry], { deadline: 1_500 }), registry))).kind).toBe('outside');
    }
  });

  test('SIG Security threats 1-2: a wait that was asked for does not outlast the deadline', async () => {
    const registry = await start({ faults: [on('GET', /\/v2\//, failing(429, { 'retry-after': '86400' }))] });
    expect((await failureOf(pull(await clientOf([registry], { deadline: 3_000 }), registry))).kind).toBe('outside');
    expect(registry.requests.length).toBeLessThan(20);
  });

  test('error bodies and tokens without end', async () => {
    const failingForEver = await start({ faults: [on('GET', /\/manifests\//, (honest, seen, turn) => ({ ...endless()(honest, seen, turn), status: 403 }))] });
    expect((await failureOf(pull(await clientOf([failingForEver], { deadline: 5_000 }), failingForEver))).kind).toBe('outside');
    const registry = await start({ auth: { mode: 'token', anonymous: true }, faults: [on('GET', /^\/token/, endless())] });
    expect((await failureOf(pull(await clientOf([registry], { deadline: 5_000 }), registry))).kind).toBe('unreadable');
  });
});
