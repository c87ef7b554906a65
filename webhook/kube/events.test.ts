import { afterEach, describe, expect, test } from 'vitest';
import { endKubeApisAfterEach, type FakeKubeApi, startKubeApi } from '../../test/support/kube-api.ts';
import { SILENT } from '../log.ts';
import type { KubeObject } from './api.ts';
import { openKubeClient } from './client.ts';
import { type EventTeller, type EventTiming, type KubeEvent, openEvents } from './events.ts';

endKubeApisAfterEach();

const EVENTS = { group: 'events.k8s.io', version: 'v1', resource: 'events' };
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function telling(timing: Partial<EventTiming> = {}): Promise<{ api: FakeKubeApi; events: EventTeller; clock: { now: number } }> {
  const api = await startKubeApi();
  const client = await openKubeClient({ kubeconfig: api.kubeconfig, timeout: 2 });
  const clock = { now: Date.parse('2026-05-01T12:00:00Z') };
  const events = openEvents({ client, instance: 'wasmgate-0', log: SILENT, timing: { clock: () => clock.now, ...timing } });
  ends.push(async () => {
    await events.stop();
    await client.close();
  });
  return { api, events, clock };
}

const about = (name: string, more: Partial<KubeEvent> = {}): KubeEvent => ({ regarding: { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'team', uid: 'u-1' } }, type: 'Warning', reason: 'PolicyViolated', action: 'Audit', note: 'It asks for sockets', ...more });

describe('events', () => {
  test('are told as events.k8s.io/v1 wants them', async () => {
    const { api, events } = await telling();
    events.tell(about('web'));
    events.tell(about('node', { regarding: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node' } } }));
    await events.idle();
    expect(api.objects(EVENTS, 'team')).toMatchObject([{ eventTime: '2026-05-01T12:00:00.000000Z', reportingController: 'wasmgate.dev/wasmgate', reportingInstance: 'wasmgate-0', action: 'Audit', reason: 'PolicyViolated', type: 'Warning', note: 'It asks for sockets', regarding: { apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'team', uid: 'u-1' } }]);
    expect(api.objects(EVENTS, 'default')).toMatchObject([{ regarding: { kind: 'Node', name: 'node' } }]);
  });

  test('that come again are counted, now and then', async () => {
    const { api, events, clock } = await telling({ repeat: 1_000, window: 100_000 });
    for (let time = 0; time < 10; time++) events.tell(about('web'));
    clock.now += 1_000;
    events.tell(about('web'));
    events.tell(about('web'));
    await events.idle();
    expect(api.objects(EVENTS)).toMatchObject([{ series: { count: 11, lastObservedTime: '2026-05-01T12:00:01.000000Z' } }]);
    expect(api.requests).toHaveLength(2);
    clock.now += 100_000;
    events.tell(about('web'));
    await events.idle();
    expect(api.objects(EVENTS)).toHaveLength(2);
  });

  test('that have gone from the server are told anew', async () => {
    const { api, events, clock } = await telling({ repeat: 1_000 });
    events.tell(about('web'));
    await events.idle();
    api.remove(EVENTS, api.objects(EVENTS)[0]?.metadata as KubeObject['metadata']);
    for (let time = 0; time < 2; time++) {
      clock.now += 1_000;
      events.tell(about('web'));
      await events.idle();
    }
    expect(api.objects(EVENTS)).toHaveLength(1);
  });

  test('that come too fast are dropped, until there is room again', async () => {
    const { api, events, clock } = await telling({ burst: 5, refill: 1_000 });
    for (let index = 0; index < 2_000; index++) events.tell(about(`pod-${index}`));
    await events.idle();
    expect(api.objects(EVENTS)).toHaveLength(5);
    clock.now += 2_000;
    for (let index = 0; index < 10; index++) events.tell(about(`later-${index}`));
    await events.idle();
    expect(api.objects(EVENTS)).toHaveLength(7);
  });

  test('never throw, whatever the server or the caller does', async () => {
    const { api, events } = await telling();
    api.fail({ match: /./, with: 403, reason: 'Forbidden' });
    events.tell(about('a'));
    events.tell(about('b', { regarding: { metadata: { name: 'b', namespace: '../x' } } }));
    events.tell({} as KubeEvent);
    events.tell(about('c'));
    await events.idle();
    expect(api.objects(EVENTS)).toMatchObject([{ regarding: { name: 'c' } }]);
    await events.stop();
    events.tell(about('d'));
    await events.idle();
    expect(api.objects(EVENTS)).toHaveLength(1);
  });

  test('have notes of at most 1,024 bytes, cut between characters', async () => {
    const { api, events } = await telling();
    events.tell(about('web', { note: '\u{1F980}'.repeat(400) }));
    await events.idle();
    const note = api.objects(EVENTS)[0]?.['note'] as string;
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1_024);
    expect(note).toMatch(/^(\u{1F980})+\.\.\.$/u);
  });
});
