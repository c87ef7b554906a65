import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Carrier } from '../../scanner/carrier.ts';
import { corrupted, dripping, failing, on, replaced } from '../registry/faults.ts';
import { putInto } from '../registry/pack.ts';
import { image, wasmArtifact } from '../registry/push.ts';
import { startRegistry, type RegistryServerOptions, type TestRegistry } from '../registry/server.ts';
import { BASELINE, carrierTo, level, NOW, openBench, plainCarrierTo, policy, type Bench } from '../support/examiner.ts';
import { watToWasm } from '../support/wat.ts';

const CLEAN = watToWasm('(module (memory (export "memory") 1 2))');
const WRITES = watToWasm('(module (import "wasi_snapshot_preview1" "path_unlink_file" (func (param i32 i32 i32) (result i32))) (import "wasi_snapshot_preview1" "sock_accept" (func (param i32 i32 i32) (result i32))))');
/** Bytes of single tests, that no other has put on the disk. */
const LIES = watToWasm('(module (func (export "lies")))');
const LATE = watToWasm('(module (func (export "late")))');
const BLOB = /\/blobs\/sha256:/;
const MANIFEST = /\/manifests\//;

/** One examiner and registry for every test that needs nothing special of them: starting threads takes longer than the tests. */
let registry: TestRegistry;
let bench: Bench;
beforeAll(async () => {
  registry = await startRegistry();
  bench = await openBench([registry], { workers: 2 });
});
afterAll(async () => {
  await bench.close();
  await registry.close();
});
beforeEach(() => {
  registry.requests.length = 0;
  registry.faults.length = 0;
});

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function registryOf(options: RegistryServerOptions = {}): Promise<TestRegistry> {
  const registry = await startRegistry(options);
  open.push(registry);
  return registry;
}

async function benchOf(registry: TestRegistry, ...more: Parameters<typeof openBench> extends [unknown, ...infer Rest] ? Rest : never): Promise<Bench> {
  const bench = await openBench([registry], ...more);
  open.push(bench);
  return bench;
}

function dockerConfig(host: string, login: string, more: object = {}): string {
  return JSON.stringify({ auths: { [host]: { auth: Buffer.from(login).toString('base64') }, ...more } });
}

async function verdictsOf(bench: Bench, carrier: Carrier, request: Parameters<Bench['examine']>[1] = {}): Promise<string[]> {
  return (await bench.entries(carrier, request)).map(({ verdict, failure }) => (failure === null ? verdict : `${verdict} ${failure.code}`));
}

describe('one pull per digest', () => {
  test('however many ask at once, by tag and by digest, for pods that differ', async () => {
    const digest = putInto(registry, 't1/app', 'v1', wasmArtifact(CLEAN));
    const asks = Array.from({ length: 200 }, (_, at) => carrierTo(`${registry.host}/t1/app${at % 2 === 0 ? ':v1' : `@${digest}`}`, { name: `pod-${at}`, host: at % 3 === 0 ? { profile: 'spin', sure: false } : null }));
    const all = await Promise.all(asks.map((carrier) => bench.examine(carrier)));
    expect(new Set(all.flat().map((one) => `${one.rootDigest} ${one.judge([BASELINE], NOW).verdict}`)).size).toBe(2);
    expect(all.every((found) => found.length === 1)).toBe(true);
    const blobs = registry.requests.filter(({ path }) => BLOB.test(path)).map(({ path }) => path);
    expect(blobs.length).toBe(new Set(blobs).size);
    expect(registry.count('GET', MANIFEST)).toBe(2);
    registry.requests.length = 0;
    // Afterwards a digest costs nothing, and a tag one small request.
    await Promise.all(asks.filter((_, at) => at % 2 === 1).map((carrier) => bench.examine(carrier)));
    expect(registry.requests).toEqual([]);
    await bench.examine(asks[0]!);
    expect(registry.requests.map(({ path }) => path)).toEqual(['/v2/t1/app/manifests/v1']);
  });

  test('also with different credentials, each of which proves its right', async () => {
    const registry = await registryOf({ auth: { mode: 'basic', username: 'u', password: 'p' } });
    const bench = await benchOf(registry, { workers: 2 });
    const digest = putInto(registry, 'acme/app', 'v1', wasmArtifact(CLEAN));
    const secrets = [dockerConfig(registry.host, 'u:p'), dockerConfig(registry.host, 'u:p', { 'elsewhere.test': { auth: 'eDp5' } }), dockerConfig(registry.host, 'u:wrong')];
    const asks = Array.from({ length: 90 }, (_, at) => verdictsOf(bench, carrierTo(`${registry.host}/acme/app@${digest}`), { pullSecrets: [secrets[at % 3]!] }));
    const verdicts = await Promise.all(asks);
    for (const [at, found] of verdicts.entries()) expect(found).toEqual(at % 3 === 2 ? ['error unauthorized'] : ['allow']);
    const blobs = registry.requests.filter(({ path, headers }) => BLOB.test(path) && headers['authorization'] !== undefined).map(({ path }) => path);
    expect(blobs.length).toBe(new Set(blobs).size);
    expect(blobs.length).toBe(2);
  });
});

describe('what is known of a private image', () => {
  test('is told to nobody who may not pull it', async () => {
    const registry = await registryOf({ auth: { mode: 'basic', username: 'u', password: 'p' } });
    const bench = await benchOf(registry);
    const digest = putInto(registry, 'acme/app', 'v1', wasmArtifact(CLEAN));
    const carrier = carrierTo(`${registry.host}/acme/app@${digest}`);
    const right = { pullSecrets: [dockerConfig(registry.host, 'u:p')] };
    expect(await verdictsOf(bench, carrier, right)).toEqual(['allow']);
    for (const pullSecrets of [[], [dockerConfig(registry.host, 'u:wrong')], [dockerConfig(registry.host, 'v:p')]]) expect(await verdictsOf(bench, carrier, { pullSecrets })).toEqual(['error unauthorized']);
    registry.requests.length = 0;
    expect(await verdictsOf(bench, carrier, right)).toEqual(['allow']);
    expect(registry.requests).toEqual([]);
  });

  test('own credentials count for shared registries alone', async () => {
    const registry = await registryOf({ auth: { mode: 'basic', username: 'u', password: 'p' } });
    const first = await benchOf(registry);
    const config = join(first.cacheFolder, 'config.json');
    writeFileSync(config, dockerConfig(registry.host, 'u:p'));
    putInto(registry, 'acme/app', 'v1', wasmArtifact(CLEAN));
    const options = { registry: { config, insecure: [registry.host], allowedHosts: [registry.host], authorities: {}, mirrors: {}, environment: { HOME: '/nonexistent' } } };
    const carrier = carrierTo(`${registry.host}/acme/app:v1`);
    expect(await verdictsOf(await benchOf(registry, options), carrier)).toEqual(['error unauthorized']);
    expect(await verdictsOf(await benchOf(registry, { ...options, sharedRegistries: [registry.host] }), carrier)).toEqual(['warn']);
  });
});

test('a tag that moved is judged by what it names now', async () => {
  const carrier = carrierTo(`${registry.host}/t2/app:v1`);
  const first = putInto(registry, 't2/app', 'v1', wasmArtifact(CLEAN));
  const one = await bench.examine(carrier, { policies: [level('restricted')] });
  const second = putInto(registry, 't2/app', 'v1', wasmArtifact(WRITES));
  const two = await bench.examine(carrier, { policies: [level('restricted')] });
  expect([one[0]!.rootDigest, two[0]!.rootDigest]).toEqual([first, second]);
  const capabilities = [one, two].map(([found]) => found!.judge([level('restricted')], NOW).capabilities.length);
  expect(capabilities[0]).toBe(0);
  expect(capabilities[1]).toBeGreaterThan(0);
});

describe('a registry that fails', () => {
  test('is told apart from an image that is bad, and asked again', async () => {
    const registry = await registryOf();
    const bench = await benchOf(registry, { fetchTimeout: 1_000 });
    putInto(registry, 'acme/app', 'v1', wasmArtifact(CLEAN));
    const carrier = carrierTo(`${registry.host}/acme/app:v1`);
    registry.faults.push(on('GET', MANIFEST, failing(503)));
    expect(await verdictsOf(bench, carrier)).toEqual(['error http-503']);
    expect((await bench.entries(plainCarrierTo(carrier.reference)))[0]).toMatchObject({ verdict: 'error', blocked: false, failure: { kind: 'outside' } });
    registry.faults.splice(0, 1, on('GET', BLOB, failing(503)));
    expect(await verdictsOf(bench, carrier)).toEqual(['error http-503']);
    registry.faults.length = 0;
    expect(await verdictsOf(bench, carrier)).toEqual(['warn']);
  });

  test('and lies is never believed', async () => {
    const digest = putInto(registry, 't3/app', 'v1', wasmArtifact(LIES));
    const pinned = carrierTo(`${registry.host}/t3/app@${digest}`);
    registry.faults.push(on('GET', MANIFEST, replaced(wasmArtifact(WRITES).bytes)));
    expect(await verdictsOf(bench, pinned)).toEqual(['error digest-mismatch']);
    registry.faults.splice(0, 1, on('GET', BLOB, corrupted()));
    expect((await verdictsOf(bench, pinned))[0]).toMatch(/^error digest-mismatch/);
  });

  test('and nothing of it can be had: the carriers with signals are errors that block', async () => {
    const registry = await registryOf();
    const bench = await benchOf(registry, { fetchTimeout: 500 });
    await registry.close();
    open.splice(open.indexOf(registry), 1);
    expect((await bench.entries(carrierTo(`${registry.host}/acme/app:v1`)))[0]).toMatchObject({ verdict: 'error', blocked: true, failure: { kind: 'outside' } });
  });
});

describe('who cannot wait', () => {
  test('has an entry of its own, and the work goes on', async () => {
    putInto(registry, 't4/app', 'v1', wasmArtifact(LATE));
    registry.faults.push(on('GET', BLOB, dripping(16, 20), 1));
    const carrier = carrierTo(`${registry.host}/t4/app:v1`);
    expect(await verdictsOf(bench, carrier, { deadline: Date.now() + 50 })).toEqual(['error deadline']);
    expect(await verdictsOf(bench, carrier)).toEqual(['warn']);
    expect(registry.count('GET', BLOB)).toBe(2);
    // What is known is told however late it is.
    const pinned = carrierTo(`${registry.host}/t4/app@${wasmArtifact(LATE).digest}`);
    await bench.examine(pinned);
    expect(await verdictsOf(bench, pinned, { deadline: Date.now() - 1_000 })).toEqual(['allow']);
  });

  test('a full queue says so at once', async () => {
    const registry = await registryOf();
    const bench = await benchOf(registry, { queue: 1 });
    for (const name of ['a', 'b', 'c', 'd']) putInto(registry, `acme/${name}`, 'v1', wasmArtifact(watToWasm(`(module (func (export "${name}")))`)));
    registry.faults.push(on('GET', /acme\/a\/blobs/, dripping(16, 30)));
    const slow = verdictsOf(bench, carrierTo(`${registry.host}/acme/a:v1`));
    while (registry.count('GET', BLOB) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const found = await Promise.all(['b', 'c', 'd'].map((name) => verdictsOf(bench, carrierTo(`${registry.host}/acme/${name}:v1`))));
    expect(found.flat().toSorted()).toEqual(['error queue-full', 'error queue-full', 'warn']);
    expect(await slow).toEqual(['warn']);
    expect(await verdictsOf(bench, carrierTo(`${registry.host}/acme/d:v1`))).toEqual(['warn']);
  });
});

describe('a thread that ends', () => {
  const worker = join(import.meta.dirname, '../support/crashing-worker.ts');
  const inline = (text: string): Carrier => carrierTo('sha256:0', { scheme: 'inline', kind: 'ConfigMap', process: null, bytes: Buffer.from(`${text}  `) });

  test.each(['END THE THREAD', 'FILL THE MEMORY'])('%s: is an error of its own task alone, and is replaced', async (text) => {
    const registry = await registryOf();
    const bench = await benchOf(registry, { workers: 1 }, { worker, heap: 48 });
    putInto(registry, 'acme/app', 'v1', wasmArtifact(CLEAN));
    const [poisoned, good] = await Promise.all([bench.entries(inline(text)), verdictsOf(bench, carrierTo(`${registry.host}/acme/app:v1`))]);
    expect(poisoned).toMatchObject([{ verdict: 'error', blocked: true, failure: { code: 'crash' } }]);
    expect(good).toEqual(['warn']);
    // The same bytes are not tried again and again.
    const scans = async (): Promise<number> => (await bench.metrics.scans.get()).values.filter(({ metricName, labels }) => metricName?.endsWith('_count') && labels.outcome === 'crash').reduce((sum, { value }) => sum + value, 0);
    expect(await verdictsOf(bench, inline(text))).toEqual(['error crash']);
    expect(await scans()).toBe(1);
    expect(bench.examiner.ready).toBe(true);
  });
});

describe('detection', () => {
  const ordinary = image({ layers: [{ entries: [{ path: 'app/module.wasm', bytes: WRITES }] }], os: 'linux', architecture: 'amd64' });
  const started = image({ layers: [{ entries: [{ path: 'app/module.wasm', bytes: WRITES }] }], os: 'linux', architecture: 'amd64', config: { Cmd: ['/app/module.wasm'] } });

  test.each([
    // By signals nothing is asked of the registry; by manifest the config is; by layers everything is.
    ['signals', 'ordinary', 0, 0], ['manifest', 'ordinary', 1, 1], ['layers', 'ordinary', 1, 2],
    ['signals', 'started', 0, 0], ['manifest', 'started', 1, 2], ['layers', 'started', 1, 2],
  ] as const)('by %s, an %s image', async (detection, name, manifests, blobs) => {
    const registry = await registryOf();
    const bench = await benchOf(registry, { detection });
    putInto(registry, 'acme/app', 'v1', name === 'ordinary' ? ordinary : started);
    const entries = await bench.entries(plainCarrierTo(`${registry.host}/acme/app:v1`));
    expect([registry.count('GET', MANIFEST), registry.count('GET', BLOB)]).toEqual([manifests, blobs]);
    const seen = detection === 'layers' || (detection === 'manifest' && name === 'started');
    expect(entries).toMatchObject([seen ? { kind: 'module' } : { kind: 'unknown', verdict: 'allow', blocked: false, findings: [] }]);
    // With a signal every setting searches to the last layer, whatever was found before.
    expect(await bench.entries(carrierTo(`${registry.host}/acme/app:v1`))).toMatchObject([{ kind: 'module' }]);
    // A pod whose words start a module has its image searched by its manifest, whatever that says.
    if (detection === 'manifest') expect(await bench.entries(plainCarrierTo(`${registry.host}/acme/app:v1`, { process: { command: ['/app/module.wasm'], args: null } }))).toMatchObject([{ kind: 'module' }]);
  });
});

test('policies that change are asked anew, and nothing is scanned for it', async () => {
  const digest = putInto(registry, 't5/app', 'v1', wasmArtifact(WRITES));
  const carrier = carrierTo(`${registry.host}/t5/app@${digest}`);
  const [found] = await bench.examine(carrier);
  registry.requests.length = 0;
  expect(found!.judge([BASELINE], NOW).verdict).not.toBe('deny');
  const denying = policy('level: baseline\nimports: { deny: [wasi_snapshot_preview1.path_unlink_file] }');
  expect(found!.judge([denying], NOW).verdict).toBe('deny');
  expect((await bench.entries(carrier, { policies: [BASELINE, denying] }))[0]!.verdict).toBe('deny');
  expect(registry.requests).toEqual([]);
  // Other thresholds are other facts: judged only when they have been asked for.
  const small = policy('level: baseline\nlimits: { bytes: 10 }');
  expect(found!.judge([small], NOW)).toMatchObject({ verdict: 'error', blocked: true });
  expect((await bench.entries(carrier, { policies: [small] }))[0]!.findings.map(({ rule }) => rule)).toContain('size-excessive');
  // And those before are kept beside them.
  registry.requests.length = 0;
  await bench.entries(carrier, { policies: [BASELINE] });
  expect(registry.requests).toEqual([]);
});

test('the thread that answers is never held up by a large image', async () => {
  const files = Array.from({ length: 4 }, (_, at) => ({ path: `data/${at}.bin`, bytes: Buffer.alloc(50 << 20, randomBytes(1 << 20)) }));
  putInto(registry, 't6/large', 'v1', image({ layers: [{ entries: [...files, { path: 'app.wasm', bytes: CLEAN }], compression: 'none' }], os: 'linux', architecture: 'amd64' }));
  let [ticks, longest, last] = [0, 0, performance.now()];
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    [last, ticks] = [now, ticks + 1];
  }, 5);
  const started = performance.now();
  expect((await bench.entries(carrierTo(`${registry.host}/t6/large:v1`))).map(({ artifact }) => artifact.name)).toEqual([`oci://${registry.host}/t6/large:v1!/app.wasm`]);
  const milliseconds = performance.now() - started;
  clearInterval(timer);
  // Unpacking takes far longer than any pause here may be; half of all ticks is lenient on a busy machine.
  expect(ticks).toBeGreaterThan(milliseconds / 5 / 10);
  expect(longest).toBeLessThan(milliseconds / 2);
});

test('the disk keeps blobs by digest and nothing of credentials', async () => {
  const registry = await registryOf({ auth: { mode: 'basic', username: 'u', password: 'secretword' } });
  const bench = await benchOf(registry);
  putInto(registry, 'acme/app', 'v1', wasmArtifact(CLEAN));
  await bench.examine(carrierTo(`${registry.host}/acme/app:v1`), { pullSecrets: [dockerConfig(registry.host, 'u:secretword')] });
  const files = readdirSync(bench.cacheFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(readFileSync(file).includes(Buffer.from('u:secretword').toString('base64'))).toBe(false);
});
