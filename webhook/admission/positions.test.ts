import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allBad, answerTo, badWhere, podOf, requestOf, world } from '../../test/support/admission.ts';
import { CARRIER_TABLE } from '../../scanner/kubernetes/table.ts';
import type { WireObject } from '../review.ts';

const WASM = { runtimeClassName: 'wasmtime' };
const clean = { name: 'main', image: 'r.example/clean:1' };
const bad = { name: 'bad', image: 'r.example/bad:1' };

/** A pod spec in which one position alone names something bad. */
const POSITIONS: readonly (readonly [string, WireObject, (reference: string) => boolean])[] = [
  ['a container', { containers: [clean, bad] }, isBad],
  ['an init container', { initContainers: [bad], containers: [clean] }, isBad],
  ['a sidecar', { initContainers: [{ ...bad, restartPolicy: 'Always' }], containers: [clean] }, isBad],
  ['an ephemeral container', { containers: [clean], ephemeralContainers: [bad] }, isBad],
  ['an image volume', { containers: [clean], volumes: [{ name: 'v', image: { reference: 'r.example/bad:1' } }] }, isBad],
  ['an ORAS volume', { containers: [clean], volumes: [{ name: 'v', csi: { driver: 'csi-driver-oras', volumeAttributes: { 'oras.artifact.reference': 'r.example/bad:1' } } }] }, isBad],
  ['the module in arguments', { containers: [{ ...clean, command: ['spin'], args: ['up', '-f', 'r.example/bad:1'] }] }, isBad],
  ['a host path', { ...WASM, containers: [{ ...clean, volumeMounts: [{ name: 'h', mountPath: '/m' }] }], volumes: [{ name: 'h', hostPath: { path: '/bad' } }] }, isBad],
  ['a ConfigMap', { ...WASM, containers: [{ ...clean, volumeMounts: [{ name: 'h', mountPath: '/m' }] }], volumes: [{ name: 'h', configMap: { name: 'bad' } }] }, isBad],
  ['a Secret', { ...WASM, containers: [{ ...clean, volumeMounts: [{ name: 'h', mountPath: '/m' }] }], volumes: [{ name: 'h', secret: { secretName: 'bad' } }] }, isBad],
  ['a projected ConfigMap', { ...WASM, containers: [{ ...clean, volumeMounts: [{ name: 'h', mountPath: '/m' }] }], volumes: [{ name: 'h', projected: { sources: [{ configMap: { name: 'bad' } }] } }] }, isBad],
];

function isBad(reference: string): boolean {
  return reference.includes('bad');
}

/** Where each kind that makes pods keeps the template. */
const TEMPLATES: readonly (readonly [string, string, string])[] = CARRIER_TABLE.filter(({ pods }) => pods !== undefined).flatMap(({ group, versions, kind, pods }) => pods!.filter(({ is }) => is === 'template').map(({ path }) => [`${group === '' ? '' : `${group}/`}${versions[0]!}`, kind, path] as const));

/** An object with a value at a dotted path; `[]` makes lists of one. */
function at(path: string, value: unknown): WireObject {
  const parts = path.replaceAll('[]', '.[]').split('.').filter((part) => part !== '');
  return parts.reduceRight<unknown>((inside, part) => (part === '[]' ? [inside] : { [part === '*' ? 'one' : part]: inside }), value) as WireObject;
}

describe('each position of a pod alone', () => {
  test.each(POSITIONS)('%s can deny', async (_name, spec, is) => {
    const { status, allowed } = await answerTo(world({ find: badWhere(({ reference }) => is(reference)) }), requestOf(podOf(spec)));
    expect({ allowed, code: status?.code, causes: status?.details?.causes.length }).toEqual({ allowed: false, code: 403, causes: 1 });
    expect((await answerTo(world(), requestOf(podOf(spec)))).allowed).toBe(true);
  });

  test.each(POSITIONS)('%s of a template is warned of, and denied where workloads are', async (_name, spec, is) => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' }, spec: { template: { metadata: {}, spec } } };
    const find = badWhere(({ reference }) => is(reference));
    const warned = await answerTo(world({ find }), requestOf(deployment));
    expect(warned.allowed).toBe(true);
    expect(warned.warnings?.[0]).toMatch(/^Pods of Deployment shop\/web will be denied: 1 of \d artifacts? against policy$/);
    expect(warned.warnings?.[1]).toContain('capability-net-connect');
    expect((await answerTo(world({ find, settings: { workloads: 'deny' } }), requestOf(deployment))).allowed).toBe(false);
  });

  test('whatever stands around it', async () => {
    const container = fc.record({ name: fc.string(), image: fc.constantFrom('a:1', 'r.example/b@sha256:0', '', 'Ä'), command: fc.option(fc.array(fc.string(), { maxLength: 2 })), env: fc.option(fc.array(fc.record({ name: fc.string() }), { maxLength: 2 })) }, { requiredKeys: [] });
    const around = fc.record({
      containers: fc.array(container, { maxLength: 3 }), initContainers: fc.array(container, { maxLength: 3 }), ephemeralContainers: fc.array(container, { maxLength: 2 }),
      volumes: fc.array(fc.oneof(fc.record({ name: fc.string(), image: fc.record({ reference: fc.string() }) }), fc.record({ name: fc.string(), hostPath: fc.record({ path: fc.string() }) }), fc.constant(null)), { maxLength: 3 }),
      runtimeClassName: fc.constantFrom(undefined, 'wasmtime', 'runc'),
    });
    const place = fc.constantFrom(['containers', { image: 'x/bad:1' }], ['initContainers', { image: 'x/bad:1' }], ['ephemeralContainers', { image: 'x/bad:1' }], ['volumes', { name: 'n', image: { reference: 'x/bad:1' } }]) as fc.Arbitrary<['containers' | 'initContainers' | 'ephemeralContainers' | 'volumes', object]>;
    await fc.assert(fc.asyncProperty(around, place, fc.nat(3), async (spec, [list, item], index) => {
      const items: unknown[] = [...spec[list]];
      items.splice(index, 0, item);
      const subject = world({ find: badWhere(({ reference }) => reference === 'x/bad:1') });
      expect((await answerTo(subject, requestOf(podOf({ ...spec, [list]: items })))).allowed).toBe(false);
    }), { numRuns: 150 });
  });

  test('in every shape that hostile data may have', async () => {
    const subject = world({ find: allBad });
    const spec = fc.object({ key: fc.constantFrom('containers', 'initContainers', 'volumes', 'image', 'reference', 'name', 'metadata', 'annotations'), maxDepth: 5, withNullPrototype: true });
    await fc.assert(fc.asyncProperty(spec, async (spec) => {
      const { allowed, status } = await answerTo(subject, requestOf(podOf(spec)));
      expect(allowed || status?.code === 403).toBe(true);
    }), { numRuns: 150 });
    expect(subject.counts.get('errors exception')).toBeUndefined();
  });
});

describe('each kind of the carrier table alone', () => {
  test.each(TEMPLATES)('%s %s with its template at %s', async (apiVersion, kind, path) => {
    const object = { apiVersion, kind, metadata: { name: 'one', namespace: 'shop' }, ...at(path, { spec: { containers: [bad] } }) };
    const row = CARRIER_TABLE.find((one) => one.kind === kind && `${one.group}/`.startsWith(apiVersion.includes('/') ? apiVersion.split('/')[0]! : '/'))!;
    const { allowed, warnings = [] } = await answerTo(world({ find: allBad }), requestOf(object, { resource: { group: row.group, version: row.versions[0]!, resource: row.resource } }));
    expect(allowed).toBe(row.onDeny === 'warn');
    if (row.onDeny === 'warn') expect(warnings[0]).toMatch(/^Pods of .* will be denied/);
  });

  const REFERENCES = CARRIER_TABLE.flatMap((row) => row.references.map((reference) => [`${row.group === '' ? '' : `${row.group}/`}${row.versions[0]!}`, row.kind, reference.path, row] as const));
  test.each(REFERENCES)('%s %s with a reference at %s', async (apiVersion, kind, path, row) => {
    const base = { apiVersion, kind, metadata: { name: 'one', namespace: 'shop' } };
    // Some fields count only beside a type that names Wasm.
    const typed = ['middleware.http.wasm', 'bindings.wasm', 'component', 'capability'].map((type) => typedObject(at(path, 'r.example/bad:1'), type));
    const answers = await Promise.all(typed.map((body) => answerTo(world({ find: allBad }), requestOf({ ...base, ...body }, { resource: { group: row.group, version: row.versions[0]!, resource: row.resource } }))));
    if (row.onDeny === 'deny') expect(answers.some(({ allowed }) => !allowed)).toBe(true);
    else expect(answers.every(({ allowed, warnings = [] }) => allowed && warnings.length > 0)).toBe(true);
  });

  test.each([
    ['v1', 'ConfigMap', { binaryData: { 'm.wasm': 'AGFzbQEAAAA=' } }],
    ['v1', 'ConfigMap', { data: { 'm.wasm': '\0asm\u0001\0\0\0' } }],
    ['v1', 'Secret', { data: { m: 'AGFzbQEAAAA=' } }],
    ['networking.istio.io/v1alpha3', 'EnvoyFilter', { spec: { configPatches: [{ patch: { value: { typed_config: { config: { vm_config: { code: { local: { filename: '/m.wasm' } } } } } } } }] } }],
  ])('%s %s %j', async (apiVersion, kind, body) => {
    const object = { apiVersion, kind, metadata: { name: 'one', namespace: 'shop' }, ...body };
    expect((await answerTo(world({ find: allBad }), requestOf(object))).allowed).toBe(false);
  });

  test('an annotation that chooses the code of a controller, on a kind that nobody knows', async () => {
    const object = { apiVersion: 'x.example/v1', kind: 'Thing', metadata: { name: 'one', namespace: 'shop', annotations: { 'overrides.yoke.cd/flight': 'https://f.example/bad.wasm' } } };
    expect((await answerTo(world({ find: allBad }), requestOf(object))).allowed).toBe(false);
  });
});

/** The object with a type, and a name, beside each field that a type decides about. */
function typedObject(value: unknown, type: string): WireObject {
  if (Array.isArray(value)) return value.map((item) => typedObject(item, type)) as unknown as WireObject;
  if (typeof value !== 'object' || value === null) return value as WireObject;
  return { type, name: 'url', ...Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, typedObject(inside, type)])) };
}
