import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRegistryClient } from '../../scanner/artifact/oci/client.ts';
import type { RegistryClient } from '../../scanner/artifact/oci/registry.ts';
import { moduleBytes } from '../support/module.ts';
import { registryOptions } from '../support/registry-options.ts';
import { entriesOf, failureOf, readBlob, toDescriptor } from '../support/registry-read.ts';
import { haveTool, startDistribution } from '../support/registry-tools.ts';
import { descriptor, DOCKER_LIST, EMPTY, OCI_INDEX, pack, packIndex, part, pushTo, type Packed } from './pack.ts';
import { gadget, image, istioCompat, kubewardenPolicy, opaBundle, runwasiImage, solo, spinApplication, wasmArtifact, wasmcloudComponent, wasmcloudProvider, wasmToOci } from './push.ts';
import { startRegistry } from './server.ts';
import { digestOf } from './store.ts';

interface Server { readonly host: string; readonly url: string; close(): Promise<void> }

const servers: readonly { readonly name: string; readonly start: () => Promise<Server> }[] = [
  { name: 'the registry of tests', start: () => startRegistry() },
  { name: 'the registry of tests without a referrers API', start: () => startRegistry({ referrers: 'none' }) },
  ...(haveTool('docker-registry') ? [{ name: 'the distribution registry', start: startDistribution }] : []),
];

const wasm = moduleBytes();
/** More than one piece on any connection. */
const large = new Uint8Array(3_000_000).map((_, index) => (index * 7919) >> 3);
const app = wasmArtifact(wasm);
const other = wasmArtifact(large);
const dockerImage = image({ layers: [{ entries: [{ path: 'app.wasm', bytes: wasm }] }], types: 'docker' });
const several = packIndex([{ packed: app, platform: { os: 'wasip1', architecture: 'wasm' } }, { packed: dockerImage, platform: { os: 'linux', architecture: 'amd64' } }]);

const forms: Readonly<Record<string, Packed>> = {
  'wasm-to-oci': wasmToOci(wasm), kubewarden: kubewardenPolicy(wasm), runwasi: runwasiImage(wasm), istio: istioCompat(wasm, { docker: 'docker' }), solo: solo(wasm),
  spin: spinApplication([{ id: 'a', wasm, files: [{ path: 'data', bytes: large }, { path: 'small', bytes: wasm, inline: true }], outbound: ['https://example.com'] }]), 'old-spin': spinApplication([{ id: 'a', wasm }], { locked: 'config' }),
  component: wasmcloudComponent(wasm), provider: wasmcloudProvider({ 'x86_64-linux': large }), opa: opaBundle(wasm), gadget: gadget(wasm, large),
  image: image({ layers: (['none', 'gzip', 'zstd'] as const).map((compression) => ({ entries: [{ path: 'a', bytes: large }, { path: '.wh.b' }], compression })) }),
};
const list = packIndex([{ packed: dockerImage, platform: { os: 'linux', architecture: 'amd64' } }], DOCKER_LIST);

describe.each(servers)('$name', ({ start }) => {
  let server: Server;
  let client: RegistryClient;
  const reference = (rest: string) => `${server.host}/acme/app${rest}`;

  beforeAll(async () => {
    server = await start();
    client = openRegistryClient(registryOptions([server]));
    for (const [tag, root] of Object.entries({ v1: app, v2: other, docker: dockerImage, several })) await pushTo(server, 'acme/app', tag, root);
  });
  afterAll(async () => {
    await client?.close();
    await server?.close();
  });

  test.each([['', app], ['oci://', app]])('resolves a tag, written with %j before it, to the bytes of its manifest', async (scheme, root) => {
    const opened = await client.open(scheme + reference(':v1'));
    expect(opened.root).toEqual({ digest: root.digest, mediaType: root.mediaType, bytes: Uint8Array.from(root.bytes) });
    expect(opened.repository).toBe(reference(''));
    expect(opened.name).toBe(`oci://${reference(':v1')}`);
  });

  test('resolves a digest', async () => {
    expect((await client.open(reference(`@${other.digest}`))).root.digest).toBe(other.digest);
  });

  test('a tag beside a digest counts for nothing', async () => {
    expect((await client.open(reference(`:v1@${other.digest}`))).root.digest).toBe(other.digest);
    expect((await client.open(reference(`:none@${other.digest}`))).root.digest).toBe(other.digest);
  });

  test('gives manifests of Docker and their blobs', async () => {
    const { root, source } = await client.open(reference(':docker'));
    expect(root.mediaType).toBe(dockerImage.mediaType);
    expect(digestOf(await readBlob(source, entriesOf(root.bytes)[0]!))).toBe(digestOf(dockerImage.blobs[1]!));
  });

  test('gives an index and the manifests in it', async () => {
    const { root, source } = await client.open(reference(':several'));
    expect(root.mediaType).toBe(OCI_INDEX);
    const manifests = await Promise.all(entriesOf(root.bytes).map((entry) => source.manifest(entry)));
    expect(manifests.map(({ digest }) => digest)).toEqual([app.digest, dockerImage.digest]);
    expect(manifests.map(({ bytes }) => digestOf(bytes))).toEqual([app.digest, dockerImage.digest]);
  });

  test.each(Object.keys(forms))('takes and gives %s', async (form) => {
    await pushTo(server, 'acme/forms', form, forms[form]!);
    const { root, source } = await client.open(`${server.host}/acme/forms:${form}`);
    expect(root.digest).toBe(forms[form]!.digest);
    const blobs = await Promise.all(entriesOf(root.bytes).map((entry) => readBlob(source, entry)));
    expect(blobs.map((blob) => digestOf(blob))).toEqual(forms[form]!.blobs.slice(1).map((blob) => digestOf(blob)));
  });

  test('gives a manifest list of Docker', async () => {
    await pushTo(server, 'acme/forms', 'list', list);
    const { root } = await client.open(`${server.host}/acme/forms:list`);
    expect([root.digest, root.mediaType]).toEqual([list.digest, DOCKER_LIST]);
  });

  test.each([['v1', wasm], ['v2', large]] as const)('streams the blob of %s', async (tag, bytes) => {
    const { root, source } = await client.open(reference(`:${tag}`));
    expect(Buffer.compare(await readBlob(source, entriesOf(root.bytes)[0]!), bytes)).toBe(0);
  });

  test('what is not there cannot be read', async () => {
    const nothing = digestOf(new Uint8Array([9]));
    for (const rest of [':none', `@${nothing}`, '/deeper:v1']) expect((await failureOf(client.open(reference(rest)))).kind, rest).toBe('unreadable');
    const { source } = await client.open(reference(':v1'));
    const missing = toDescriptor({ mediaType: 'application/wasm', digest: nothing, size: 1 });
    expect((await failureOf(readBlob(source, missing))).kind).toBe('unreadable');
    expect((await failureOf(source.manifest({ ...missing, mediaType: app.mediaType }))).kind).toBe('unreadable');
  });

  test('a blob of another size than its descriptor says is refused', async () => {
    const { root, source } = await client.open(reference(':v2'));
    const entry = entriesOf(root.bytes)[0]!;
    for (const size of [entry.size - 1, entry.size + 1]) expect((await failureOf(readBlob(source, { ...entry, size }))).kind).toBe('unreadable');
  });

  test('finds referrers listed under the fallback tag', async () => {
    const signature = pack({ config: EMPTY, layers: [part('test/signature', 'signed')], artifactType: 'test/signature', annotations: { by: 'me' } });
    const list = packIndex([{ packed: signature, more: { artifactType: 'test/signature', annotations: { by: 'me' } } }]);
    await pushTo(server, 'acme/app', other.digest.replace(':', '-'), list);
    const found = await client.referrers(reference(''), other.digest);
    expect(found).toEqual([toDescriptor({ ...descriptor(signature), artifactType: 'test/signature', annotations: { by: 'me' } })]);
    const manifest = await client.source(reference('')).manifest(found[0]!);
    expect(digestOf(manifest.bytes)).toBe(signature.digest);
  });

  test('nothing refers to what nobody signed', async () => {
    expect(await client.referrers(reference(''), dockerImage.digest)).toEqual([]);
  });
});
