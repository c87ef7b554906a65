import { afterEach, describe, expect, test, vi } from 'vitest';
import { endKubeApisAfterEach, type FakeKubeApi, startKubeApi } from '../../test/support/kube-api.ts';
import type { Leadership } from '../leadership.ts';
import { SILENT } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { KubeError, type KubeClient } from './api.ts';
import { openKubeClient } from './client.ts';
import { openLeadership, type LeaseTiming } from './lease.ts';

endKubeApisAfterEach();
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 15_000, interval: 5 });

const LEASES = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
const PLACE = { namespace: 'wasmgate', name: 'wasmgate-leader' };
const QUICK: Partial<LeaseTiming> = { duration: 900, renew: 50, deadline: 400 };
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
/** Nothing runs out while such a test lasts. */
const LONG: Partial<LeaseTiming> = { duration: 60_000, deadline: 30_000 };
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Candidate {
  readonly leadership: Leadership;
  /** Cuts this candidate alone from the API server. */
  reach: boolean;
  leaderGauge(): Promise<number | undefined>;
}

async function candidate(api: FakeKubeApi, identity: string, timing: Partial<LeaseTiming> = {}): Promise<Candidate> {
  const client = await openKubeClient({ kubeconfig: api.kubeconfig, timeout: 2 });
  const metrics = createMetrics();
  const state = { reach: true };
  const reached = () => (state.reach ? Promise.resolve(client) : Promise.reject(new KubeError('No way', { status: 0, reason: '' })));
  const cut: Pick<KubeClient, 'get' | 'create' | 'replace'> = {
    get: async (...args) => (await reached()).get(...args),
    create: async (...args) => (await reached()).create(...args),
    replace: async (...args) => (await reached()).replace(...args),
  };
  const leadership = openLeadership({ client: cut, ...PLACE, identity, metrics, log: SILENT, timing: { ...QUICK, ...timing } });
  ends.push(async () => {
    await leadership.stop();
    await client.close();
  });
  return Object.assign(state, { leadership, leaderGauge: async () => (await metrics.leader.get()).values[0]?.value });
}

const specOf = (api: FakeKubeApi) => api.get(LEASES, PLACE)?.['spec'] as Record<string, unknown> | undefined;
const untilAborted = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

describe('leadership', () => {
  test('is taken, renewed and given back, in times as the API wants them', async () => {
    const api = await startKubeApi();
    const one = await candidate(api, 'one');
    await eventually(() => one.leadership.leading).toBe(true);
    const first = specOf(api);
    expect(first).toEqual({ holderIdentity: expect.stringMatching(/^one_/) as string, leaseDurationSeconds: 1, acquireTime: expect.stringMatching(MICRO_TIME) as string, renewTime: expect.stringMatching(MICRO_TIME) as string, leaseTransitions: 0 });
    await eventually(() => specOf(api)?.['renewTime']).not.toBe(first?.['renewTime']);
    expect(specOf(api)).toMatchObject({ acquireTime: first?.['acquireTime'], leaseTransitions: 0 });
    expect(await one.leaderGauge()).toBe(1);
    await one.leadership.stop();
    expect(one.leadership.leading).toBe(false);
    expect(await one.leaderGauge()).toBe(0);
    // An empty holder is not allowed; none is.
    expect(specOf(api)).not.toHaveProperty('holderIdentity');
  });

  test('given back is taken at once, with work begun only after the other has ended', async () => {
    const api = await startKubeApi();
    const [one, two] = [await candidate(api, 'one', LONG), await candidate(api, 'two', LONG)];
    await eventually(() => one.leadership.leading || two.leadership.leading).toBe(true);
    const [leader, other] = one.leadership.leading ? [one, two] : [two, one];
    const order: string[] = [];
    leader.leadership.whileLeading('work', async (signal) => {
      order.push('first begun');
      await untilAborted(signal);
      await new Promise((resolve) => setTimeout(resolve, 200));
      order.push('first ended');
    });
    other.leadership.whileLeading('work', async () => void order.push('second begun'));
    await eventually(() => order).toEqual(['first begun']);
    await leader.leadership.stop();
    await eventually(() => order).toEqual(['first begun', 'first ended', 'second begun']);
    expect(specOf(api)).toMatchObject({ leaseTransitions: 1 });
  });

  test('is never with two, though their clocks differ by hours and each is cut off in turn', async () => {
    const api = await startKubeApi();
    const [one, two] = [await candidate(api, 'one', { clock: () => Date.now() - 7_200_000 }), await candidate(api, 'two', { clock: () => Date.now() + 7_200_000 })];
    const both = vi.fn<() => void>();
    let active = 0;
    for (const { leadership } of [one, two]) {
      leadership.whileLeading('count', async (signal) => {
        active++;
        if (active > 1) both();
        await untilAborted(signal);
        active--;
      });
    }
    const watch = setInterval(() => one.leadership.leading && two.leadership.leading && both(), 1);
    ends.unshift(async () => clearInterval(watch));
    const hands: string[] = [];
    for (let round = 0; round < 4; round++) {
      await eventually(() => one.leadership.leading || two.leadership.leading).toBe(true);
      const [leader, other] = one.leadership.leading ? [one, two] : [two, one];
      hands.push(leader === one ? 'one' : 'two');
      leader.reach = false;
      await eventually(() => other.leadership.leading).toBe(true);
      leader.reach = true;
    }
    expect(new Set(hands).size).toBe(2);
    expect(both).not.toHaveBeenCalled();
    expect(specOf(api)?.['leaseTransitions']).toBeGreaterThanOrEqual(4);
  });

  test('that is lost aborts work, and work begins again when it comes back', async () => {
    const api = await startKubeApi();
    const one = await candidate(api, 'one');
    const begun = vi.fn<() => void>();
    const aborted = vi.fn<() => void>();
    one.leadership.whileLeading('work', async (signal) => {
      begun();
      await untilAborted(signal);
      aborted();
    });
    await eventually(() => begun.mock.calls.length).toBe(1);
    one.reach = false;
    await eventually(() => aborted.mock.calls.length).toBe(1);
    expect(one.leadership.leading).toBe(false);
    one.reach = true;
    await eventually(() => begun.mock.calls.length).toBe(2);
    expect(one.leadership.leading).toBe(true);
  });

  test('taken by force by somebody else ends at the next renewal', async () => {
    const api = await startKubeApi();
    const one = await candidate(api, 'one');
    await eventually(() => one.leadership.leading).toBe(true);
    api.put(LEASES, { ...api.get(LEASES, PLACE), metadata: PLACE, spec: { ...specOf(api), holderIdentity: 'thief' } });
    await eventually(() => one.leadership.leading).toBe(false);
    expect(specOf(api)).toMatchObject({ holderIdentity: 'thief' });
  });

  test('survives answers that are lost, and others who touch the lease', async () => {
    const api = await startKubeApi();
    const one = await candidate(api, 'one', LONG);
    await eventually(() => one.leadership.leading).toBe(true);
    const lost = vi.fn<() => void>();
    one.leadership.whileLeading('work', async (signal) => {
      await untilAborted(signal);
      lost();
    });
    api.fail({ match: /PUT/, with: 409, reason: 'Conflict' });
    api.put(LEASES, { ...api.get(LEASES, PLACE), metadata: { ...PLACE, labels: { by: 'hand' } } });
    api.fail({ match: /PUT/, with: 'cut' });
    await eventually(() => api.requests.length).toBeGreaterThan(20);
    expect(lost).not.toHaveBeenCalled();
    expect(one.leadership.leading).toBe(true);
  });

  test('of the same pod name is still with one alone', async () => {
    const api = await startKubeApi();
    const [one, two] = [await candidate(api, 'pod-0', LONG), await candidate(api, 'pod-0', LONG)];
    await eventually(() => api.requests.length).toBeGreaterThan(20);
    expect([one.leadership.leading, two.leadership.leading].filter(Boolean)).toHaveLength(1);
  });

  test('a dead holder is waited for by own observation, whatever his times say', async () => {
    const api = await startKubeApi();
    api.put(LEASES, { kind: 'Lease', metadata: PLACE, spec: { holderIdentity: 'dead', leaseDurationSeconds: 3, renewTime: '2001-01-01T00:00:00.000000Z' } });
    const one = await candidate(api, 'one', { duration: 700 });
    await eventually(() => api.requests.length).toBeGreaterThan(3);
    expect(one.leadership.leading).toBe(false);
    await eventually(() => one.leadership.leading).toBe(true);
  });
});

describe('work', () => {
  test('that fails is begun again, and others go on', async () => {
    const api = await startKubeApi();
    const one = await candidate(api, 'one');
    const tries = vi.fn<() => void>();
    const other = vi.fn<() => void>();
    one.leadership.whileLeading('bad', async () => {
      tries();
      throw new Error('A fault of its own');
    });
    one.leadership.whileLeading('good', async () => other());
    await eventually(() => tries.mock.calls.length).toBe(2);
    expect(other).toHaveBeenCalledTimes(1);
    expect(one.leadership.leading).toBe(true);
  });

  test('is not begun where nobody leads', async () => {
    const api = await startKubeApi();
    api.fail({ match: /./, with: 403, times: 999 });
    const one = await candidate(api, 'one');
    const begun = vi.fn<() => Promise<void>>();
    one.leadership.whileLeading('work', begun);
    await eventually(() => api.requests.length).toBeGreaterThan(3);
    await one.leadership.stop();
    expect(begun).not.toHaveBeenCalled();
  });
});
