import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeAuthority, type Pair } from './certificates.ts';
import { canRunKubernetes } from './namespace.ts';
import { pod } from './objects.ts';
import { sendReview } from './review.ts';
import { startWorld, type World } from './world.ts';

const TOKEN = 'shown-by-the-api-server';

describe.skipIf(!canRunKubernetes())('a webhook that asks who calls', () => {
  let world: World;
  const clients = makeAuthority('clients');
  const pairOf = (name: string): Pair => clients.issue({ subject: [['CN', name]], usage: 'clientAuth' });
  const shown = pairOf('api-server');

  beforeAll(async () => {
    world = await startWorld({
      webhookCredentials: { ...shown, token: TOKEN },
      values: { audit: { intervalSeconds: 0 }, replicas: 1, authentication: { clientCertificate: { secret: 'callers-ca', names: ['api-server'] }, bearerToken: { secret: 'callers-token' } } },
      before: async (plane) => {
        await plane.namespace('wasmgate');
        await plane.api.post('/api/v1/namespaces/wasmgate/secrets', { metadata: { name: 'callers-ca' }, stringData: { 'ca.crt': clients.certificate } });
        await plane.api.post('/api/v1/namespaces/wasmgate/secrets', { metadata: { name: 'callers-token' }, stringData: { token: TOKEN } });
      },
    });
  });
  afterAll(() => world?.stop());

  test('answers the API server', async () => {
    const judge = (name: 'pure' | 'spawn') => world.plane.api.post('/api/v1/namespaces/shop/pods?dryRun=All', pod('one', 'shop', world.artifacts.pinned(name)));
    expect((await judge('pure')).status).toBe(201);
    expect(await judge('spawn')).toMatchObject({ status: 403, body: { message: expect.stringContaining('capability-process-spawn') } });
  });

  test.each<[string, () => { readonly pair?: Pair; readonly token?: string }]>([
    ['nobody', () => ({})],
    ['a token without a certificate', () => ({ token: TOKEN })],
    ['a certificate without a token', () => ({ pair: shown })],
    ['a wrong token', () => ({ pair: shown, token: `${TOKEN}x` })],
    ['a certificate with another name', () => ({ pair: pairOf('somebody'), token: TOKEN })],
    ['a certificate of another authority', () => ({ pair: makeAuthority('others').issue({ subject: [['CN', 'api-server']], usage: 'clientAuth' }), token: TOKEN })],
  ])('gives %s no answer', async (_name, who) => {
    const pulls = world.artifacts.registry.requests.length;
    const answer = await sendReview(world.gate.replicas[0]!, pod('one', 'shop', world.artifacts.fresh('pure')), who());
    expect(answer).not.toContain('"allowed"');
    expect(world.artifacts.registry.requests.length).toBe(pulls);
  });
});
