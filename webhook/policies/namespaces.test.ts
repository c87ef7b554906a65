import { describe, expect, test } from 'vitest';
import { createFollowedKube } from '../../test/support/followed-kube.ts';
import { KubeError } from '../kube/api.ts';
import { POLICY_LIMITS } from '../limits.ts';
import { SILENT } from '../log.ts';
import { clusterNamespaces, NAMESPACES, NO_NAMESPACES } from './namespaces.ts';

function setUp(now?: () => number) {
  const kube = createFollowedKube();
  kube.put(NAMESPACES, { metadata: { name: 'team', labels: { a: '1' } } });
  kube.put(NAMESPACES, { metadata: { name: 'bare' } });
  return { kube, namespaces: clusterNamespaces({ client: kube, log: SILENT, ...(now === undefined ? {} : { now }) }) };
}

describe('a namespace', () => {
  test('that is known is answered from memory, with the same labels object each time', async () => {
    const { kube, namespaces } = setUp();
    expect(namespaces.ready).toBe(true);
    const [first, second] = [await namespaces.view('team'), await namespaces.view('team')];
    expect(first).toEqual({ name: 'team', labels: { a: '1' } });
    expect(second.labels).toBe(first.labels);
    expect(await namespaces.view('bare')).toEqual({ name: 'bare', labels: {} });
    expect(kube.calls).toEqual([]);
  });

  test('that is only just made is asked for, once for all who ask', async () => {
    const { kube, namespaces } = setUp();
    kube.connected(false);
    kube.put(NAMESPACES, { metadata: { name: 'new', labels: { b: '2' } } });
    const views = await Promise.all([namespaces.view('new'), namespaces.view('new')]);
    expect(views).toEqual([{ name: 'new', labels: { b: '2' } }, { name: 'new', labels: { b: '2' } }]);
    expect(kube.calls).toHaveLength(1);
  });

  test('that does not exist, or cannot be looked up, has no known labels', async () => {
    const { kube, namespaces } = setUp();
    expect(await namespaces.view('absent')).toEqual({ name: 'absent', labels: null });
    kube.before = () => {
      throw new KubeError('Forbidden', { status: 403, reason: 'Forbidden' });
    };
    expect(await namespaces.view('other')).toEqual({ name: 'other', labels: null });
  });

  test('is asked for while nothing has been heard of the API server for long', async () => {
    const { kube, namespaces } = setUp(() => kube2.heardAt + POLICY_LIMITS.deafMilliseconds);
    const kube2 = kube;
    await namespaces.view('team');
    expect(kube.calls).toHaveLength(1);
    kube.before = () => {
      throw new KubeError('No answer', { status: 0, reason: '' });
    };
    expect(await namespaces.view('team')).toEqual({ name: 'team', labels: null });
  });

  test('whose name is none is never asked for', async () => {
    const { kube, namespaces } = setUp();
    for (const name of ['', '../secrets', 'a/b', 'A', 'x'.repeat(64), 'kube-system/']) expect(await namespaces.view(name)).toEqual({ name, labels: null });
    expect(kube.calls).toEqual([]);
  });

  test('is no longer followed once closed', async () => {
    const { kube, namespaces } = setUp();
    expect([...kube.watching]).toEqual(['namespaces']);
    await namespaces.close();
    expect([...kube.watching]).toEqual([]);
  });
});

test('without a cluster nothing is known', async () => {
  expect(await NO_NAMESPACES.view('team')).toEqual({ name: 'team', labels: null });
});
