import { afterEach, describe, expect, test, vi } from 'vitest';
import { createFollowedKube } from '../../test/support/followed-kube.ts';
import { KubeError, type KubeResource } from '../kube/api.ts';
import { SILENT } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { clusterPolicies } from './from-cluster.ts';
import { CLUSTER_WASM_POLICIES, WASM_POLICIES, WASM_WAIVERS } from './resources.ts';
import { runStatus } from './status.ts';

const WAIVER = { rule: 'memory-unbounded', digest: `sha256:${'1'.repeat(64)}`, reason: 'Known', owner: 'team-a', expires: '2030-01-31' };
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function setUp() {
  const kube = createFollowedKube();
  const clock = { now: new Date('2029-06-01T12:00:00.123Z') };
  const policies = clusterPolicies({ client: kube, waiverNamespace: 'wasmgate', defaultLevel: 'baseline', log: SILENT, metrics: createMetrics(), interval: 10 });
  ends.push(() => policies.close());
  const work = runStatus({ client: kube, policies, log: SILENT, now: () => clock.now, interval: 20 });
  const lead = () => {
    const control = new AbortController();
    const done = work(control.signal);
    const stop = async () => {
      control.abort();
      await done;
    };
    ends.push(stop);
    return stop;
  };
  const status = (resource: KubeResource, name: string, namespace?: string) => kube.store.get(resource, namespace === undefined ? { name } : { name, namespace })?.['status'] as { observedGeneration: number; state?: string; conditions: { type: string; status: string; reason: string; message: string; observedGeneration: number; lastTransitionTime: string }[] } | undefined;
  const brief = (...of: Parameters<typeof status>) => status(...of)?.conditions.map(({ type, status: value, reason }) => `${type}=${value} ${reason}`);
  const applied = () => kube.calls.filter(({ verb }) => verb === 'apply').length;
  return { kube, clock, lead, status, brief, applied };
}

const GOOD = ['Compiled=True Compiled', 'Ready=True InForce', 'TrustRootsResolved=True Resolved'];

describe('the status of a policy', () => {
  test('says that it is in force, with its generation and time', async () => {
    const { kube, lead, status } = setUp();
    kube.put(CLUSTER_WASM_POLICIES, { metadata: { name: 'a' }, spec: {} });
    lead();
    await vi.waitFor(() => expect(status(CLUSTER_WASM_POLICIES, 'a')).toEqual({
      observedGeneration: 1,
      conditions: [
        { type: 'Compiled', status: 'True', reason: 'Compiled', message: '', observedGeneration: 1, lastTransitionTime: '2029-06-01T12:00:00Z' },
        { type: 'Ready', status: 'True', reason: 'InForce', message: '', observedGeneration: 1, lastTransitionTime: '2029-06-01T12:00:00Z' },
        { type: 'TrustRootsResolved', status: 'True', reason: 'Resolved', message: '', observedGeneration: 1, lastTransitionTime: '2029-06-01T12:00:00Z' },
      ],
    }));
  });

  test('follows what is written; the time moves only where a condition turns', async () => {
    const { kube, clock, lead, status, brief } = setUp();
    kube.put(WASM_POLICIES, { metadata: { name: 'b', namespace: 'team' }, spec: {} });
    lead();
    await vi.waitFor(() => expect(brief(WASM_POLICIES, 'b', 'team')).toEqual(GOOD));
    clock.now = new Date('2029-06-02T00:00:00Z');
    kube.put(WASM_POLICIES, { ...kube.store.get(WASM_POLICIES, { name: 'b', namespace: 'team' })!, spec: { level: 'strict', mode: 'audit' } });
    await vi.waitFor(() => expect(brief(WASM_POLICIES, 'b', 'team')).toEqual(['Compiled=False InvalidPolicy', 'Ready=False OlderVersionInForce', 'TrustRootsResolved=Unknown NotCompiled']));
    expect(status(WASM_POLICIES, 'b', 'team')!.conditions[0]).toMatchObject({ message: 'spec.level: Unknown level strict; did you mean restricted?', observedGeneration: 2, lastTransitionTime: '2029-06-02T00:00:00Z' });
    clock.now = new Date('2029-06-03T00:00:00Z');
    kube.put(WASM_POLICIES, { ...kube.store.get(WASM_POLICIES, { name: 'b', namespace: 'team' })!, spec: { level: 'zzz' } });
    await vi.waitFor(() => expect(status(WASM_POLICIES, 'b', 'team')!.observedGeneration).toBe(3));
    expect(status(WASM_POLICIES, 'b', 'team')!.conditions[0]).toMatchObject({ message: 'spec.level: Unknown level zzz', observedGeneration: 3, lastTransitionTime: '2029-06-02T00:00:00Z' });
  });

  test('that was never usable says what counts instead; what it names and nobody has is told apart', async () => {
    const { kube, lead, brief, status } = setUp();
    kube.put(CLUSTER_WASM_POLICIES, { metadata: { name: 'a' }, spec: { level: 'strict' } });
    kube.put(WASM_POLICIES, { metadata: { name: 'b', namespace: 'team' }, spec: { signatures: { authorities: [{ name: 'r', key: { transparencyLog: 'ignore', secretRef: { name: 'keys' } } }] } } });
    lead();
    await vi.waitFor(() => expect(brief(CLUSTER_WASM_POLICIES, 'a')).toEqual(['Compiled=False InvalidPolicy', 'Ready=False StrictestLevelInForce', 'TrustRootsResolved=Unknown NotCompiled']));
    await vi.waitFor(() => expect(brief(WASM_POLICIES, 'b', 'team')).toEqual(['Compiled=True Compiled', 'Ready=False StrictestLevelInForce', 'TrustRootsResolved=False NotFound']));
    expect(status(WASM_POLICIES, 'b', 'team')!.conditions[2]!.message).toBe('Authority r: Secret keys: There is no Secret keys in namespace team');
  });

  test('is bounded, however much is wrong', async () => {
    const { kube, lead, status } = setUp();
    kube.put(CLUSTER_WASM_POLICIES, { metadata: { name: 'a' }, spec: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`wrong${index}${'x'.repeat(900)}`, 1])) });
    lead();
    await vi.waitFor(() => expect(status(CLUSTER_WASM_POLICIES, 'a')).toBeDefined());
    for (const { message } of status(CLUSTER_WASM_POLICIES, 'a')!.conditions) expect(message.length).toBeLessThanOrEqual(4_000);
  });
});

test('waivers run out by the calendar alone', async () => {
  const { kube, clock, lead, status } = setUp();
  kube.put(WASM_WAIVERS, { metadata: { name: 'w', namespace: 'wasmgate' }, spec: WAIVER });
  kube.put(WASM_WAIVERS, { metadata: { name: 'x', namespace: 'wasmgate' }, spec: { ...WAIVER, rule: 'nonsense' } });
  clock.now = new Date('2030-01-31T23:59:59Z');
  lead();
  await vi.waitFor(() => expect(status(WASM_WAIVERS, 'w', 'wasmgate')?.state).toBe('Active'));
  await vi.waitFor(() => expect(status(WASM_WAIVERS, 'x', 'wasmgate')).toMatchObject({ state: 'Invalid', conditions: [{ type: 'Ready', status: 'False', reason: 'InvalidWaiver', message: expect.stringContaining('spec.rule: Unknown rule nonsense') }] }));
  clock.now = new Date('2030-02-01T00:00:00Z');
  await vi.waitFor(() => expect(status(WASM_WAIVERS, 'w', 'wasmgate')).toMatchObject({ state: 'Expired', conditions: [{ type: 'Ready', status: 'False', reason: 'Expired', message: 'It ended on 2030-01-31' }] }));
});

describe('writing', () => {
  test('happens only where something changes', async () => {
    const { kube, lead, brief, applied } = setUp();
    kube.put(CLUSTER_WASM_POLICIES, { metadata: { name: 'a' }, spec: {} });
    lead();
    await vi.waitFor(() => expect(brief(CLUSTER_WASM_POLICIES, 'a')).toEqual(GOOD));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = applied();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(applied()).toBe(before);
    expect(before).toBeLessThanOrEqual(2);
  });

  test('happens only while this process leads', async () => {
    const { kube, lead, applied, brief } = setUp();
    const stop = lead();
    await stop();
    kube.put(CLUSTER_WASM_POLICIES, { metadata: { name: 'a' }, spec: {} });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(applied()).toBe(0);
    lead();
    await vi.waitFor(() => expect(brief(CLUSTER_WASM_POLICIES, 'a')).toEqual(GOOD));
  });

  test('that fails keeps no other status from being written, and is tried again', async () => {
    const { kube, lead, brief } = setUp();
    let left = 2;
    kube.before = ({ verb, name }) => {
      if (verb === 'apply' && name === 'a' && left-- > 0) throw new KubeError('Forbidden', { status: 403, reason: 'Forbidden' });
    };
    for (const name of ['a', 'b']) kube.put(CLUSTER_WASM_POLICIES, { metadata: { name }, spec: {} });
    lead();
    await vi.waitFor(() => expect(brief(CLUSTER_WASM_POLICIES, 'b')).toEqual(GOOD));
    await vi.waitFor(() => expect(brief(CLUSTER_WASM_POLICIES, 'a')).toEqual(GOOD));
  });

  test('leaves alone what is being deleted', async () => {
    const { kube, lead, brief } = setUp();
    kube.put(CLUSTER_WASM_POLICIES, { metadata: { name: 'a', deletionTimestamp: '2029-01-01T00:00:00Z' }, spec: {} });
    kube.put(CLUSTER_WASM_POLICIES, { metadata: { name: 'b' }, spec: {} });
    lead();
    await vi.waitFor(() => expect(brief(CLUSTER_WASM_POLICIES, 'b')).toEqual(GOOD));
    expect(brief(CLUSTER_WASM_POLICIES, 'a')).toBeUndefined();
  });
});
