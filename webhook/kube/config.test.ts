import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { endKubeApisAfterEach, type FakeKubeApi, kubeconfigFor, startKubeApi } from '../../test/support/kube-api.ts';
import type { KubeClient } from './api.ts';
import { openKubeClient, ownNamespace } from './client.ts';

endKubeApisAfterEach();

const PODS = { group: '', version: 'v1', resource: 'pods' };
const WEB = { namespace: 'team', name: 'web' };
const clients: KubeClient[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

async function clientFor(kubeconfig: string | null, root = ''): Promise<KubeClient> {
  const client = await openKubeClient({ kubeconfig, timeout: 5, root });
  clients.push(client);
  return client;
}

/** A kubeconfig of this server with another user. */
function kubeconfigWith(api: FakeKubeApi, user: Record<string, unknown>, change: (config: { clusters: { cluster: Record<string, unknown> }[] }) => void = () => {}): string {
  const config = kubeconfigFor(api.url, api.ca, user) as { clusters: { cluster: Record<string, unknown> }[] };
  change(config);
  const path = join(api.folder, 'other-kubeconfig');
  writeFileSync(path, JSON.stringify(config));
  return path;
}

/** Files of a service account below `folder`, and the environment of a pod. */
function asPod(api: FakeKubeApi, token: string): { root: string; folder: string } {
  const folder = join(api.folder, 'pod/var/run/secrets/kubernetes.io/serviceaccount');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'ca.crt'), api.ca);
  writeFileSync(join(folder, 'token'), token);
  writeFileSync(join(folder, 'namespace'), 'wasmgate\n');
  const { hostname, port } = new URL(api.url);
  vi.stubEnv('KUBERNETES_SERVICE_HOST', hostname);
  vi.stubEnv('KUBERNETES_SERVICE_PORT', port);
  return { root: join(api.folder, 'pod'), folder };
}

describe('connections', () => {
  test('are used again: 200 calls one after the other open hardly any', async () => {
    const api = await startKubeApi();
    const client = await clientFor(api.kubeconfig);
    for (let call = 0; call < 200; call++) await client.get(PODS, WEB);
    expect(api.requests).toHaveLength(200);
    expect(api.connections).toBeLessThanOrEqual(3);
  });

  test('are made anew where the CA has changed, and only then', async () => {
    const api = await startKubeApi();
    const { root, folder } = asPod(api, 'token-of-the-kubeconfig');
    const client = await clientFor(null, root);
    for (let call = 0; call < 20; call++) await client.get(PODS, WEB);
    const before = api.connections;
    writeFileSync(join(folder, 'ca.crt'), `# next\n${api.ca}`);
    for (let call = 0; call < 20; call++) await client.get(PODS, WEB);
    expect(api.connections).toBeGreaterThan(before);
    expect(api.connections).toBeLessThanOrEqual(6);
  });

  test('are refused to a server that the CA does not vouch for', async () => {
    const api = await startKubeApi();
    const client = await clientFor(kubeconfigWith(api, { token: 'secret' }, ({ clusters }) => delete clusters[0]?.cluster['certificate-authority-data']));
    await expect(client.create(PODS, { metadata: WEB })).rejects.toMatchObject({ status: 0, message: expect.stringMatching(/certificate/) as string });
    expect(api.requests).toEqual([]);
  });

  test('never follow a redirect', async () => {
    const api = await startKubeApi();
    const other = await startKubeApi();
    const client = await clientFor(api.kubeconfig);
    for (const status of [301, 302, 307, 308]) api.fail({ match: /./, with: status, headers: { location: `${other.url}/api/v1/namespaces/team/pods/web` } });
    for (const status of [301, 302, 307, 308]) await expect(client.get(PODS, WEB)).rejects.toMatchObject({ status });
    expect(other.connections).toBe(0);
    expect(api.requests).toHaveLength(4);
  });
});

describe('credentials', () => {
  test('of a pod: the token file is read as it changes, without its line end', async () => {
    const api = await startKubeApi();
    const { root, folder } = asPod(api, 'first\n');
    api.tokens.clear();
    api.tokens.add('first').add('second');
    const client = await clientFor(null, root);
    await client.get(PODS, WEB);
    writeFileSync(join(folder, 'next'), ' second\n\n');
    renameSync(join(folder, 'next'), join(folder, 'token'));
    api.tokens.delete('first');
    await client.get(PODS, WEB);
    // Half of a change must not lock anybody out.
    writeFileSync(join(folder, 'token'), '');
    await client.get(PODS, WEB);
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second', 'Bearer second']);
    expect(ownNamespace({ kubeconfig: null, root })).toBe('wasmgate');
  });

  test('of a kubeconfig: tokenFile, relative to it, counts more than token', async () => {
    const api = await startKubeApi();
    writeFileSync(join(api.folder, 'token'), 'from-file\n');
    api.tokens.add('from-file').add('later');
    const client = await clientFor(kubeconfigWith(api, { token: 'inline', tokenFile: 'token' }));
    await client.get(PODS, WEB);
    writeFileSync(join(api.folder, 'token'), 'later');
    await client.get(PODS, WEB);
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer from-file', 'Bearer later']);
  });

  test('of a kubeconfig: a client certificate', async () => {
    const api = await startKubeApi();
    const { certificate, key } = api.certificateFor('wasmgate-tester');
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const client = await clientFor(kubeconfigWith(api, { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) }));
    await client.get(PODS, WEB);
    expect(api.requests[0]).toMatchObject({ client: 'wasmgate-tester' });
    expect(api.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('that cannot be had are an error of the call', async () => {
    const api = await startKubeApi();
    const { root } = asPod(api, ' \n');
    const client = await clientFor(null, root);
    await expect(client.get(PODS, WEB)).rejects.toMatchObject({ name: 'KubeError', status: 0, message: expect.stringMatching(/empty/) as string });
    writeFileSync(join(root, 'var/run/secrets/kubernetes.io/serviceaccount/token'), 'a\nb');
    await expect(client.get(PODS, WEB)).rejects.toMatchObject({ name: 'KubeError', status: 0, message: expect.not.stringMatching(/a\nb/) as string });
  });

  test('that the server refuses are 401', async () => {
    const api = await startKubeApi();
    api.tokens.clear();
    await expect((await clientFor(api.kubeconfig)).get(PODS, WEB)).rejects.toMatchObject({ status: 401, reason: 'Unauthorized' });
  });
});

describe('configuration that cannot be used', () => {
  test.each<[string, RegExp, (config: { clusters: { cluster: Record<string, unknown> }[] }) => void]>([
    ['http', /not https/, ({ clusters }) => Object.assign(clusters[0]!.cluster, { server: 'http://127.0.0.1:1', 'insecure-skip-tls-verify': true })],
    ['no URL', /no URL/, ({ clusters }) => Object.assign(clusters[0]!.cluster, { server: 'here' })],
    ['a query', /more than host and path/, ({ clusters }) => Object.assign(clusters[0]!.cluster, { server: 'https://127.0.0.1:1?x' })],
    ['no cluster', /No cluster is chosen/, (config) => config.clusters.splice(0)],
  ])('%s', async (_, message, change) => {
    const api = await startKubeApi();
    await expect(openKubeClient({ kubeconfig: kubeconfigWith(api, { token: 'x' }, change), timeout: 5 })).rejects.toThrow(message);
  });

  test('groups to act for, a missing file, no pod', async () => {
    const api = await startKubeApi();
    await expect(openKubeClient({ kubeconfig: kubeconfigWith(api, { token: 'x', as: 'a', 'as-groups': ['g'] }), timeout: 5 })).rejects.toThrow(/act as somebody else/);
    await expect(openKubeClient({ kubeconfig: join(api.folder, 'none'), timeout: 5 })).rejects.toThrow(/cannot be read/);
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '');
    await expect(openKubeClient({ kubeconfig: null, timeout: 5 })).rejects.toThrow(/No Kubernetes API is known/);
  });
});
