import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAuthority, type Pair } from './certificates.ts';
import type { Replica } from './gate.ts';
import { load } from './load.ts';
import { canRunKubernetes, SERVICE_ADDRESS } from './namespace.ts';
import { pod } from './objects.ts';
import { eventually } from './process.ts';
import { startWorld, type World } from './world.ts';

const PODS = '/api/v1/namespaces/shop/pods';

describe.skipIf(!canRunKubernetes())('a certificate that its owner keeps in a Secret', () => {
  let world: World;
  const [authority, next] = [makeAuthority('the owner'), makeAuthority('the next owner')];
  const issue = (by = authority): Pair => by.issue({ subject: [['CN', 'wasmgate']], usage: 'serverAuth', dns: ['wasmgate.wasmgate.svc'] });
  const first = issue();

  beforeAll(async () => {
    world = await startWorld({
      values: {
        audit: { intervalSeconds: 0 }, workers: 1, webhook: { mutate: { enabled: true } },
        // Both authorities are trusted, as they have to be while one follows the other.
        certificates: { mode: 'existingSecret', existingSecret: { name: 'own-pair', caBundle: `${authority.certificate}${next.certificate}` } },
      },
      before: async (plane) => {
        await plane.namespace('wasmgate');
        await plane.api.post('/api/v1/namespaces/wasmgate/secrets', { metadata: { name: 'own-pair' }, type: 'kubernetes.io/tls', stringData: { 'tls.crt': first.certificate, 'tls.key': first.key } });
      },
    });
  });
  afterAll(() => world?.stop());

  const write = (replica: Replica, name: 'tls.crt' | 'tls.key', text: string): void => {
    const path = join(world.plane.folder, replica.name, 'tls', name);
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  const served = (pair: Pair): Promise<unknown> => eventually('both replicas serve it', async () => {
    const seen = await Promise.all(world.gate.replicas.map(certificateOf));
    return seen.every((certificate) => pair.certificate.replaceAll(/-----[^-]+-----|\s/g, '') === certificate) || null;
  }, { patience: 90_000, pause: 250 });
  /** The work, while pods that have to be refused and pods that have to be let through are created without a pause. */
  const during = async (work: () => Promise<unknown>) => {
    let done = false;
    const running = load(world.plane, {
      concurrency: 4,
      next: (number) => ({ path: PODS, object: pod(`pod-${number}`, 'shop', world.artifacts.pinned(number % 2 === 0 ? 'spawn' : 'pure')), expected: number % 2 === 0 ? 'deny' : 'allow' }),
      until: () => done,
    });
    await work().finally(() => (done = true));
    return running;
  };
  /** How often a half new pair has been there to be read. */
  let halves = 0;
  const said = (words: string, times: number) => eventually('both replicas say so', () => world.gate.replicas.every(({ process }) => process.log().split(words).length > times) || null, { patience: 60_000, pause: 250 });
  const FLAWLESS = { wronglyAllowed: [], wronglyDenied: [], failed: [], unanswered: [] };

  test('is served, and reviews of both configurations are answered', async () => {
    await served(first);
    expect((await world.plane.api.post(`${PODS}?dryRun=All`, pod('one', 'shop', world.artifacts.pinned('spawn')))).body.message).toContain('capability-process-spawn');
    const { status, warnings, body } = await world.plane.api.post(PODS, pod('one', 'shop', world.artifacts.tagged('pure')));
    expect([status, warnings, body['spec']]).toEqual([201, [], expect.objectContaining({ containers: [expect.objectContaining({ image: `${world.artifacts.tagged('pure')}@${world.artifacts.digest('pure')}` })] })]);
  });

  test.each<[string, () => Pair]>([['the same authority', () => issue()], ['another authority', () => issue(next)]])('is exchanged for one of %s without a failed review', async (_name, make) => {
    const pair = make();
    const tally = await during(async () => {
      for (const replica of world.gate.replicas) write(replica, 'tls.crt', pair.certificate);
      await said('do not belong together', ++halves);
      for (const replica of world.gate.replicas) write(replica, 'tls.key', pair.key);
      await served(pair);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    });
    expect(tally).toMatchObject(FLAWLESS);
    expect(tally.right).toBeGreaterThan(100);
  });

  test('is kept where what stands in its files is none', async () => {
    const seen = await Promise.all(world.gate.replicas.map(certificateOf));
    const tally = await during(async () => {
      for (const replica of world.gate.replicas) for (const name of ['tls.crt', 'tls.key'] as const) write(replica, name, 'no PEM');
      await said('The certificate is no PEM certificate', 1);
    });
    expect(tally).toMatchObject(FLAWLESS);
    expect(await Promise.all(world.gate.replicas.map(certificateOf))).toEqual(seen);
    for (const replica of world.gate.replicas) expect((await replica.health('/readyz')).status).toBe(200);
  });
});

/** What a replica serves to a new connection: its certificate, DER in base64. */
function certificateOf({ port }: Replica): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: SERVICE_ADDRESS, port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().raw.toString('base64'));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
