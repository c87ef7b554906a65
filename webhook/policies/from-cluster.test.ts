import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createFollowedKube } from '../../test/support/followed-kube.ts';
import { KubeError, type KubeObject } from '../kube/api.ts';
import { SILENT, type Log } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { sourceKey } from '../source-key.ts';
import { clusterPolicies, type ClusterPolicyOptions } from './from-cluster.ts';
import { CLUSTER_WASM_POLICIES, WASM_POLICIES, WASM_WAIVERS } from './resources.ts';

const SECRETS = { group: '', version: 'v1', resource: 'secrets' };
const CONFIG_MAPS = { group: '', version: 'v1', resource: 'configmaps' };
const WAIVER = { rule: 'memory-unbounded', digest: `sha256:${'1'.repeat(64)}`, reason: 'Known', owner: 'team-a', expires: '2030-01-31' };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function pem(): string {
  return generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function setUp(over: Partial<ClusterPolicyOptions> = {}, kube = createFollowedKube()) {
  const metrics = createMetrics();
  const start = () => {
    const source = clusterPolicies({ client: kube, waiverNamespace: 'wasmgate', defaultLevel: 'baseline', log: SILENT, metrics, interval: 10, ...over });
    ends.push(() => source.close());
    return source;
  };
  const put = (name: string, spec: unknown) => kube.put(CLUSTER_WASM_POLICIES, { metadata: { name }, spec });
  const putLocal = (name: string, spec: unknown, namespace = 'team') => kube.put(WASM_POLICIES, { metadata: { name, namespace }, spec });
  return { kube, put, putLocal, start, ready: async () => (await metrics.policyReady.get()).values[0]?.value };
}

type Source = ReturnType<typeof clusterPolicies>;

function answer(source: Source, reference = 'ghcr.io/acme/app', namespace = 'team') {
  const { enforce, faults } = source.for({ reference, kind: 'Pod', namespace: { name: namespace, labels: {} } });
  return { enforce: enforce.map(({ name, level, mode }) => `${name} ${level.name} ${mode}`), faults };
}

async function until(source: Source, enforce: readonly string[]) {
  await vi.waitFor(() => expect(answer(source).enforce).toEqual(enforce));
}

const DEFAULT = 'baseline@v1 baseline enforce';

describe('before everything has been read', () => {
  test('the source is not ready, and the strictest level counts', async () => {
    const { kube, start } = setUp({}, createFollowedKube(false));
    const source = start();
    // Longer than the time after which policies are looked at anyway.
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(source.ready).toBe(false);
    expect(answer(source)).toEqual({ enforce: ['restricted@v1 restricted enforce'], faults: ['The policies have not been read yet, so the strictest level counts, restricted@v1'] });
    kube.connected(true);
    await vi.waitFor(() => expect(source.ready).toBe(true));
    expect(answer(source)).toEqual({ enforce: [DEFAULT], faults: [] });
  });
});

test('policies come, change and go', async () => {
  const { kube, put, putLocal, start } = setUp({ defaultLevel: 'privileged' });
  put('a', { level: 'restricted' });
  putLocal('b', { mode: 'audit' });
  const source = start();
  await until(source, ['a restricted enforce', 'team/b baseline audit']);
  expect(source.all.map(({ name }) => name)).toEqual(['a', 'team/b', 'privileged@v1']);
  const heard = vi.fn<() => void>();
  source.onChange(heard);
  put('a', { level: 'baseline', mode: 'warn' });
  await until(source, ['a baseline warn', 'team/b baseline audit']);
  kube.store.remove(CLUSTER_WASM_POLICIES, { name: 'a' });
  await until(source, ['privileged@v1 privileged enforce', 'team/b baseline audit']);
  kube.store.remove(WASM_POLICIES, { name: 'b', namespace: 'team' });
  await until(source, ['privileged@v1 privileged enforce']);
  expect(heard).toHaveBeenCalledTimes(3);
});

test('what changes nothing is told to nobody', async () => {
  const { kube, put, start } = setUp();
  put('a', {});
  const source = start();
  await until(source, ['a baseline enforce']);
  const [before, looked, changed] = [source.all[0], vi.fn<() => void>(), vi.fn<() => void>()];
  source.onChange(changed);
  source.onLook(looked);
  kube.put(CLUSTER_WASM_POLICIES, { ...kube.store.get(CLUSTER_WASM_POLICIES, { name: 'a' })!, status: { observedGeneration: 1 } });
  await vi.waitFor(() => expect(looked.mock.calls.length).toBeGreaterThan(2));
  expect(changed).not.toHaveBeenCalled();
  expect(source.all[0]).toBe(before);
});

describe('a policy that cannot be used', () => {
  test.each([
    ['an unknown level', { level: 'strict' }],
    ['an expression that does not compile', { expressions: [{ name: 'x', cel: '1 +' }] }],
    ['an unknown key', { capabilites: {} }],
    ['more CEL than is compiled beside reviews', { expressions: Array.from({ length: 9 }, (_, index) => ({ name: `x${index}`, cel: `true || ${'true || '.repeat(480)}true` })) }],
    ['no spec', undefined],
    ['a spec that is none', 'baseline'],
  ])('by %s leaves the last good version in force, and says so once', async (_what, spec) => {
    const warn = vi.fn<Log['warn']>();
    const { kube, put, start, ready } = setUp({ log: { ...SILENT, warn } });
    put('a', { level: 'restricted', match: { references: ['ghcr.io/acme/**'] } });
    const source = start();
    await until(source, ['a restricted enforce']);
    expect(await ready()).toBe(1);
    put('a', spec);
    await vi.waitFor(async () => expect(await ready()).toBe(0));
    expect(answer(source)).toEqual({ enforce: ['a restricted enforce'], faults: [] });
    expect(source.lookedAt.policies[0]!.faults.compile.length).toBeGreaterThan(0);
    expect(warn).toHaveBeenCalledTimes(1);
    // Not even a connection that breaks and comes back forgets it.
    kube.connected(false);
    kube.connected(true);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(answer(source)).toEqual({ enforce: ['a restricted enforce'], faults: [] });
    put('a', { level: 'privileged' });
    await until(source, ['a privileged enforce']);
    expect(await ready()).toBe(1);
  });

  test('from the beginning is stood in for by the strictest level, beside the default, for what it matches', async () => {
    const { put, start, ready } = setUp();
    put('a', { level: 'strict', match: { references: ['ghcr.io/acme/**'] }, allowNamespaceOverride: true });
    const source = start();
    await until(source, [DEFAULT, 'a restricted enforce']);
    expect(answer(source).faults).toEqual(['Policy a cannot be used, so for what it matches the strictest level counts, restricted@v1: spec.level: Unknown level strict; did you mean restricted?']);
    expect(answer(source, 'ghcr.io/other/app')).toEqual({ enforce: [DEFAULT], faults: [] });
    expect(await ready()).toBe(0);
  });

  test('nor says what it matches, is taken to match everything', async () => {
    const { put, start } = setUp();
    put('a', { match: { references: ['ghcr.io/{a,b}/**'] }, mode: 'audit' });
    const source = start();
    await until(source, [DEFAULT, 'a restricted enforce']);
  });

  test('keeps the mode that can be read: what was to list only does not begin to deny', async () => {
    const { put, start } = setUp();
    put('a', { level: 'strict', mode: 'audit' });
    await until(start(), [DEFAULT, 'a restricted audit']);
  });

  test('of a namespace counts there alone', async () => {
    const { putLocal, start } = setUp();
    putLocal('b', { allowNamespaceOverride: true });
    const source = start();
    await until(source, [DEFAULT, 'team/b restricted enforce']);
    expect(answer(source, 'x', 'other')).toEqual({ enforce: [DEFAULT], faults: [] });
  });

  test('and is another object of the same name has no last good version', async () => {
    const { kube, put, start } = setUp();
    put('a', { level: 'privileged' });
    const source = start();
    await until(source, ['a privileged enforce']);
    kube.connected(false);
    kube.store.remove(CLUSTER_WASM_POLICIES, { name: 'a' });
    put('a', { level: 'strict' });
    kube.connected(true);
    await until(source, [DEFAULT, 'a restricted enforce']);
  });
});

test('what has been settled once is not compiled again', async () => {
  const { put, start } = setUp();
  put('a', { level: 'strict' });
  put('b', {});
  const source = start();
  await until(source, ['b baseline enforce', 'a restricted enforce']);
  const before = source.lookedAt.policies;
  await vi.waitFor(() => expect(source.lookedAt.policies).not.toBe(before));
  for (const [index, entry] of source.lookedAt.policies.entries()) expect(entry).toBe(before[index]);
});

describe('keys of Secrets and ConfigMaps', () => {
  const spec = (ref: object) => ({ signatures: { authorities: [{ name: 'release', key: { transparencyLog: 'ignore', secretRef: ref } }] } });
  const secret = (name: string, namespace: string, data: Record<string, string>): KubeObject => ({ metadata: { name, namespace }, data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])) });
  const sourceOf = (source: Source, ref: { name: string; namespace?: string; key?: string }) => {
    const bytes = source.all[0]!.material?.sources[sourceKey({ from: 'secret', name: ref.name, namespace: ref.namespace ?? null, key: ref.key ?? null })];
    return bytes === undefined ? null : Buffer.from(bytes).toString();
  };

  test('are read from the namespace of the policy, exchanged when they change, and kept when they vanish', async () => {
    const { kube, putLocal, start, ready } = setUp();
    const [first, second] = [pem(), pem()];
    kube.put(SECRETS, secret('keys', 'team', { 'a.pem': first }));
    putLocal('b', spec({ name: 'keys' }));
    const source = start();
    await until(source, [DEFAULT, 'team/b baseline enforce']);
    expect(sourceOf(source, { name: 'keys' })).toBe(first);
    const id = source.all[0]!.material!.id;
    kube.put(SECRETS, secret('keys', 'team', { 'a.pem': second }));
    await vi.waitFor(() => expect(sourceOf(source, { name: 'keys' })).toBe(second));
    expect(source.all[0]!.material!.id).not.toBe(id);
    kube.store.remove(SECRETS, { name: 'keys', namespace: 'team' });
    await vi.waitFor(async () => expect(await ready()).toBe(0));
    expect(sourceOf(source, { name: 'keys' })).toBe(second);
    expect(source.lookedAt.policies[0]!.faults.resolve).toEqual(['Authority release: Secret keys: There is no Secret keys in namespace team']);
    kube.put(SECRETS, secret('keys', 'team', { 'a.pem': 'no key' }));
    await vi.waitFor(() => expect(source.lookedAt.policies[0]!.faults.resolve.join()).toMatch(/PUBLIC KEY/));
    expect(sourceOf(source, { name: 'keys' })).toBe(second);
  });

  test('that are missing are looked for again, and then the newer version counts', async () => {
    const { kube, putLocal, start } = setUp();
    putLocal('b', { level: 'privileged' });
    const source = start();
    await until(source, [DEFAULT, 'team/b privileged enforce']);
    putLocal('b', spec({ name: 'keys' }));
    await vi.waitFor(() => expect(source.lookedAt.policies[0]!.faults.resolve).toHaveLength(1));
    expect(answer(source).enforce).toEqual([DEFAULT, 'team/b privileged enforce']);
    kube.put(SECRETS, secret('keys', 'team', { 'a.pem': pem() }));
    await until(source, [DEFAULT, 'team/b baseline enforce']);
  });

  test('an API server that does not answer changes nothing', async () => {
    const { kube, putLocal, start, ready } = setUp();
    kube.put(SECRETS, secret('keys', 'team', { 'a.pem': pem() }));
    putLocal('b', spec({ name: 'keys' }));
    const source = start();
    await until(source, [DEFAULT, 'team/b baseline enforce']);
    kube.before = () => {
      throw new KubeError('No answer', { status: 0, reason: '' });
    };
    await vi.waitFor(async () => expect(await ready()).toBe(0));
    expect(answer(source).enforce).toEqual([DEFAULT, 'team/b baseline enforce']);
  });

  test('a policy of a namespace names nothing of another, and nothing of it is asked for', async () => {
    const { kube, putLocal, start } = setUp();
    kube.put(SECRETS, secret('keys', 'other', { 'a.pem': pem() }));
    putLocal('b', spec({ name: 'keys', namespace: 'other' }));
    const source = start();
    await until(source, [DEFAULT, 'team/b restricted enforce']);
    expect(source.lookedAt.policies[0]!.faults.resolve.join()).toMatch(/A policy of namespace team names nothing of namespace other/);
    expect(kube.calls).toEqual([]);
  });

  test('a cluster policy says which namespace', async () => {
    const { kube, put, start } = setUp();
    const key = pem();
    kube.put(SECRETS, secret('keys', 'trust', { 'a.pem': key, 'b.pem': 'x' }));
    put('a', spec({ name: 'keys', namespace: 'trust', key: 'a.pem' }));
    const source = start();
    await until(source, ['a baseline enforce']);
    expect(sourceOf(source, { name: 'keys', namespace: 'trust', key: 'a.pem' })).toBe(key);
    put('a', spec({ name: 'keys' }));
    await vi.waitFor(() => expect(source.lookedAt.policies[0]!.faults.resolve.join()).toMatch(/say in which one the Secret stands/));
  });

  test.each([
    [{ name: 'keys', key: 'c.pem' }, /It has no key c\.pem/],
    [{ name: 'keys', key: 'constructor' }, /It has no key constructor/],
    [{ name: 'keys' }, /It has 2 keys: say which one/],
    [{ name: 'none' }, /It is empty/],
  ])('%j is refused', async (ref, message) => {
    const { kube, putLocal, start } = setUp();
    kube.put(SECRETS, secret('keys', 'team', { 'a.pem': pem(), 'b.pem': pem() }));
    kube.put(SECRETS, { metadata: { name: 'none', namespace: 'team' } });
    putLocal('b', spec(ref));
    const source = start();
    await vi.waitFor(() => expect(source.lookedAt.policies[0]?.faults.resolve.join()).toMatch(message));
  });

  test('no file of the container is read', async () => {
    const { putLocal, start } = setUp();
    putLocal('b', { signatures: { authorities: [{ name: 'release', key: { transparencyLog: 'ignore', file: '/etc/passwd' } }] } });
    const source = start();
    await vi.waitFor(() => expect(source.lookedAt.policies[0]?.faults.resolve).toEqual(['Authority release: file /etc/passwd: No files are read in a cluster: use data, secretRef or configMapRef']));
  });

  test('ConfigMaps hold text or bytes', async () => {
    const { kube, putLocal, start } = setUp();
    const certificate = 'no certificate';
    kube.put(CONFIG_MAPS, { metadata: { name: 'roots', namespace: 'team' }, data: { a: certificate }, binaryData: { b: Buffer.from(certificate).toString('base64') } });
    for (const key of ['a', 'b']) putLocal(key, { signatures: { authorities: [{ name: 'ca', certificate: { roots: [{ configMapRef: { name: 'roots', key } }], identities: [{ subject: 's' }] } }] } });
    const source = start();
    await vi.waitFor(() => expect(source.lookedAt.policies.map(({ faults }) => faults.resolve.join())).toEqual([expect.stringMatching(/ConfigMap roots: it holds no certificate in PEM/), expect.stringMatching(/ConfigMap roots: it holds no certificate in PEM/)]));
  });
});

describe('waivers', () => {
  const put = (kube: ReturnType<typeof createFollowedKube>, name: string, spec: unknown, namespace = 'wasmgate') => kube.put(WASM_WAIVERS, { metadata: { name, namespace }, spec });
  const waived = (source: Source) => source.all.map(({ name, waivers }) => `${name}: ${waivers.map(({ reason }) => reason).join()}`);

  test('of the one namespace are added to every policy, the default too, and taken away again', async () => {
    const { kube, putLocal, start } = setUp();
    putLocal('b', { waivers: [{ ...WAIVER, reason: 'Own' }] });
    put(kube, 'w', WAIVER);
    const source = start();
    await vi.waitFor(() => expect(waived(source)).toEqual(['team/b: Own,Known', 'baseline@v1: Known']));
    kube.store.remove(WASM_WAIVERS, { name: 'w', namespace: 'wasmgate' });
    await vi.waitFor(() => expect(waived(source)).toEqual(['team/b: Own', 'baseline@v1: ']));
  });

  test('of other namespaces are not even followed', async () => {
    const { kube, start } = setUp();
    put(kube, 'w', WAIVER, 'team');
    const source = start();
    await until(source, [DEFAULT]);
    expect(waived(source)).toEqual(['baseline@v1: ']);
    expect([...kube.watching].toSorted()).toEqual(['clusterwasmpolicies', 'wasmpolicies', 'wasmwaivers/wasmgate']);
  });

  test.each([
    ['no digest', { digest: undefined }],
    ['no day', { expires: '2030-02-30' }],
    ['no owner', { owner: undefined }],
    ['a rule that is never waived', { rule: 'signature-invalid' }],
    ['an unknown rule', { rule: 'nonsense' }],
  ])('with %s waive nothing, and nothing of an older version stays', async (_what, over) => {
    const { kube, start } = setUp();
    put(kube, 'w', WAIVER);
    const source = start();
    await vi.waitFor(() => expect(waived(source)).toEqual(['baseline@v1: Known']));
    put(kube, 'w', JSON.parse(JSON.stringify({ ...WAIVER, ...over })));
    await vi.waitFor(() => expect(waived(source)).toEqual(['baseline@v1: ']));
    expect(source.lookedAt.waivers[0]!.faults).toHaveLength(1);
  });
});

test('closing ends every watch', async () => {
  const { kube, start } = setUp();
  const source = start();
  await until(source, [DEFAULT]);
  await source.close();
  expect([...kube.watching]).toEqual([]);
});
