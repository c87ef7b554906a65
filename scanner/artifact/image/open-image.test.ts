import { describe, expect, test } from 'vitest';
import { imageOf, linesOf, openedOf } from '../../../test/support/image-source.ts';
import { DOCKER_LIST, EMPTY, OCI_CONFIG, OCI_MANIFEST, pack, packIndex, part, type Packed } from '../../../test/registry/pack.ts';
import * as push from '../../../test/registry/push.ts';
import { digestOf } from '../../../test/registry/store.ts';
import type { Artifact, Opened, Unopened } from '../../artifact.ts';
import { LIMITS } from '../../wasm/limits.ts';

const wasm = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const other = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
const elf = Uint8Array.from({ length: 64 }, (_, index) => [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1][index] ?? 0);
const artifacts = (opened: readonly Opened[]) => opened.filter((one): one is Artifact => 'bytes' in one);
const codes = (opened: readonly Opened[]) => opened.filter((one): one is Unopened => 'failure' in one).map(({ failure }) => failure.code);
const oddities = (opened: readonly Opened[]) => opened.map(({ packaging }) => packaging?.oddities.map(({ id }) => id).join(' '));
/** A root of any text. */
const raw = (document: unknown, mediaType = OCI_MANIFEST): Packed => {
  const bytes = new TextEncoder().encode(typeof document === 'string' ? document : JSON.stringify(document));
  return { mediaType, bytes, digest: digestOf(bytes), blobs: [], children: [] };
};
const descriptor = { mediaType: 'application/wasm', digest: digestOf(wasm), size: wasm.length };

describe('forms', () => {
  test.each([
    ['CNCF artifact', push.wasmArtifact(wasm), ['@ wasm-artifact']],
    ['wasm-to-oci', push.wasmToOci(wasm), ['@ wasm-to-oci']],
    ['Kubewarden policy', push.kubewardenPolicy(wasm), ['@ wasm-to-oci']],
    ['runwasi layer', push.runwasiImage(wasm), ['@ runwasi-image']],
    ['runwasi layer of the general type', push.runwasiImage(wasm, 'application/wasm'), ['@ runwasi-image']],
    ['Istio compat', push.istioCompat(wasm), ['@!/plugin.wasm istio-compat']],
    ['Istio compat in a folder, Docker types', push.istioCompat(wasm, { path: 'a/plugin.wasm', docker: 'docker' }), ['@!/a/plugin.wasm istio-compat']],
    ['Solo', push.solo(wasm), ['@ solo']],
    ['wasmCloud component', push.wasmcloudComponent(wasm), ['@ wasmcloud-component']],
    ['component without a config', pack({ config: EMPTY, layers: [part('application/wasm', wasm)] }), ['@ wasmcloud-component']],
    ['wasmCloud provider', push.wasmcloudProvider({ 'x86_64-linux': elf }), ['@!/x86_64-linux.bin wasmcloud-provider']],
    ['gadget', push.gadget(wasm, elf), ['@ gadget']],
    ['OPA bundle', push.opaBundle(wasm), ['@!/policy.wasm opa-bundle']],
    ['Spin application', push.spinApplication([{ id: 'hello', wasm }]), ['@ spin-application']],
    ['Spin application of older releases', push.spinApplication([{ id: 'hello', wasm }], { locked: 'config' }), ['@ spin-application']],
    ['image', push.image({ layers: [{ entries: [{ path: 'app.wasm', bytes: wasm }] }] }), ['@!/app.wasm image']],
    ['image without Wasm', push.image({ layers: [{ entries: [{ path: 'bin/app', bytes: elf }] }], os: 'linux', architecture: 'amd64', config: { Entrypoint: ['/bin/app'] } }), ['@ without']],
    ['nothing at all', pack({ config: EMPTY, layers: [] }), ['@ without']],
  ])('%s', async (_, root, expected) => {
    const opened = await openedOf(root);
    expect(linesOf(opened)).toEqual(expected);
    for (const one of artifacts(opened)) {
      expect(one).toMatchObject({ reference: 'example/app:v1', digest: digestOf(one.bytes), packaging: { repository: 'example/app', rootDigest: root.digest, manifestDigest: root.digest } });
    }
  });

  test('a native entry point of an image for Wasm is judged', async () => {
    const opened = await openedOf(push.image({ layers: [{ entries: [{ path: 'app', bytes: elf }] }], config: { Entrypoint: ['/app'] } }));
    expect(linesOf(opened)).toEqual(['@!/app image']);
    expect(opened[0]!.packaging).toMatchObject({ platform: 'wasi/wasm', entryPoint: true, path: 'app' });
  });

  test('the process of a workload counts before that of the image', async () => {
    const root = push.image({ layers: [{ entries: [{ path: 'a.wasm', bytes: wasm }, { path: 'b.wasm', bytes: other }] }], config: { Entrypoint: ['/a.wasm'] } });
    const opened = await openedOf(root, { process: { command: ['/b.wasm'], args: null } });
    expect(opened.map(({ packaging }) => [packaging?.path, packaging?.entryPoint])).toEqual([['a.wasm', false], ['b.wasm', true]]);
  });

  test('a second plugin.wasm in the last layer is an oddity, one below is none', async () => {
    const two = push.image({ layers: [{ entries: [{ path: 'plugin.wasm', bytes: wasm }, { path: 'a/plugin.wasm', bytes: other }] }] });
    expect(oddities(await openedOf(two))).toEqual(['several-modules', 'several-modules']);
    const below = push.istioCompat(wasm, { before: [{ entries: [{ path: 'x/plugin.wasm', bytes: other }] }] });
    expect(oddities(await openedOf(below))).toEqual(['', '']);
  });

  test('an artifact of several layers: each is judged, and said to be too many', async () => {
    const opened = await openedOf(push.wasmArtifact(wasm, { more: [part('application/octet-stream', other)], layerDigests: [digestOf(wasm), digestOf(other)] }));
    expect(linesOf(opened)).toEqual(['@!/layer[0] wasm-artifact', '@!/layer[1] wasm-artifact']);
    expect(oddities(opened)).toEqual(['several-layers', 'several-layers wrong-layer-type']);
  });

  test('claims of a config are kept, and layerDigests that lie are an oddity', async () => {
    const opened = await openedOf(push.wasmArtifact(wasm, { layerDigests: [digestOf(other)], component: { imports: ['wasi:cli/run@0.2.0'], exports: [], target: 'a:b/c' } }));
    expect(opened[0]!.packaging).toMatchObject({ claims: { imports: ['wasi:cli/run@0.2.0'], exports: [], target: 'a:b/c', layerDigests: [digestOf(other)] }, platform: 'wasip1/wasm' });
    expect(oddities(opened)).toEqual(['digest-disagrees']);
  });

  test('a diff_id that lies about a layer without compression is an oddity', async () => {
    const config = part(OCI_CONFIG, { os: 'wasi', architecture: 'wasm', rootfs: { type: 'layers', diff_ids: [digestOf(other)] } });
    expect(oddities(await openedOf(pack({ config, layers: [part('application/wasm', wasm)] })))).toEqual(['digest-disagrees']);
  });

  test('natives stand beside the module of a gadget, and Wasm under their type is judged', async () => {
    const [module] = await openedOf(push.gadget(wasm, elf));
    expect(module!.packaging!.natives).toEqual([{ path: `application/vnd.gadget.ebpf.program.v1+binary ${digestOf(elf)}`, title: 'ELF executable or library' }]);
    expect(oddities(await openedOf(push.gadget(wasm, other)))).toEqual(['', 'wrong-layer-type']);
  });

  test('programs beside a module in an image are listed, those that an upper layer deletes are not', async () => {
    const entries = [{ path: 'bin/sh', bytes: elf }, { path: 'gone', bytes: elf }, { path: 'a.wasm', bytes: wasm }];
    const [module] = await openedOf(push.image({ layers: [{ entries }, { entries: [{ path: '.wh.gone' }] }] }));
    expect(module!.packaging!.natives).toEqual([{ path: 'bin/sh', title: 'ELF executable or library' }]);
  });

  test('a provider tells what its token says', async () => {
    const jwt = `e30.${Buffer.from('{"iss":"ABC","name":"Redis"}').toString('base64url')}.x`;
    const [provider] = await openedOf(push.wasmcloudProvider({ 'x86_64-linux': elf, 'aarch64-linux': Uint8Array.of(1, 2) }, jwt));
    expect(provider!.packaging!.settings).toMatchObject([{ id: 'native-plug-in', text: 'provider archive: claims iss ABC, name Redis, not verified' }]);
    expect(await openedOf(push.wasmcloudProvider({ a: elf, b: Uint8Array.of(1, 2) }))).toHaveLength(2);
  });

  test('a Wasmer package is recognised in a layer, in a file and by type', async () => {
    const webc = new TextEncoder().encode('\0webc002');
    expect(codes(await openedOf(pack({ config: EMPTY, layers: [part('application/wasm', webc)] })))).toEqual(['webc']);
    expect(codes(await openedOf(push.image({ layers: [{ entries: [{ path: 'app.webc', bytes: webc }] }] })))).toEqual(['webc']);
    expect(codes(await openedOf(pack({ config: EMPTY, layers: [part('application/webc', webc)] })))).toEqual(['webc']);
  });
});

describe('Spin applications', () => {
  test('every component with what it is given, inlined and in layers, dependencies and files too', async () => {
    const opened = await openedOf(push.spinApplication([
      { id: 'a', wasm, outbound: ['*://*:*'], environment: { KEY: 'v' }, metadata: { key_value_stores: ['default'], ai_models: ['llama'] }, dependencies: { 'x:y/z': { wasm: other } } },
      { id: 'b', wasm: Uint8Array.from([...wasm, 0, 1, 0]), inline: true, files: [{ path: 'x.wasm', bytes: Uint8Array.from([...wasm, 0, 1, 1]) }, { path: 'y.txt', bytes: Uint8Array.of(65) }] },
    ]));
    expect(linesOf(opened).sort()).toEqual(['@!/a spin-application', '@!/a/x:y/z spin-application', '@!/b spin-application', '@!/b/x.wasm spin-application']);
    const a = opened.find(({ name }) => name.endsWith('!/a'))!.packaging!;
    expect(a.grants.map(({ kind, values, everything }) => [kind, values, everything])).toEqual([['hosts', ['*://*:*'], true], ['environment', ['KEY'], false], ['key-value', ['default'], false], ['ai', ['llama'], false]]);
    expect(a.settings.map(({ id }) => id)).toEqual(['broad-scope']);
    expect(opened.find(({ name }) => name.endsWith('!/b'))!.packaging).toMatchObject({ layer: null, path: null });
  });

  const app = (components: unknown, layers: readonly Uint8Array[] = []) => pack({
    config: part('application/vnd.fermyon.spin.application.v1+config', { components, variables: { token: { secret: true } } }),
    layers: layers.map((bytes) => part('application/vnd.wasm.content.layer.v1+wasm', bytes)),
  });

  test('a secret variable is a grant of its own', async () => {
    const opened = await openedOf(app([{ id: 'a', source: { digest: digestOf(wasm) }, config: { key: 'x {{ token }}' } }], [wasm]));
    expect(opened[0]!.packaging!.grants.map(({ kind, values }) => [kind, values])).toEqual([['environment', ['key']], ['secrets', ['token']]]);
  });

  test('what is nowhere in the image, or lies about its digest, is said', async () => {
    expect(codes(await openedOf(app([{ id: 'a', source: { source: 'https://x/y.wasm', digest: digestOf(wasm) } }])))).toEqual(['remote-source']);
    expect(codes(await openedOf(app([{ id: 'a', source: { digest: digestOf(wasm) } }])))).toEqual(['missing-layer']);
    expect(codes(await openedOf(app([{ id: 'a', source: { inline: '!!' } }])))).toEqual(['malformed-base64']);
    expect(oddities(await openedOf(app([{ id: 'a', source: { inline: Buffer.from(wasm).toString('base64'), digest: digestOf(other) } }])))).toEqual(['digest-disagrees']);
    expect(codes(await openedOf(app('none')))).toEqual(['malformed-locked-app']);
  });

  test('a layer that no component names is judged all the same', async () => {
    expect(linesOf(await openedOf(app([{ id: 'a', source: { digest: digestOf(wasm) } }], [wasm, other])))).toEqual(['@ spin-application', '@!/layer[1] spin-application']);
  });
});

describe('indexes', () => {
  const linux = push.image({ layers: [{ entries: [{ path: 'hidden.wasm', bytes: other }] }], os: 'linux', architecture: 'amd64' });
  const artifact = push.wasmArtifact(wasm);
  const platform = { os: 'wasip1', architecture: 'wasm' };

  test('every entry for Wasm in any spelling, and the others unless a platform narrows them', async () => {
    const mixed = packIndex([{ packed: linux, platform: { os: 'linux', architecture: 'amd64' } }, { packed: artifact, platform }], DOCKER_LIST);
    expect(linesOf(await openedOf(mixed))).toEqual(['@!/linux/amd64/hidden.wasm image', '@!/wasip1/wasm wasm-artifact']);
    expect(linesOf(await openedOf(mixed, { platform: 'linux/arm64' }))).toEqual(['@ wasm-artifact']);
    for (const spelling of [{ os: 'wasi', architecture: 'wasm32' }, { os: 'Wasip1', architecture: 'wasm' }, { os: 'wasip2', architecture: '' }]) {
      expect(linesOf(await openedOf(packIndex([{ packed: artifact, platform: spelling }]), { platform: 'linux/arm64' }))).toEqual(['@ wasm-artifact']);
    }
    expect(codes(await openedOf(packIndex([{ packed: linux, platform: { os: 'linux', architecture: 'amd64' } }]), { platform: 'linux/arm64' }))).toEqual(['no-such-platform']);
  });

  test('one digest once; index and config that disagree are an oddity', async () => {
    const opened = await openedOf(packIndex([{ packed: artifact, platform: { os: 'wasip2', architecture: 'wasm' } }, { packed: artifact, platform }]));
    expect(oddities(opened)).toEqual(['platform-disagrees']);
  });

  test('attestations are left out, and a half-marked one is not', async () => {
    const more = { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } };
    const unknown = { os: 'unknown', architecture: 'unknown' };
    expect(linesOf(await openedOf(packIndex([{ packed: artifact, platform: unknown, more }])))).toEqual(['@ without']);
    expect(linesOf(await openedOf(packIndex([{ packed: artifact, platform, more }])))).toEqual(['@ wasm-artifact']);
    expect(linesOf(await openedOf(packIndex([{ packed: artifact, platform: unknown }])))).toEqual(['@ wasm-artifact']);
  });

  test('nesting and the number of entries are bounded', async () => {
    let nested = packIndex([{ packed: artifact, platform }]);
    for (let depth = 0; depth < LIMITS.indexDepth; depth++) nested = packIndex([{ packed: nested }]);
    expect(linesOf(await openedOf(nested))).toEqual(['@ wasm-artifact']);
    expect(codes(await openedOf(packIndex([{ packed: nested }])))).toEqual(['index-depth']);
    const many = packIndex(Array.from({ length: LIMITS.platforms + 1 }, (_, index) => ({ packed: push.wasmArtifact(wasm, { annotations: { n: String(index) } }), platform })));
    expect(codes(await openedOf(many))).toEqual(['too-many-platforms']);
  });

  test('an entry that cannot be had leaves the others', async () => {
    const gone = raw({ schemaVersion: 2 });
    const index = packIndex([{ packed: gone, platform }, { packed: artifact, platform }]);
    expect(linesOf(await openedOf({ ...index, children: [artifact] }))).toEqual(['@ image http-503', '@!/wasip1/wasm wasm-artifact']);
  });
});

describe('refusals', () => {
  const config = EMPTY;
  const configDescriptor = { mediaType: config.mediaType, digest: digestOf(config.bytes), size: config.bytes.length };
  const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: configDescriptor, layers: [descriptor] };
  test.each([
    ['an index and a manifest at once', raw({ ...manifest, manifests: [] }), 'ambiguous-manifest'],
    ['a type that disagrees', raw({ ...manifest, mediaType: 'application/vnd.docker.distribution.manifest.v2+json' }), 'media-type-disagrees'],
    ['fields of another type', raw({ schemaVersion: 2, manifests: [] }), 'media-type-disagrees'],
    ['schema 1', raw({ schemaVersion: 1, fsLayers: [] }, 'application/vnd.docker.distribution.manifest.v1+prettyjws'), 'schema1'],
    ['an unknown manifest', raw({ ...manifest, mediaType: 'application/x' }, 'application/x'), 'unknown-media-type'],
    ['neither', raw({ schemaVersion: 2 }), 'malformed-manifest'],
    ['no version', raw({ ...manifest, schemaVersion: '2' }), 'malformed-manifest'],
    ['a repeated key', raw('{"schemaVersion":2,"schemaVersion":2}'), 'malformed-json'],
    ['a list', raw('[]'), 'malformed-json'],
    ['a negative size', raw({ ...manifest, layers: [{ ...descriptor, size: -1 }] }), 'malformed-size'],
    ['a size with a fraction', raw({ ...manifest, layers: [{ ...descriptor, size: 1.5 }] }), 'malformed-size'],
    ['a digest in capitals', raw({ ...manifest, layers: [{ ...descriptor, digest: `sha256:${'A'.repeat(64)}` }] }), 'malformed-digest'],
    ['an unknown algorithm', raw({ ...manifest, layers: [{ ...descriptor, digest: `md5:${'a'.repeat(32)}` }] }), 'malformed-digest'],
    ['no media type', raw({ ...manifest, layers: [{ digest: descriptor.digest, size: 8 }] }), 'malformed-manifest'],
    ['annotations that are no texts', raw({ ...manifest, annotations: { a: 1 } }), 'malformed-manifest'],
    ['too many layers', raw({ ...manifest, layers: Array.from({ length: LIMITS.descriptors + 1 }, () => descriptor) }), 'too-many-descriptors'],
    ['an unknown artifact type without layers', pack({ config, layers: [], artifactType: 'application/vnd.acme' }), 'unknown-media-type'],
    ['an unknown layer', pack({ config, layers: [part('application/vnd.acme', wasm)] }), 'unknown-media-type'],
    ['a config that is no JSON', pack({ config: part(OCI_CONFIG, '{'), layers: [part('application/wasm', wasm)] }), 'malformed-json'],
  ])('%s', async (_, root, code) => {
    const opened = await openedOf(root);
    expect(codes(opened)).toEqual([code]);
    expect(artifacts(opened)).toEqual([]);
  });

  test('known layers beside an unknown one are searched, and the unknown one is named', async () => {
    const root = push.image({ layers: [{ entries: [{ path: 'a.wasm', bytes: wasm }] }] });
    const document = JSON.parse(new TextDecoder().decode(root.bytes)) as { layers: object[] };
    const more = raw({ ...document, layers: [...document.layers, { ...descriptor, mediaType: 'application/vnd.acme' }] });
    expect(linesOf(await openedOf({ ...more, blobs: root.blobs }))).toEqual(['@!/a.wasm image', '@!/layer[1] image unknown-media-type']);
  });

  test('nothing of a blob counts whose digest or size does not hold', async () => {
    const root = push.wasmArtifact(wasm);
    expect(codes(await openedOf(imageOf(root, { blobs: { [digestOf(wasm)]: other } })))).toEqual(['digest-mismatch']);
    expect(codes(await openedOf(imageOf(root, { blobs: { [digestOf(wasm)]: Uint8Array.from([...wasm, 0]) } })))).toEqual(['size-mismatch']);
    expect(codes(await openedOf(imageOf(root, { blobs: { [digestOf(wasm)]: wasm.subarray(1) } })))).toEqual(['size-mismatch']);
  });
});
