import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { failing, on } from '../registry/faults.ts';
import { putInto } from '../registry/pack.ts';
import { wasmArtifact } from '../registry/push.ts';
import type { Auth } from '../registry/auth.ts';
import type { ApiAnswer, ApiObject } from './api-client.ts';
import { type Artifacts, PURE, SPAWN, startArtifacts } from './artifacts.ts';
import { canRunKubernetes } from './namespace.ts';
import { pod, type PodParts, workloads } from './objects.ts';
import { eventually } from './process.ts';
import { startWorld, type World } from './world.ts';

const RULE = 'capability-process-spawn';
const TAG_RULE = 'oci-mutable-reference';
const LOGIN = { username: 'shop', password: 'of the shop' };
const AUTHS: readonly Auth[] = [{ mode: 'basic', ...LOGIN }, { mode: 'token', login: LOGIN }];

interface Container { readonly image: string }
type PodSpec = Readonly<Record<'containers' | 'initContainers' | 'ephemeralContainers', readonly Container[] | undefined>>;

describe.skipIf(!canRunKubernetes())('what the chart has off until asked for', () => {
  let world: World;
  const hidden: Artifacts[] = [];
  let count = 0;

  beforeAll(async () => {
    for (const auth of AUTHS) hidden.push(await startArtifacts({ auth }));
    world = await startWorld({
      controllerManager: true,
      // One replica: what it has learned for one namespace is there when another asks.
      values: {
        replicas: 1, audit: { intervalSeconds: 0 }, access: { pullSecrets: true }, registry: { insecureHosts: hidden.map(({ registry }) => registry.host) },
        webhook: { mutate: { enabled: true }, configMaps: { enabled: true }, secrets: { enabled: true } },
      },
    });
    await world.plane.namespace('other');
    await eventually('the mutating configuration has its authority', async () => {
      const { body } = await world.plane.api.get('/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/wasmgate');
      return (body['webhooks'] as { clientConfig: { caBundle?: string } }[]).every(({ clientConfig }) => clientConfig.caBundle) || null;
    });
  });
  afterEach(() => void world?.artifacts.registry.faults.splice(0));
  afterAll(async () => {
    await world?.stop();
    for (const { registry } of hidden) await registry.close();
  });

  const unique = (): string => `object-${count++}`;
  const podsIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/pods`;
  const create = (image: string, parts?: PodParts, namespace = 'shop'): Promise<ApiAnswer> => world.plane.api.post(podsIn(namespace), pod(unique(), namespace, image, parts));
  const apply = (object: ApiObject) => world.plane.kubectl(['apply', '-f', '-'], JSON.stringify(object));
  const imagesOf = ({ body }: ApiAnswer) => {
    const { containers = [], initContainers = [], ephemeralContainers = [] } = body['spec'] as PodSpec;
    return [...containers, ...initContainers, ...ephemeralContainers].map(({ image }) => image);
  };
  const stored = async ({ body }: ApiAnswer) => imagesOf(await world.plane.api.get(`${podsIn(body.metadata!.namespace!)}/${body.metadata!.name}`));
  const both = (name: 'pure' | 'pure-image'): string => `${world.artifacts.tagged(name)}@${world.artifacts.digest(name)}`;

  describe('a pod by tag', () => {
    test('is stored with the digest that was judged, and is then no pod by tag any more', async () => {
      const { artifacts } = world;
      const made = await create(artifacts.tagged('pure'), { spec: { initContainers: [{ name: 'first', image: artifacts.tagged('pure-image') }] } });
      expect([made.status, made.warnings]).toEqual([201, []]);
      expect(await stored(made)).toEqual([both('pure'), both('pure-image')]);
    });

    test('without a signal is stored so as well', async () => {
      const made = await create(world.artifacts.tagged('pure-image'), { runtimeClassName: null });
      expect([made.status, made.warnings, await stored(made)]).toEqual([201, [], [both('pure-image')]]);
    });

    test('means what the tag means then', async () => {
      const { registry } = world.artifacts;
      const name = `${registry.host}/acme/moves:v1`;
      const first = putInto(registry, 'acme/moves', 'v1', wasmArtifact(PURE, { annotations: { number: '1' } }));
      const before = await create(name);
      const second = putInto(registry, 'acme/moves', 'v1', wasmArtifact(PURE, { annotations: { number: '2' } }));
      const after = await create(name);
      expect([await stored(before), await stored(after)]).toEqual([[`${name}@${first}`], [`${name}@${second}`]]);
      putInto(registry, 'acme/moves', 'v1', wasmArtifact(SPAWN));
      expect(await create(name)).toMatchObject({ status: 403, body: { message: expect.stringContaining(RULE) } });
      // What was stored cannot be moved.
      expect(await stored(after)).toEqual([`${name}@${second}`]);
    });

    test('gets the digest when its image changes and in ephemeral containers', async () => {
      const made = await create(world.artifacts.pinned('pure'));
      const path = `${podsIn('shop')}/${made.body.metadata!.name}`;
      const type = 'application/strategic-merge-patch+json';
      const changed = await world.plane.api.send('PATCH', path, { spec: { containers: [{ name: 'main', image: world.artifacts.tagged('pure-image') }] } }, type);
      expect([changed.status, changed.warnings]).toEqual([200, []]);
      const debugged = await world.plane.api.send('PATCH', `${path}/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'debug', image: world.artifacts.tagged('pure'), targetContainerName: 'main' }] } }, type);
      expect([debugged.status, debugged.warnings]).toEqual([200, []]);
      expect(await stored(made)).toEqual([both('pure-image'), both('pure')]);
    });

    test('is shown so in a dry run, by kubectl', async () => {
      const { code, output, errors } = await world.plane.kubectl(['create', '-f', '-', '--dry-run=server', '-o', 'jsonpath={.spec.containers[0].image}'], JSON.stringify(pod(unique(), 'shop', world.artifacts.tagged('pure'))));
      expect([code, output, errors]).toEqual([0, both('pure'), '']);
    });

    test('that breaks policy is refused', async () => {
      expect(await create(world.artifacts.tagged('spawn'))).toMatchObject({ status: 403, body: { message: expect.stringContaining(RULE) } });
      const { status, body } = await create(world.artifacts.tagged('pure'), { spec: { containers: [{ name: 'main', image: world.artifacts.tagged('pure') }, { name: 'second', image: world.artifacts.tagged('spawn') }] } });
      expect([status, body.message]).toEqual([403, expect.stringContaining('/spec/containers/1/image')]);
    });

    test('that has a digest, or no Wasm in its image, stays as it is', async () => {
      const pinned = await create(world.artifacts.pinned('pure'));
      expect(await stored(pinned)).toEqual([world.artifacts.pinned('pure')]);
      const plain = await create(world.artifacts.tagged('web'), { runtimeClassName: null });
      expect([plain.status, plain.warnings, await stored(plain)]).toEqual([201, [], [world.artifacts.tagged('web')]]);
      const mixed = await create(world.artifacts.tagged('pure'), { spec: { containers: [{ name: 'main', image: world.artifacts.tagged('pure') }, { name: 'second', image: world.artifacts.tagged('web') }] } });
      expect([mixed.status, await stored(mixed)]).toEqual([201, [both('pure'), world.artifacts.tagged('web')]]);
    });

    test('that cannot be read stays as it is, and is judged as unread', async () => {
      const { registry } = world.artifacts;
      putInto(registry, 'acme/unread', 'v1', wasmArtifact(PURE, { annotations: { unread: 'yes' } }));
      const name = `${registry.host}/acme/unread:v1`;
      registry.faults.push(on('GET', /acme\/unread/, failing(503)), on('HEAD', /acme\/unread/, failing(503)));
      const plain = await create(name, { runtimeClassName: null });
      expect([plain.status, plain.warnings.length, await stored(plain)]).toEqual([201, 1, [name]]);
      expect((await create(name)).status).toBe(403);
    });
  });

  describe('what makes pods', () => {
    const deploymentOf = (name: string, image: string): ApiObject => workloads(name, 'shop', image)[0]!;
    const podsOf = async (name: string) => {
      const { body } = await world.plane.api.get(`${podsIn('shop')}?labelSelector=app=${name}`);
      return (body.items ?? []).map(({ spec }) => (spec as PodSpec).containers![0]!.image);
    };

    test('keeps its tag, and its pods get the digest', async () => {
      const name = unique();
      const { code, errors } = await apply(deploymentOf(name, world.artifacts.tagged('pure')));
      expect([code, errors]).toEqual([0, expect.stringMatching(new RegExp(`^Warning: .*${TAG_RULE}`))]);
      expect(await eventually('its pod', async () => (await podsOf(name))[0] ?? null)).toBe(both('pure'));
      const { body } = await world.plane.api.get(`/apis/apps/v1/namespaces/shop/deployments/${name}`);
      expect(JSON.stringify(body['spec'])).toContain(`"image":"${world.artifacts.tagged('pure')}"`);
    });

    test('is told of a rollout that will be denied, line by line, and what runs stays', async () => {
      const name = unique();
      expect(await apply(deploymentOf(name, world.artifacts.pinned('pure')))).toMatchObject({ code: 0, errors: '' });
      await eventually('its pod', async () => (await podsOf(name))[0] ?? null);
      const rollout = await world.plane.kubectl(['set', 'image', '-n', 'shop', `deployment/${name}`, `main=${world.artifacts.pinned('spawn')}`]);
      expect([rollout.code, rollout.output]).toEqual([0, `deployment.apps/${name} image updated\n`]);
      const lines = rollout.errors.trimEnd().split('\n');
      expect(lines.filter((line) => !line.startsWith('Warning: '))).toEqual([]);
      expect(lines[0]).toBe(`Warning: Pods of Deployment shop/${name} will be denied: 1 of 1 artifact against policy`);
      // Long names are cut in their middle, so that the end of the digest is there.
      expect(lines.slice(1)).toEqual([expect.stringMatching(new RegExp(`^Warning: .*${world.artifacts.digest('spawn').slice(-12)}: ${RULE}: `))]);
      await eventually('the rollout is stuck, with the reason', async () => {
        const { body } = await world.plane.api.get(`/apis/apps/v1/namespaces/shop/deployments/${name}`);
        return JSON.stringify(body['status'] ?? '').includes(RULE) || null;
      });
      expect(await podsOf(name)).toEqual([world.artifacts.pinned('pure')]);
      expect(await world.plane.kubectl(['set', 'image', '-n', 'shop', `deployment/${name}`, `main=${world.artifacts.pinned('pure')}`])).toMatchObject({ code: 0, errors: '' });
    });
  });

  describe.each(AUTHS.map(({ mode }, index) => ({ mode, index })))('a private registry with $mode authentication', ({ mode, index }) => {
    const secret = (name: string, namespace: string, { username, password } = LOGIN) => world.plane.kubectl(['create', 'secret', 'docker-registry', name, '-n', namespace, `--docker-server=${hidden[index]!.registry.host}`, `--docker-username=${username}`, `--docker-password=${password}`]);
    const withSecret = (name: string, more: PodParts = {}): PodParts => ({ ...more, spec: { imagePullSecrets: [{ name }], ...more.spec } });
    /** Refused, and nothing of the image is told. */
    const unread = { status: 403, body: { message: expect.not.stringContaining(RULE) } };

    beforeAll(async () => {
      expect(await secret(`pull-${mode}`, 'shop')).toMatchObject({ code: 0 });
    });

    test('is read with the pull secrets of the pod, and judged by content', async () => {
      expect(await create(hidden[index]!.pinned('pure'), withSecret(`pull-${mode}`))).toMatchObject({ status: 201, warnings: [] });
      expect(await create(hidden[index]!.pinned('spawn'), withSecret(`pull-${mode}`))).toMatchObject({ status: 403, body: { message: expect.stringContaining(RULE) } });
      const tagged = await create(hidden[index]!.tagged('pure'), withSecret(`pull-${mode}`));
      expect([tagged.status, tagged.warnings, await stored(tagged)]).toEqual([201, [], [`${hidden[index]!.tagged('pure')}@${hidden[index]!.digest('pure')}`]]);
    });

    test('is read with the pull secrets of its service account', async () => {
      const account = unique();
      await world.plane.api.post('/api/v1/namespaces/shop/serviceaccounts', { metadata: { name: account }, imagePullSecrets: [{ name: `pull-${mode}` }] });
      expect(await create(hidden[index]!.pinned('pure'), { spec: { serviceAccountName: account } })).toMatchObject({ status: 201, warnings: [] });
    });

    test.each(['pure', 'spawn'] as const)('is not read for whoever has no secret, though its %s has been judged for another', async (name) => {
      const image = hidden[index]!.pinned(name);
      await create(image, withSecret(`pull-${mode}`));
      const before = hidden[index]!.registry.count('GET', /\/blobs\//);
      expect(await create(image)).toMatchObject(unread);
      expect(await create(image, {}, 'other')).toMatchObject(unread);
      expect(await create(image, withSecret(`pull-${mode}`), 'other')).toMatchObject(unread);
      expect(hidden[index]!.registry.count('GET', /\/blobs\//)).toBe(before);
      // Without a signal nobody knows what it is: a warning, which tells nothing of it either.
      const plain = await create(image, withSecret(`pull-${mode}`, { runtimeClassName: null }), 'other');
      expect([plain.status, plain.warnings]).toEqual([201, [expect.not.stringContaining(RULE)]]);
    });

    test('is not read with a wrong password', async () => {
      expect(await secret(`wrong-${mode}`, 'other', { username: LOGIN.username, password: 'guessed' })).toMatchObject({ code: 0 });
      expect(await create(hidden[index]!.pinned('pure'), withSecret(`wrong-${mode}`), 'other')).toMatchObject(unread);
    });

    test('is not read any more when the secret is gone', async () => {
      const name = unique();
      await secret(name, 'shop');
      expect(await create(hidden[index]!.pinned('pure'), withSecret(name))).toMatchObject({ status: 201 });
      await world.plane.kubectl(['delete', 'secret', name, '-n', 'shop']);
      await eventually('the secret is forgotten', async () => ((await create(hidden[index]!.pinned('pure'), withSecret(name))).status === 403) || null, { pause: 1_000, patience: 60_000 });
    });

    test('is not told of in warnings to whoever has no secret', async () => {
      const { status, warnings } = await world.plane.api.post('/apis/apps/v1/namespaces/other/deployments', workloads(unique(), 'other', hidden[index]!.pinned('spawn'))[0]!);
      expect([status, warnings.join('\n')]).toEqual([201, expect.not.stringContaining(RULE)]);
    });
  });

  describe('a module in an object of the cluster', () => {
    /** As text, which it is: every byte of it is ASCII. */
    const text = (wasm: Uint8Array): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(wasm);
    const holding = (kind: string, fields: object): ApiObject => ({ apiVersion: 'v1', kind, metadata: { name: unique(), namespace: 'shop' }, ...fields });
    const base64 = (wasm: Uint8Array): string => Buffer.from(wasm).toString('base64');

    test.each<[string, (wasm: Uint8Array) => ApiObject]>([
      ['text of a ConfigMap', (wasm) => holding('ConfigMap', { data: { module: text(wasm) } })],
      ['text of a ConfigMap, beside other texts', (wasm) => holding('ConfigMap', { data: { a: 'b', 'z.wasm': text(wasm) } })],
      ['bytes of a ConfigMap under any name', (wasm) => holding('ConfigMap', { binaryData: { module: base64(wasm) } })],
      ['text of a Secret', (wasm) => holding('Secret', { stringData: { module: text(wasm) } })],
    ])('as %s is judged', async (_name, object) => {
      const { code, errors } = await apply(object(SPAWN));
      expect([code, errors]).toEqual([1, expect.stringContaining(RULE)]);
      expect(await apply(object(PURE))).toMatchObject({ code: 0 });
    });

    test('is judged when an update brings it', async () => {
      const object = holding('ConfigMap', { data: { a: 'b' } });
      expect(await apply(object)).toMatchObject({ code: 0, errors: '' });
      const path = `/api/v1/namespaces/shop/configmaps/${object.metadata!.name}`;
      expect(await world.plane.api.patch(path, { data: { module: text(SPAWN) } })).toMatchObject({ status: 403, body: { message: expect.stringContaining(RULE) } });
      expect(await world.plane.api.patch(path, { data: { module: text(PURE) } })).toMatchObject({ status: 200 });
    });
  });
});
