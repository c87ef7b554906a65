import { afterEach, describe, expect, test, vi } from 'vitest';
import { endKubeApisAfterEach, type FakeKubeApi, startKubeApi } from '../../test/support/kube-api.ts';
import type { KubeClient, KubeInformer, KubeObject } from './api.ts';
import { openKubeClient } from './client.ts';
import type { WatchTiming } from './informer.ts';

endKubeApisAfterEach();
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 15_000, interval: 5 });

const PODS = { group: '', version: 'v1', resource: 'pods' };
const QUICK: WatchTiming = { length: 60_000, silence: 60_000, steady: 1_000, first: 20, last: 100 };
const clients: KubeClient[] = [];
const unhandled: unknown[] = [];
process.on('unhandledRejection', (reason) => void unhandled.push(reason));
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  expect(unhandled.splice(0)).toEqual([]);
});

const pod = (name: string, more: Partial<KubeObject['metadata']> = {}): KubeObject => ({ kind: 'Pod', metadata: { name, namespace: 'team', ...more }, spec: {} });
const namesOf = (informer: KubeInformer) => informer.list().map(({ metadata }) => metadata.name).sort();

async function watching({ timing = {}, options = {}, before = () => {} }: { timing?: Partial<WatchTiming>; options?: Parameters<KubeClient['watch']>[1]; before?: (api: FakeKubeApi) => void } = {}): Promise<{ api: FakeKubeApi; client: KubeClient; informer: KubeInformer }> {
  const api = await startKubeApi();
  before(api);
  const client = await openKubeClient({ kubeconfig: api.kubeconfig, timeout: 2, watchTiming: { ...QUICK, ...timing } });
  clients.push(client);
  const informer = client.watch(PODS, options);
  await informer.synced;
  await eventually(() => api.watches).toBe(1);
  return { api, client, informer };
}

const lists = (api: FakeKubeApi) => api.requests.filter(({ method, query }) => method === 'GET' && !query.has('watch')).length;
const watches = (api: FakeKubeApi) => api.requests.filter(({ query }) => query.has('watch'));

describe('a copy', () => {
  test('holds what was there, and follows what is made, changed and deleted', async () => {
    const { api, informer } = await watching({ before: (server) => void server.put(PODS, pod('old')) });
    expect(informer.isSynced).toBe(true);
    expect(informer.get({ namespace: 'team', name: 'old' })).toMatchObject({ kind: 'Pod', apiVersion: 'v1' });
    const changed = vi.fn<() => void>();
    informer.onChange(changed);
    api.put(PODS, pod('new'));
    api.put(PODS, pod('old', { labels: { a: 'b' } }));
    api.remove(PODS, { namespace: 'team', name: 'new' });
    await eventually(() => changed.mock.calls.length).toBe(3);
    expect(namesOf(informer)).toEqual(['old']);
    expect(informer.list()[0]?.metadata.labels).toEqual({ a: 'b' });
    expect(lists(api)).toBe(1);
  });

  test('comes in pages and holds no managedFields', async () => {
    const managed = { managedFields: [{ manager: 'x' }] } as Partial<KubeObject['metadata']>;
    const { api, informer } = await watching({ before: (server) => {
      for (let index = 0; index < 1_100; index++) server.put(PODS, pod(`pod-${index}`, managed));
    } });
    expect(lists(api)).toBe(3);
    expect(informer.list()).toHaveLength(1_100);
    api.put(PODS, pod('late', managed));
    await eventually(() => informer.get({ namespace: 'team', name: 'late' })).not.toBeNull();
    expect(informer.list().some(({ metadata }) => 'managedFields' in metadata)).toBe(false);
  });

  test('that expires between two pages begins again', async () => {
    const { api, informer } = await watching({ before: (server) => {
      for (let index = 0; index < 1_100; index++) server.put(PODS, pod(`pod-${index}`));
      server.fail({ match: /continue=page-2/, with: 410, reason: 'Expired' });
    } });
    expect(informer.list()).toHaveLength(1_100);
    expect(lists(api)).toBe(6);
  });

  test('is of what was asked for: an object that no longer fits is gone', async () => {
    const { api, informer } = await watching({ options: { namespace: 'team', labelSelector: 'wasm=yes' }, before: (server) => {
      server.put(PODS, pod('one', { labels: { wasm: 'yes' } }));
      server.put(PODS, pod('two'));
    } });
    expect(namesOf(informer)).toEqual(['one']);
    api.put(PODS, pod('one', { labels: { wasm: 'no' } }));
    await eventually(() => namesOf(informer)).toEqual([]);
  });

  test('goes on whatever a listener throws', async () => {
    const { api, informer } = await watching();
    informer.onChange(() => {
      throw new Error('A fault of its own');
    });
    api.put(PODS, pod('one'));
    api.put(PODS, pod('two'));
    await eventually(() => namesOf(informer)).toEqual(['one', 'two']);
    expect(lists(api)).toBe(1);
  });
});

describe('a broken watch', () => {
  test('goes on after the API server was away, with what was made meanwhile', async () => {
    const { api, informer } = await watching({ before: (server) => void server.put(PODS, pod('before')) });
    await api.stop();
    api.put(PODS, pod('meanwhile'));
    api.remove(PODS, { namespace: 'team', name: 'before' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(namesOf(informer)).toEqual(['before']);
    await api.start();
    await eventually(() => namesOf(informer)).toEqual(['meanwhile']);
    api.put(PODS, pod('after'));
    await eventually(() => namesOf(informer)).toEqual(['after', 'meanwhile']);
  });

  test('goes on from the last version, bookmarks too', async () => {
    const { api, informer } = await watching();
    api.put({ ...PODS, resource: 'secrets' }, pod('other'));
    const heard = informer.heardAt;
    await eventually(() => Date.now()).toBeGreaterThan(heard);
    api.bookmark();
    await eventually(() => informer.heardAt).toBeGreaterThan(heard);
    api.cut();
    await eventually(() => watches(api).length).toBe(2);
    expect(watches(api).map(({ query }) => query.get('resourceVersion'))).toEqual(['1', '2']);
    expect(watches(api)[0]?.query.get('allowWatchBookmarks')).toBe('true');
    expect(lists(api)).toBe(1);
  });

  test.each(['event', 'status'] as const)('lists anew where its version has expired (%s): one change, and deletions', async (as) => {
    const { api, informer } = await watching({ before: (server) => ['a', 'b', 'c'].map((name) => server.put(PODS, pod(name))) });
    await api.stop();
    api.remove(PODS, { namespace: 'team', name: 'a' });
    api.put(PODS, pod('d'));
    api.expire(as);
    const changed = vi.fn<() => void>();
    informer.onChange(changed);
    await api.start();
    await eventually(() => namesOf(informer)).toEqual(['b', 'c', 'd']);
    expect(changed).toHaveBeenCalledTimes(1);
    await eventually(() => api.watches).toBe(1);
    api.put(PODS, pod('e'));
    await eventually(() => changed.mock.calls.length).toBe(2);
  });

  test.each([
    ['garbage', 'garbage\n'], ['no event', '{"type":"ADDED","object":{}}\n'], ['another type', '{"type":"TOLD","object":{"metadata":{"name":"x"}}}\n'], ['null', 'null\n'],
    ['a bookmark of nothing', '{"type":"BOOKMARK","object":null}\n'], ['an error', '{"type":"ERROR","object":{"kind":"Status","code":500,"message":"boom"}}\n'], ['too much', 'x'.repeat(9 << 20)],
  ])('goes on after %s', async (_, text) => {
    const { api, informer } = await watching({ before: (server) => void server.put(PODS, pod('old')) });
    api.sendRaw(text);
    await eventually(() => watches(api).length).toBe(2);
    await eventually(() => api.watches).toBe(1);
    api.put(PODS, pod('new'));
    await eventually(() => namesOf(informer)).toEqual(['new', 'old']);
  });

  test('goes on after half a line', async () => {
    const { api, informer } = await watching();
    api.sendRaw('{"type":"ADDED","object":{"metadata":{"name":"half"');
    api.cut();
    await eventually(() => api.watches).toBe(1);
    api.put(PODS, pod('whole'));
    await eventually(() => namesOf(informer)).toEqual(['whole']);
  });

  test('that fell silent is given up, without listing', async () => {
    const { api, informer } = await watching({ timing: { silence: 150 } });
    api.silence();
    api.put(PODS, pod('unheard'));
    await eventually(() => watches(api).length).toBeGreaterThan(1);
    await eventually(() => lists(api)).toBe(2);
    await eventually(() => namesOf(informer)).toEqual(['unheard']);
  });

  test('that ends as agreed is opened again at once, without listing', async () => {
    const { api, informer } = await watching({ timing: { length: 500 } });
    await eventually(() => watches(api).length).toBe(2);
    api.put(PODS, pod('new'));
    await eventually(() => namesOf(informer)).toEqual(['new']);
    expect(watches(api)[0]?.query.get('timeoutSeconds')).toBe('1');
    expect(lists(api)).toBe(1);
  });

  test('is opened again though credentials, connections and answers fail in turn', async () => {
    const { api, informer } = await watching();
    api.fail({ match: /watch=true/, with: 401 });
    api.fail({ match: /watch=true/, with: 'cut' });
    api.fail({ match: /watch=true/, with: 403 });
    api.fail({ match: /watch=true/, with: 200, body: '<html>' });
    api.fail({ match: /watch=true/, with: 302, headers: { location: 'https://example.invalid/' } });
    api.fail({ match: /watch=true/, with: 500 });
    api.cut();
    await eventually(() => watches(api).length).toBe(8);
    api.put(PODS, pod('new'));
    await eventually(() => namesOf(informer)).toEqual(['new']);
  });

  test('is no reason to ask without a pause', async () => {
    const { api } = await watching({ timing: { first: 200, last: 10_000 } });
    api.fail({ match: /watch=true/, with: 200, body: '', times: 99 });
    api.cut();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(watches(api).length).toBeLessThan(8);
  });
});

describe('the end', () => {
  test('is quiet, before and after the first list', async () => {
    const { api, client, informer } = await watching();
    const changed = vi.fn<() => void>();
    informer.onChange(changed);
    await informer.stop();
    api.put(PODS, pod('late'));
    await eventually(() => api.watches).toBe(0);
    api.fail({ match: /./, with: 'hang' });
    const second = client.watch(PODS);
    await eventually(() => lists(api)).toBe(2);
    await second.stop();
    expect(second.isSynced).toBe(false);
    expect(changed).not.toHaveBeenCalled();
    expect(informer.list()).toEqual([]);
  });

  test('of the client is the end of its watches', async () => {
    const { api, client } = await watching();
    await client.close();
    await eventually(() => api.watches).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(watches(api)).toHaveLength(1);
  });

  test('a first list that fails is tried until it works', async () => {
    const api = await startKubeApi();
    api.put(PODS, pod('one'));
    api.fail({ match: /./, with: 403, times: 3 });
    const client = await openKubeClient({ kubeconfig: api.kubeconfig, timeout: 2, watchTiming: QUICK });
    clients.push(client);
    const informer = client.watch(PODS);
    await informer.synced;
    expect(namesOf(informer)).toEqual(['one']);
  });
});
