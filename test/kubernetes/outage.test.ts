import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { corrupted, dripping, failing, on, replaced, resetting, truncated, type Twist } from '../registry/faults.ts';
import type { ApiAnswer } from './api-client.ts';
import { load } from './load.ts';
import { canRunKubernetes } from './namespace.ts';
import { pod, type PodParts } from './objects.ts';
import { eventually } from './process.ts';
import { startWorld, type World } from './world.ts';

const RULE = 'capability-process-spawn';
const PLAIN: PodParts = { runtimeClassName: null };

describe.skipIf(!canRunKubernetes())('when something is down, slow or lies', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ values: { audit: { intervalSeconds: 0 }, workers: 1, queue: 4 } });
    await world.plane.namespace('strict', { 'wasmgate.dev/enforce': 'restricted' });
  });
  afterEach(() => void world?.artifacts.registry.faults.splice(0));
  afterAll(() => world?.stop());

  const judge = (image: string, parts: PodParts = {}, namespace = 'shop'): Promise<ApiAnswer> => world.plane.api.post(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, pod('one', namespace, image, parts));
  const breakRegistry = (twist: Twist, path = /./) => world.artifacts.registry.faults.push(on('GET', path, twist), on('HEAD', path, twist));

  describe('the registry', () => {
    test('is asked once for each digest by each replica, however many pods ask', async () => {
      const image = world.artifacts.fresh('pure');
      world.artifacts.registry.requests.splice(0);
      const answers = await Promise.all(Array.from({ length: 60 }, () => judge(image)));
      expect([...new Set(answers.filter(({ status }) => status !== 201).map(({ body }) => body.message))]).toEqual([]);
      const pulls = world.artifacts.registry.requests.filter(({ path }) => /\/(manifests|blobs)\//.test(path)).map(({ method, path }) => `${method} ${path}`);
      const often = [...Map.groupBy(pulls, (text) => text)].filter(([, times]) => times.length > world.gate.replicas.length);
      expect(often.map(([text, times]) => `${times.length} times ${text}`)).toEqual([]);
    });

    test.each<[string, () => Twist]>([['answers 503', () => failing(503)], ['answers 403', () => failing(403)], ['answers 429', () => failing(429)], ['breaks off', () => resetting()]])('%s: a Wasm pod is refused, others get a warning, strict namespaces refuse both', async (_name, twist) => {
      breakRegistry(twist());
      const wasm = await judge(world.artifacts.fresh('pure'));
      expect([wasm.status, wasm.body.message]).toEqual([403, expect.stringContaining('See that the registry answers')]);
      const plain = await judge(world.artifacts.fresh('pure'), PLAIN);
      expect([plain.status, plain.warnings.length > 0]).toEqual([201, true]);
      expect((await judge(world.artifacts.fresh('pure'), PLAIN, 'strict')).status).toBe(403);
    });

    test('is down: what has been judged before is answered as before', async () => {
      expect([(await judge(world.artifacts.pinned('pure'))).status, (await judge(world.artifacts.pinned('spawn'))).status]).toEqual([201, 403]);
      breakRegistry(failing(503));
      const [good, bad] = [await judge(world.artifacts.pinned('pure')), await judge(world.artifacts.pinned('spawn'))];
      expect([good.status, bad.status, bad.body.message]).toEqual([201, 403, expect.stringContaining(RULE)]);
    });

    test('drips: the answer is there before the API server gives up', async () => {
      breakRegistry(dripping(1, 500), /\/blobs\//);
      const wasm = await judge(world.artifacts.fresh('pure'));
      expect([wasm.status, wasm.body.message]).toEqual([403, expect.stringContaining('denied the request')]);
      expect(wasm.body.message).not.toContain('failed calling webhook');
    });

    test.each<[string, RegExp, () => Twist]>([
      ['other bytes', /\/blobs\//, () => corrupted()], ['too few bytes', /\/blobs\//, () => truncated(3)], ['another manifest', /\/manifests\//, () => replaced(Buffer.from('{"schemaVersion":2,"layers":[]}'))], ['no JSON', /\/manifests\//, () => replaced(Buffer.from('<html>'))],
    ])('lies with %s: pods are refused, whether they look like Wasm or not', async (_name, path, twist) => {
      breakRegistry(twist(), path);
      const wasm = await judge(world.artifacts.fresh('pure'));
      expect([wasm.status, wasm.body.message]).toEqual([403, expect.stringContaining('denied the request')]);
      const plain = await judge(world.artifacts.fresh('pure'), PLAIN);
      expect(plain.status).toBe(403);
    });
  });

  test('a queue that is full refuses with a reason, and lets nothing through', async () => {
    breakRegistry(dripping(40, 20), /\/blobs\//);
    const images = Array.from({ length: 120 }, (_, number) => ({ image: world.artifacts.fresh(number % 2 === 0 ? 'spawn' : 'pure'), expected: number % 2 === 0 ? 'deny' as const : 'allow' as const }));
    const tally = await load(world.plane, { count: images.length, concurrency: 60, next: (number) => ({ path: '/api/v1/namespaces/shop/pods', object: pod(`pod-${number}`, 'shop', images[number]!.image), expected: images[number]!.expected }) });
    expect(tally).toMatchObject({ wronglyAllowed: [], failed: [], unanswered: [] });
    // What could not be looked at in time is refused with that reason and with no other.
    expect(tally.wronglyDenied.filter((message) => !/too many scans are waiting|before the deadline/.test(message))).toEqual([]);
    expect(tally.right + tally.wronglyDenied.length).toBe(images.length);
    // Liveness does not wait for scans.
    for (const replica of world.gate.replicas) expect((await replica.health('/livez')).status).toBe(200);
  });

  test('an API server that crashes and comes back finds everything in force, and is heard again', async () => {
    await world.plane.stopApiServer();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    for (const replica of world.gate.replicas) expect([(await replica.health('/livez')).status, replica.process.running]).toEqual([200, true]);
    await world.plane.startApiServer();
    expect([(await judge(world.artifacts.pinned('pure'))).status, (await judge(world.artifacts.pinned('spawn'))).status]).toEqual([201, 403]);
    const policy = { apiVersion: 'wasmgate.dev/v1alpha1', kind: 'ClusterWasmPolicy', metadata: { name: 'later' }, spec: { capabilities: { allow: ['process-spawn'] }, match: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'later' } } } } };
    await world.plane.namespace('later');
    expect((await world.plane.api.post('/apis/wasmgate.dev/v1alpha1/clusterwasmpolicies', policy)).status).toBe(201);
    await eventually('a policy written after the crash is in force in both replicas', async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => judge(world.artifacts.pinned('spawn'), {}, 'later')));
      return answers.every(({ status }) => status === 201) || null;
    }, { patience: 60_000, pause: 500 });
    await eventually('its status is written', async () => {
      const { body } = await world.plane.api.get('/apis/wasmgate.dev/v1alpha1/clusterwasmpolicies/later');
      return JSON.stringify(body['status'] ?? '').includes('InForce') || null;
    }, { patience: 60_000 });
  });

  test('while nobody answers, Wasm pods are refused and others are created', async () => {
    while (world.gate.replicas.length > 0) await world.gate.drop(world.gate.replicas[0]!);
    const bad = await judge(world.artifacts.pinned('spawn'));
    expect([bad.status, bad.body.message]).toEqual([500, expect.stringContaining('failed calling webhook "pods-with-signal.wasmgate.dev"')]);
    expect((await judge(world.artifacts.pinned('web'), PLAIN)).status).toBe(201);
    await world.gate.startReplica();
    await world.gate.route();
    await eventually('they are back', async () => ((await judge(world.artifacts.pinned('pure'))).status === 201) || null);
  });
});

/** Milliseconds that the clock of the replicas is away from the true one. */
describe.skipIf(!canRunKubernetes()).each([['two hours ahead', 7_200_000], ['two hours behind', -7_200_000], ['ten days ahead', 864_000_000]])('replicas whose clock is %s', (_name, skew) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      values: { audit: { intervalSeconds: 0 } },
      replicas: 0,
    });
    const file = join(world.plane.folder, 'skew.mjs');
    writeFileSync(file, `const real = Date;\nglobalThis.Date = class extends real { constructor(...args) { super(...(args.length === 0 ? [real.now() + ${skew}] : args)); } static now() { return real.now() + ${skew}; } };\n`);
    for (let replica = 0; replica < 2; replica++) await world.gate.startReplica({ env: { NODE_OPTIONS: `--import=${file}` } });
    await world.gate.route();
  });
  afterAll(() => world?.stop());

  test('let nothing through that should be refused', async () => {
    const tally = await load(world.plane, {
      count: 200, concurrency: 4,
      next: (number) => ({ path: '/api/v1/namespaces/shop/pods', object: pod(`pod-${number}`, 'shop', world.artifacts.pinned(number % 2 === 0 ? 'spawn' : 'pure')), expected: number % 2 === 0 ? 'deny' : 'allow' }),
    });
    expect(tally.wronglyAllowed).toEqual([]);
    expect(tally.wronglyDenied).toEqual([]);
    // Either the API server takes the certificate, or it says that it is not valid yet.
    expect(tally.failed.filter((message) => !/not yet valid/.test(message))).toEqual([]);
    if (Math.abs(skew) <= 7_200_000) expect(tally.failed).toEqual([]);
  });
});
