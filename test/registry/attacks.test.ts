import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { BlobStore, RegistryOptions } from '../../scanner/artifact/oci/registry.ts';
import { LIMITS } from '../../scanner/wasm/limits.ts';
import { entriesOf, failureOf, readBlob, toDescriptor } from '../support/registry-read.ts';
import type { SeenRequest } from './answer.ts';
import { alternating, corrupted, dripping, endless, endlessPages, extended, failing, headed, lyingLength, on, redirected, replaced, truncated, type Twist } from './faults.ts';
import { descriptor, EMPTY, OCI_INDEX, OCI_MANIFEST, pack, part, putInto } from './pack.ts';
import { wasmArtifact } from './push.ts';
import type { TestRegistry } from './server.ts';
import { APP, clientOf, dockerConfig, endAll, pull, start, WASM } from './set-up.ts';
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
    for (const twist of [replaced(EVIL.bytes), corrupted(), truncated(1), extended(1)]) {
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
  ];
  test.each(twoFaced)('GHSA-5j5w-g665-5m35, CVE-2021-41190: %s is refused', async (_, document, mediaType) => {
    const registry = await start();
    const digest = registry.put('acme/app', 'v1', encode(document), [EMPTY.bytes], mediaType);
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
    const list = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [{ ...descriptor(part(OCI_MANIFEST, 'x')), size }] };
    const registry = await start({ faults: [on('GET', /\/referrers\//, endlessPages(() => list), 1), on('GET', /\/referrers\//, failing(404))] });
    const found = await (await clientOf([registry])).referrers(`${registry.host}/acme/app`, APP.digest).then((all) => all.length, (error: { failure: { kind: string } }) => error.failure.kind);
    expect([0, 'unreadable']).toContain(found);
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
    expect(['outside', 'unreadable']).toContain((await failureOf(pull(await clientOf([registry], { deadline: 5_000 }), registry))).kind);
  });
});

describe('confused deputies and credentials', () => {
  const login = { username: 'user', password: 'hunter2' };
  const SECRET = /hunter2|refresh-me|dXNlcjpodW50ZXIy|Bearer|Basic/;
  const saidIn = ({ headers, body, path, query }: SeenRequest) => `${JSON.stringify(headers)} ${Buffer.from(body).toString()} ${path} ${query.toString()}`;
  const leaked = (registry: TestRegistry) => registry.requests.some((seen) => SECRET.test(saidIn(seen)));
  const withLogin = (registry: TestRegistry, more: object = login): Partial<RegistryOptions> => ({ config: dockerConfig({ auths: { [registry.host]: more } }) });
  /** Everything on this machine may be contacted, so that only the rule about credentials stands in the way. */
  const loopback = { allowedHosts: ['127.0.0.0/8'] };

  test.each(['..%2fother/app:v1', 'acme/../other:v1', 'acme/app?x=y:v1', 'acme/app#x', 'acme/%2e%2e/app:v1', 'acme//app:v1', '/acme/app:v1', 'acme\\app:v1', 'Acme/app:v1', 'acme/app:v1/../../x', 'acme/app:v1@sha256:../../x', 'acme/app\n:v1'])('CVE-2026-22039, CVE-2026-41068: the reference %j is refused before anything is asked', async (rest) => {
    const registry = await start();
    expect((await failureOf((await clientOf([registry])).open(`${registry.host}/${rest}`))).kind).toBe('unreadable');
    expect(registry.requests).toEqual([]);
  });

  test.each(['user:pass@', 'evil.example\\@', 'evil.example#@'])('CVE-2026-100706: %j before the host is refused', async (before) => {
    const registry = await start();
    expect((await failureOf((await clientOf([registry])).open(`${before}${tagOf(registry)}`))).kind).toBe('unreadable');
    expect(registry.requests).toEqual([]);
  });

  test.each(['http://169.254.169.254/latest/meta-data/', 'http://[fe80::1]/', 'http://[::ffff:169.254.169.254]/', 'http://0x7f.1/', 'http://10.0.0.1/', 'file:///etc/passwd', 'ftp://127.0.0.1/', 'data:text/plain,x', '//169.254.169.254/', 'http://', 'http://u:p@127.0.0.1/'])('CVE-2026-4789, CVE-2026-84199: a redirect to %s is not followed', async (location) => {
    for (const path of [/\/blobs\//, /\/manifests\//]) {
      const registry = await start({ faults: [on('GET', path, redirected(location))] });
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
