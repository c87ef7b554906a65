import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Replica } from './gate.ts';
import { load, type Tally } from './load.ts';
import { canRunKubernetes, SERVICE_ADDRESS } from './namespace.ts';
import { pod } from './objects.ts';
import { eventually } from './process.ts';
import { startWorld, type World } from './world.ts';

const PODS = '/api/v1/namespaces/shop/pods';
const NONE = { wronglyAllowed: [], wronglyDenied: [], failed: [], unanswered: [] };

describe.skipIf(!canRunKubernetes())('under load', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ values: { audit: { intervalSeconds: 0 }, workers: 1 } });
  });
  afterAll(() => world?.stop());

  /** Runs the work while pods that have to be refused and pods that have to be let through are created without a pause. */
  const during = async (work: () => Promise<void>): Promise<Tally> => {
    let done = false;
    const running = load(world.plane, {
      concurrency: 8,
      next: (number) => (number % 2 === 0
        ? { path: PODS, object: pod(`bad-${number}`, 'shop', world.artifacts.pinned('spawn')), expected: 'deny' }
        : { path: PODS, object: pod(`good-${number}`, 'shop', world.artifacts.pinned('pure')), expected: 'allow' }),
      until: () => done,
    });
    await work().finally(() => (done = true));
    return running;
  };

  test('replicas that are told to stop, one after the other, fail no review', async () => {
    const tally = await during(async () => {
      for (let round = 0; round < 3; round++) {
        const [old] = world.gate.replicas;
        await world.gate.startReplica();
        await world.gate.route();
        expect(await world.gate.retire(old!)).toBe(0);
      }
    });
    expect(tally).toMatchObject(NONE);
    expect(tally.right).toBeGreaterThan(500);
  });

  test('one of two replicas that is told to stop fails no review, though its endpoint goes away late', async () => {
    const [old] = world.gate.replicas;
    const tally = await during(async () => {
      expect(await world.gate.retire(old!, 3_000)).toBe(0);
    });
    expect(tally).toMatchObject(NONE);
    await world.gate.startReplica();
    await world.gate.route();
  });

  test('new certificates, authority included, fail no review', async () => {
    const before = await Promise.all(world.gate.replicas.map(fingerprint));
    const tally = await during(async () => {
      expect((await world.plane.api.delete(`/api/v1/namespaces/${world.gate.namespace}/secrets/${secretName(world)}`)).status).toBe(200);
      await eventually('every replica serves a new certificate', async () => {
        const now = await Promise.all(world.gate.replicas.map(fingerprint));
        return now.every((print) => !before.includes(print)) && new Set(now).size === 1 ? true : null;
      }, { patience: 150_000, pause: 500 });
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    });
    expect(tally).toMatchObject(NONE);
    expect(tally.right).toBeGreaterThan(2_000);
  });

  test('a chart that is applied again takes nothing away from the bundle', async () => {
    const tally = await during(async () => {
      const { code, errors } = await world.plane.kubectl(['apply', '--server-side', '-f', '-'], world.gate.rendered.text);
      expect([code, errors]).toEqual([0, '']);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
    });
    expect(tally).toMatchObject(NONE);
  });
});

function secretName({ gate }: World): string {
  const text = /--certificate-secret=([^\s"]+)/.exec(gate.rendered.text)?.[1];
  if (text === undefined) throw new Error('The chart names no Secret for certificates');
  return text;
}

/** Of the certificate that a replica serves now. */
function fingerprint({ port }: Replica): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: SERVICE_ADDRESS, port, rejectUnauthorized: false, servername: 'wasmgate.wasmgate.svc' }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
