import { describe, expect, test } from 'vitest';
import { allBad, BAD, badWhere, DEADLINE, judging, podOf, requestOf, ROOT_DIGEST, updateOf, world, type WorldOptions } from '../../test/support/admission.ts';
import type { AdmissionRequest, WireObject } from '../review.ts';
import { encodeBase64 } from './base64.ts';

interface Step { readonly op: string; readonly path: string; readonly value: unknown }

async function stepsFor(request: AdmissionRequest, options: WorldOptions = {}): Promise<readonly Step[]> {
  const { allowed, patch, patchType, status } = await world(options).admission.mutate(request, DEADLINE);
  expect([allowed, status]).toEqual([true, undefined]);
  expect(patchType).toBe(patch === undefined ? undefined : 'JSONPatch');
  return patch === undefined ? [] : (JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as readonly Step[]);
}

/** What the API server makes of an object by the patch. */
async function mutated(request: AdmissionRequest, options: WorldOptions = {}): Promise<WireObject> {
  const object = structuredClone(request.object) as Record<string, unknown>;
  for (const { op, path, value } of await stepsFor(request, options)) {
    const keys = path.slice(1).split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop()!;
    const parent = keys.reduce((at, key) => at[key] as Record<string, unknown>, object);
    expect(Object.hasOwn(parent, last), path).toBe(true);
    if (op === 'test') expect(parent[last]).toBe(value);
    else parent[last] = value;
  }
  return object;
}

const pinned = (image: string): string => `${image}@${ROOT_DIGEST}`;
const SPEC = {
  containers: [{ name: 'a', image: 'r.example/a:1' }, { name: 'b', image: 'b' }, { name: 'c', image: `r.example/c:1@sha256:${'0'.repeat(64)}` }],
  initContainers: [{ name: 'i', image: 'r.example:5000/i:ä' }],
  volumes: [{ name: 'v', image: { reference: 'r.example/v:1' } }, { name: 'h', hostPath: { path: '/x' } }],
};

describe('pinning', () => {
  test('gives every tag of a pod the digest it was judged by', async () => {
    expect(await mutated(requestOf(podOf(SPEC)))).toEqual(podOf({
      containers: [{ name: 'a', image: pinned('r.example/a:1') }, { name: 'b', image: pinned('b') }, SPEC.containers[2]],
      initContainers: [{ name: 'i', image: pinned('r.example:5000/i:ä') }],
      volumes: [{ name: 'v', image: { reference: pinned('r.example/v:1') } }, SPEC.volumes[1]],
    }));
  });

  test('tests what it replaces', async () => {
    expect(await stepsFor(requestOf(podOf({ containers: [{ image: 'a:1' }] })))).toEqual([{ op: 'test', path: '/spec/containers/0/image', value: 'a:1' }, { op: 'replace', path: '/spec/containers/0/image', value: pinned('a:1') }]);
  });

  test.each<readonly [string, WireObject, WireObject]>([
    ['a template', { apiVersion: 'apps/v1', kind: 'Deployment', spec: { template: { spec: { containers: [{ image: 'a:1' }] } } } }, { spec: { template: { spec: { containers: [{ image: pinned('a:1') }] } } } }],
    ['a field read as an image', { apiVersion: 'core.spinkube.dev/v1alpha1', kind: 'SpinApp', spec: { image: 'r.example/s:1' } }, { spec: { image: pinned('r.example/s:1') } }],
    ['a list of such fields', { apiVersion: 'runtime.wasmcloud.dev/v1alpha1', kind: 'Workload', spec: { components: [{ image: 'a:1' }, { image: 'b:1' }] } }, { spec: { components: [{ image: pinned('a:1') }, { image: pinned('b:1') }] } }],
  ])('of %s', async (_name, object, expected) => {
    const named = { ...object, metadata: { name: 'one', namespace: 'shop' } };
    expect(await mutated(requestOf(named))).toEqual({ ...named, ...expected });
  });

  test.each<readonly [string, WireObject]>([
    ['a URL', { apiVersion: 'extensions.istio.io/v1alpha1', kind: 'WasmPlugin', metadata: { name: 'x', namespace: 'shop' }, spec: { url: 'oci://r.example/p:1' } }],
    ['an argument', podOf({ containers: [{ image: `a@${ROOT_DIGEST}`, command: ['spin'], args: ['up', '-f', 'r.example/app:1'] }] })],
    ['an ORAS volume', podOf({ containers: [], volumes: [{ name: 'v', csi: { driver: 'd', volumeAttributes: { 'oras.artifact.reference': 'r.example/x:1' } } }] })],
    ['an annotation', podOf({ containers: [] }, { annotations: { 'sidecar.istio.io/proxyImage': 'r.example/x:1' } })],
    ['blanks around it', podOf({ containers: [{ image: ' a:1' }] })],
  ])('leaves %s as it is', async (_name, object) => {
    expect(await stepsFor(requestOf(object))).toEqual([]);
  });

  test.each<readonly [string, WorldOptions]>([
    ['is denied', { find: allBad }],
    ['was not analysed', { find: () => [{ failure: { kind: 'outside', code: 'http-503', message: 'x' } }] }],
    ['was not analysed, which the policy allows', { find: () => [{ failure: { kind: 'unreadable', code: 'x', message: 'x' } }], policies: () => ({ enforce: [judging('onError: allow')] }) }],
    ['has no digest', { find: () => [{ rootDigest: null }] }],
    ['has a strange digest', { find: () => [{ rootDigest: 'sha256:zz' }] }],
    ['has several digests', { find: () => [{}, { rootDigest: `sha256:${'e'.repeat(64)}` }] }],
    ['is denied in part', { find: () => [{}, BAD] }],
    ['nobody has policies for yet', { ready: false }],
  ])('leaves an image that %s', async (_name, options) => {
    expect(await stepsFor(requestOf(podOf({ containers: [{ image: 'a:1' }] })), options)).toEqual([]);
  });

  test('leaves an image without Wasm', async () => {
    const { examiner } = world().parts;
    // What is said of such an image: nothing against it, and no bytes that were judged.
    const empty: typeof examiner.examine = async (...asked) => (await examiner.examine(...asked)).map((one) => ({
      ...one,
      judge: (...about) => {
        const entry = one.judge(...about);
        return { ...entry, artifact: { ...entry.artifact, size: null } };
      },
    }));
    expect(await stepsFor(requestOf(podOf({ containers: [{ image: 'nginx:1' }] })), { parts: { examiner: { ...examiner, examine: empty } } })).toEqual([]);
  });

  test('pins the rest beside one that is denied', async () => {
    const steps = await stepsFor(requestOf(podOf({ containers: [{ image: 'bad:1' }, { image: 'a:1' }] })), { find: badWhere(({ reference }) => reference === 'bad:1') });
    expect(steps.map(({ path }) => path)).toEqual(['/spec/containers/1/image', '/spec/containers/1/image']);
  });

  test('of a pod that runs, only what is new and may be written', async () => {
    const before = podOf(SPEC);
    expect(await stepsFor(updateOf(before, before))).toEqual([]);
    const after = podOf({ ...SPEC, containers: [{ name: 'a', image: 'r.example/a:2' }, ...SPEC.containers.slice(1)], volumes: [{ name: 'v', image: { reference: 'r.example/v:2' } }] });
    expect((await stepsFor(updateOf(before, after))).map(({ value }) => value)).toEqual(['r.example/a:2', pinned('r.example/a:2')]);
    const debug = podOf({ ...SPEC, ephemeralContainers: [{ name: 'd', image: 'r.example/d:1' }] });
    expect(await stepsFor(updateOf(before, debug))).toEqual([]);
    expect((await stepsFor(updateOf(before, debug, { subResource: 'ephemeralcontainers' }))).map(({ value }) => value)).toEqual(['r.example/d:1', pinned('r.example/d:1')]);
    expect(await stepsFor(updateOf(debug, debug, { subResource: 'ephemeralcontainers' }))).toEqual([]);
    expect(await stepsFor(updateOf(before, after, { subResource: 'resize' }))).toEqual([]);
  });

  test('does the same in a dry run, and nothing where request and object disagree or nothing is made', async () => {
    const request = requestOf(podOf(SPEC));
    expect(await stepsFor({ ...request, dryRun: true })).toEqual(await stepsFor(request));
    expect(await stepsFor({ ...request, namespace: 'other' })).toEqual([]);
    expect(await stepsFor({ ...request, operation: 'DELETE', object: null })).toEqual([]);
  });
});

test('base64 is that of everybody else', () => {
  for (const text of ['', 'a', 'ab', 'abc', 'ä€😀', '\0\u00ff', 'x'.repeat(1_000)]) expect(encodeBase64(text)).toBe(Buffer.from(text, 'utf8').toString('base64'));
});
