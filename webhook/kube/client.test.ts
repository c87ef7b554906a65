import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { endKubeApisAfterEach, type FakeKubeApi, startKubeApi } from '../../test/support/kube-api.ts';
import { KubeError, type KubeClient, type KubeObject } from './api.ts';
import { openKubeClient } from './client.ts';

endKubeApisAfterEach();
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 15_000, interval: 5 });

const PODS = { group: '', version: 'v1', resource: 'pods' };
const POLICIES = { group: 'wasmgate.dev', version: 'v1alpha1', resource: 'wasmpolicies' };
const open: KubeClient[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

async function started({ timeout = 10 } = {}): Promise<{ api: FakeKubeApi; client: KubeClient }> {
  const api = await startKubeApi();
  const client = await openKubeClient({ kubeconfig: api.kubeconfig, timeout });
  open.push(client);
  return { api, client };
}

const pod = (name: string, more: Record<string, unknown> = {}): KubeObject => ({ kind: 'Pod', metadata: { name, namespace: 'team' }, spec: {}, ...more });
const policy = (name: string): KubeObject => ({ kind: 'WasmPolicy', metadata: { name, namespace: 'team' }, spec: { level: 'baseline' } });
const failure = (work: Promise<unknown>): Promise<KubeError> => work.then(() => Promise.reject(new Error('It should have failed')), (error: unknown) => (error instanceof KubeError ? error : Promise.reject(error as Error)));

async function namesOf(pages: AsyncIterable<readonly KubeObject[]>): Promise<string[]> {
  const names: string[] = [];
  for await (const page of pages) names.push(...page.map(({ metadata }) => metadata.name));
  return names;
}

describe('objects', () => {
  test('are created, got, replaced, patched, applied and deleted', async () => {
    const { api, client } = await started();
    const created = await client.create(POLICIES, policy('one'));
    expect(created).toMatchObject({ apiVersion: 'wasmgate.dev/v1alpha1', metadata: { generation: 1 } });
    expect(await client.get(POLICIES, created.metadata)).toEqual(created);
    const replaced = await client.replace(POLICIES, { ...created, spec: { level: 'restricted' } });
    expect(replaced['spec']).toEqual({ level: 'restricted' });
    const patched = await client.jsonPatch(POLICIES, created.metadata, [{ op: 'add', path: '/spec/mode', value: 'warn' }]);
    expect(patched['spec']).toEqual({ level: 'restricted', mode: 'warn' });
    const applied = await client.apply(POLICIES, { ...policy('one'), status: { ready: true } }, { fieldManager: 'wasmgate', subresource: 'status' });
    expect(applied).toMatchObject({ spec: { level: 'restricted' }, status: { ready: true } });
    await client.delete(POLICIES, created.metadata);
    expect(api.objects(POLICIES)).toEqual([]);
    expect(api.requests.map(({ method, path, query, headers }) => [`${method} ${path}`, query.toString(), headers['content-type']])).toEqual([
      ['POST /apis/wasmgate.dev/v1alpha1/namespaces/team/wasmpolicies', '', 'application/json'],
      ['GET /apis/wasmgate.dev/v1alpha1/namespaces/team/wasmpolicies/one', '', undefined],
      ['PUT /apis/wasmgate.dev/v1alpha1/namespaces/team/wasmpolicies/one', '', 'application/json'],
      ['PATCH /apis/wasmgate.dev/v1alpha1/namespaces/team/wasmpolicies/one', '', 'application/json-patch+json'],
      ['PATCH /apis/wasmgate.dev/v1alpha1/namespaces/team/wasmpolicies/one/status', 'fieldManager=wasmgate&force=false', 'application/apply-patch+yaml'],
      ['DELETE /apis/wasmgate.dev/v1alpha1/namespaces/team/wasmpolicies/one', '', undefined],
    ]);
  });

  test('that do not exist are null, and gone already is gone', async () => {
    const { client } = await started();
    expect(await client.get(PODS, { namespace: 'team', name: 'none' })).toBeNull();
    await client.delete(PODS, { namespace: 'team', name: 'none' });
  });

  test('come without managedFields', async () => {
    const { api, client } = await started();
    api.put(PODS, pod('web', { metadata: { name: 'web', namespace: 'team', managedFields: [{ manager: 'kubectl' }] } }));
    expect((await client.get(PODS, { namespace: 'team', name: 'web' }))?.metadata).not.toHaveProperty('managedFields');
    for await (const [first] of client.list(PODS)) expect(first?.metadata).not.toHaveProperty('managedFields');
  });

  test('that somebody else changed or made are a conflict', async () => {
    const { api, client } = await started();
    const created = await client.create(POLICIES, policy('one'));
    api.put(POLICIES, { ...policy('one'), spec: { level: 'privileged' } });
    expect(await failure(client.replace(POLICIES, created))).toMatchObject({ status: 409, reason: 'Conflict' });
    expect(await failure(client.create(POLICIES, policy('one')))).toMatchObject({ status: 409, reason: 'AlreadyExists' });
  });

  test('with hostile names are never asked for', async () => {
    const { api, client } = await started();
    const hostile = { namespace: 'team', name: '../../../../api/v1/namespaces/kube-system/secrets/token' };
    const calls = [
      () => client.get(PODS, hostile), () => client.delete(PODS, hostile), () => client.jsonPatch(PODS, hostile, []), () => client.create(PODS, { metadata: hostile }), () => client.replace(PODS, { metadata: hostile }),
      () => client.apply(PODS, { metadata: hostile }, { fieldManager: 'a&force=true' }), () => client.get(PODS, { namespace: 'team/secrets?x=', name: 'a' }), () => namesOf(client.list(PODS, { namespace: 'team#' })),
    ];
    for (const call of calls) expect(await failure(call())).toMatchObject({ status: 0, reason: 'InvalidName' });
    expect(api.requests).toEqual([]);
  });

  test('text in selectors and field managers stays a value of the query', async () => {
    const { api, client } = await started();
    await namesOf(client.list(PODS, { labelSelector: 'a=b&limit=1#?', fieldSelector: 'metadata.name=x&watch=1' }));
    await client.apply(POLICIES, policy('one'), { fieldManager: 'a&force=true' });
    expect(api.requests[0]).toMatchObject({ path: '/api/v1/pods' });
    expect([...(api.requests[0]?.query ?? [])]).toEqual([['labelSelector', 'a=b&limit=1#?'], ['fieldSelector', 'metadata.name=x&watch=1'], ['limit', '500']]);
    expect([...(api.requests[1]?.query ?? [])]).toEqual([['fieldManager', 'a&force=true'], ['force', 'false']]);
  });
});

describe('lists', () => {
  test('come in pages, with the kind that the list says', async () => {
    const { api, client } = await started();
    for (const name of ['a', 'b', 'c', 'd', 'e']) api.put(PODS, pod(name));
    const pages: (readonly KubeObject[])[] = [];
    for await (const page of client.list(PODS, { namespace: 'team', limit: 2 })) pages.push(page);
    expect(pages.map((page) => page.map(({ metadata }) => metadata.name))).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(pages[0]?.[0]).toMatchObject({ kind: 'Pod', apiVersion: 'v1' });
  });

  test('begin again where a page has expired, and give nothing twice and nothing too little', async () => {
    const { api, client } = await started();
    for (const name of ['b', 'c', 'd', 'e', 'f']) api.put(PODS, pod(name));
    const names: string[] = [];
    for await (const page of client.list(PODS, { limit: 2 })) {
      names.push(...page.map(({ metadata }) => metadata.name));
      if (names.length === 4) {
        api.put(PODS, pod('a'));
        api.expire();
      }
    }
    expect(names).toEqual(['b', 'c', 'd', 'e', 'a', 'f']);
  });

  test('that expire again and again end with the reason', async () => {
    const { api, client } = await started();
    for (const name of ['a', 'b', 'c']) api.put(PODS, pod(name));
    api.fail({ match: /continue=/, with: 410, reason: 'Expired', times: 99 });
    expect(await failure(namesOf(client.list(PODS, { limit: 1 })))).toMatchObject({ status: 410, reason: 'Expired' });
  });

  test('too large for one answer are asked for in smaller pages', async () => {
    const { api, client } = await started();
    for (const name of ['a', 'b', 'c']) api.put(PODS, pod(name, { spec: { text: 'x'.repeat(12 << 20) } }));
    expect(await namesOf(client.list(PODS, { limit: 4 }))).toEqual(['a', 'b', 'c']);
  });
});

describe('failures', () => {
  test('carry what the Status says', async () => {
    const { api, client } = await started();
    api.fail({ match: /./, with: 403, reason: 'Forbidden' });
    const error = await failure(client.get(PODS, { namespace: 'team', name: 'web' }));
    expect(error).toMatchObject({ status: 403, reason: 'Forbidden', retryAfter: null, message: 'Kubernetes API: Injected 403' });
    expect(api.requests).toHaveLength(1);
  });

  test('that pass are tried again, later than the server says', async () => {
    const { api, client } = await started();
    api.put(PODS, pod('web'));
    api.fail({ match: /./, with: 429, reason: 'TooManyRequests', headers: { 'retry-after': '1' } });
    api.fail({ match: /./, with: 503, times: 2 });
    const before = performance.now();
    expect(await client.get(PODS, { namespace: 'team', name: 'web' })).not.toBeNull();
    expect(performance.now() - before).toBeGreaterThan(1_000);
    expect(api.requests).toHaveLength(4);
  });

  test('are tried again only so often', async () => {
    const { api, client } = await started();
    api.fail({ match: /./, with: 500, times: 99 });
    expect(await failure(client.get(PODS, { namespace: 'team', name: 'web' }))).toMatchObject({ status: 500 });
    expect(api.requests).toHaveLength(4);
  });

  test('of a creation are not tried again where it may have happened', async () => {
    const { api, client } = await started();
    api.fail({ match: /POST/, with: 500 });
    expect(await failure(client.create(PODS, pod('a')))).toMatchObject({ status: 500 });
    api.fail({ match: /POST/, with: 'cut' });
    expect(await failure(client.create(PODS, pod('a')))).toMatchObject({ status: 0, reason: '' });
    api.fail({ match: /POST/, with: 429, headers: { 'retry-after': '0' } });
    expect(await client.create(PODS, pod('a'))).toMatchObject({ metadata: { name: 'a' } });
    expect(api.requests).toHaveLength(4);
  });

  test('do not make anybody wait past the end of a call', async () => {
    const { api, client } = await started({ timeout: 1 });
    api.fail({ match: /./, with: 429, headers: { 'retry-after': '3600' } });
    expect(await failure(client.get(PODS, { namespace: 'team', name: 'web' }))).toMatchObject({ status: 429, retryAfter: 3600 });
    expect(api.requests).toHaveLength(1);
  });

  test('to answer at all end in time', async () => {
    const { api, client } = await started({ timeout: 0.3 });
    api.fail({ match: /./, with: 'hang' });
    expect(await failure(client.get(PODS, { namespace: 'team', name: 'web' }))).toMatchObject({ status: 0, reason: 'Timeout' });
  });

  test('cut connections are read again', async () => {
    const { api, client } = await started();
    api.put(PODS, pod('web'));
    expect(await client.get(PODS, { namespace: 'team', name: 'web' })).not.toBeNull();
    api.cut();
    await sleep(20);
    api.fail({ match: /./, with: 'cut' });
    expect(await client.get(PODS, { namespace: 'team', name: 'web' })).not.toBeNull();
  });

  test.each(['{"kind":"Pod"', '[]', '{"metadata":{}}', 'null', '<html>'])('success with a body that is no object: %s', async (body) => {
    const { api, client } = await started({ timeout: 1 });
    api.fail({ match: /./, with: 200, body, times: 99 });
    expect(await failure(client.get(PODS, { namespace: 'team', name: 'web' }))).toMatchObject({ status: 0 });
    expect(await failure(namesOf(client.list(PODS)))).toMatchObject({ status: 0 });
  });

  test('the caller who gives up is let go', async () => {
    const { api, client } = await started();
    api.fail({ match: /./, with: 'hang' });
    const giveUp = new AbortController();
    const waiting = failure(client.get(PODS, { namespace: 'team', name: 'web' }, giveUp.signal));
    await eventually(() => api.requests.length).toBe(1);
    giveUp.abort();
    expect(await waiting).toMatchObject({ status: 0, reason: 'Aborted' });
  });
});
