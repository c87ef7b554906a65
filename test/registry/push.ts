/**
 * Artifacts as other tools pack them, as values: each builder gives a `Packed` (pack.ts), which goes
 *   into a registry of this process      `putInto(registry, 'acme/app', 'v1', packed)`
 *   into any registry, over HTTP         `await pushTo({ url }, 'acme/app', 'v1', packed)`
 *   into an OCI layout folder            `writeLayout(folder, { v1: packed })`
 * Builders: wasmArtifact, wasmToOci, kubewardenPolicy, spinApplication, runwasiImage, istioCompat, solo, wasmcloudComponent,
 * wasmcloudProvider, image (tar, tar+gzip, tar+zstd layers, OCI or Docker types), opaBundle, gadget. Indexes: `packIndex`. Tars: tar.ts.
 */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DOCKER_CONFIG, DOCKER_MANIFEST, OCI_CONFIG, OCI_MANIFEST, pack, part, type Packed, type Part } from './pack.ts';
import { digestOf } from './store.ts';
import { tar, type TarEntry } from './tar.ts';

const LAYER = 'application/vnd.oci.image.layer.v1.tar';
const CONTENT = 'application/vnd.wasm.content.layer.v1+wasm';
const MODULE = 'application/vnd.module.wasm.content.layer.v1+wasm';

export interface WasmArtifactOptions {
  readonly os?: string;
  readonly architecture?: string;
  /** Claims; default: the layer's digest, and nothing about imports. */
  readonly layerDigests?: readonly string[];
  readonly component?: { readonly imports: readonly string[]; readonly exports: readonly string[]; readonly target?: string };
  readonly more?: readonly Part[];
  readonly layerType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** CNCF Wasm artifact: config v0, one layer. */
export function wasmArtifact(wasm: Uint8Array, { os = 'wasip1', architecture = 'wasm', layerDigests = [digestOf(wasm)], component, more = [], layerType = 'application/wasm', annotations }: WasmArtifactOptions = {}): Packed {
  const config = part('application/vnd.wasm.config.v0+json', { created: '2026-01-01T00:00:00Z', architecture, os, layerDigests, ...(component ? { component } : {}) });
  return pack({ config, layers: [part(layerType, wasm), ...more], ...(annotations ? { annotations } : {}) });
}

/** wasm-to-oci: config v1, content layer. */
export function wasmToOci(wasm: Uint8Array): Packed {
  return pack({ config: part('application/vnd.wasm.config.v1+json', '{}'), layers: [part(CONTENT, wasm)] });
}

/** A Kubewarden policy: as wasm-to-oci, with annotations. */
export function kubewardenPolicy(wasm: Uint8Array, annotations: Readonly<Record<string, string>> = { 'io.kubewarden.policy.title': 'policy', 'org.opencontainers.image.title': 'policy.wasm' }): Packed {
  const layer = { ...part(CONTENT, wasm), annotations: { 'org.opencontainers.image.title': 'policy.wasm' } };
  return pack({ config: part('application/vnd.wasm.config.v1+json', '{}'), layers: [layer], annotations });
}

export interface SpinComponent {
  readonly id: string;
  readonly wasm: Uint8Array;
  /** Inlined into the locked app instead of being a layer. */
  readonly inline?: boolean;
  readonly files?: readonly { readonly path: string; readonly bytes: Uint8Array; readonly inline?: boolean }[];
  readonly outbound?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Components that are composed into this one. */
  readonly dependencies?: Readonly<Record<string, { readonly wasm: Uint8Array }>>;
}

/** A Spin application; `config`: where the locked app stands, `layer` as of Spin 2, `config` as older releases. Layers in the order Spin pushes: content, then the locked app. */
export function spinApplication(components: readonly SpinComponent[], { locked = 'layer' }: { readonly locked?: 'layer' | 'config' } = {}): Packed {
  const app = {
    spin_lock_version: 1, metadata: { name: 'app', origin: 'file:///app/spin.toml', version: '1.0.0' }, variables: {},
    triggers: components.map(({ id }) => ({ id: `trigger-${id}`, trigger_type: 'http', trigger_config: { component: id, route: `/${id}/...` } })),
    components: components.map(lockedComponent),
  };
  const content = components.flatMap(({ wasm, inline, files = [], dependencies = {} }) => [
    ...(inline ? [] : [part(CONTENT, wasm)]), ...Object.values(dependencies).map((dependency) => part(CONTENT, dependency.wasm)),
    ...files.filter((file) => !file.inline).map(({ bytes }) => part('application/vnd.wasm.content.layer.v1+data', bytes)),
  ]);
  const appPart = part('application/vnd.fermyon.spin.application.v1+config', app);
  if (locked === 'config') return pack({ config: appPart, layers: content });
  const config = imageConfig({ os: 'Wasip1', config: { Labels: { 'com.fermyon.spin.lockedAppDigest': digestOf(appPart.bytes) } } }, []);
  return pack({ config, layers: [...content, appPart] });
}

function lockedComponent({ id, wasm, inline, files = [], outbound = [], environment = {}, metadata = {}, dependencies = {} }: SpinComponent): object {
  const reference = (bytes: Uint8Array, inlined: boolean | undefined) => ({ ...(inlined ? { inline: Buffer.from(bytes).toString('base64') } : {}), digest: digestOf(bytes) });
  return {
    id, metadata: { allowed_outbound_hosts: outbound, ...metadata }, source: { content_type: 'application/wasm', ...reference(wasm, inline) }, env: environment,
    files: files.map(({ path, bytes, inline: inlined }) => ({ content: reference(bytes, inlined), path })),
    dependencies: Object.fromEntries(Object.entries(dependencies).map(([name, dependency]) => [name, { source: { content_type: 'application/wasm', ...reference(dependency.wasm, false) }, inherit: [] }])),
  };
}

/** An image whose layer is the component itself. */
export function runwasiImage(wasm: Uint8Array, layerType = 'application/vnd.bytecodealliance.wasm.component.layer.v0+wasm'): Packed {
  return pack({ config: imageConfig({ os: 'wasip1', config: { Entrypoint: ['module.wasm'] } }, [wasm]), layers: [part(layerType, wasm)] });
}

/** Istio's compat variant: an image whose last layer has a plugin.wasm. */
export function istioCompat(wasm: Uint8Array, { path = 'plugin.wasm', docker, before = [] }: { readonly path?: string; readonly docker?: 'docker'; readonly before?: readonly ImageLayer[] } = {}): Packed {
  return image({ layers: [...before, { entries: [{ path, bytes: wasm }], compression: 'gzip' }], types: docker ?? 'oci', architecture: 'amd64', os: 'linux', annotations: { 'module.wasm.image/variant': 'compat' } });
}

/** Istio's oci variant, as Solo fixed it: two layers. */
export function solo(wasm: Uint8Array): Packed {
  const runtime = part('application/vnd.module.wasm.config.v1+json', { type: 'envoy_proxy', abiVersions: ['v0-541b2c1155fffb15ccde92b8324f3e38f7339ba6'], config: { rootIds: ['root'] } });
  return pack({ config: part('application/vnd.module.wasm.config.v1+json', '{}'), layers: [runtime, part(MODULE, wasm)] });
}

/** A component as wasmCloud pushed it before the CNCF artifact. */
export function wasmcloudComponent(wasm: Uint8Array): Packed {
  return pack({ config: part('application/vnd.wasmcloud.actor.archive.config', '{}'), layers: [part(MODULE, wasm)] });
}

/** A wasmCloud provider archive: native binaries by target (`x86_64-linux`) and a token. */
export function wasmcloudProvider(binaries: Readonly<Record<string, Uint8Array>>, jwt = 'e30.e30.e30'): Packed {
  const archive = gzipSync(tar([{ path: 'claims.jwt', bytes: jwt }, ...Object.entries(binaries).map(([target, bytes]) => ({ path: `${target}.bin`, bytes, mode: 0o755 }))]));
  return pack({ config: part('application/vnd.wasmcloud.provider.archive.config', '{}'), layers: [part('application/vnd.wasmcloud.provider.archive.layer.v1+par', archive)] });
}

export interface ImageLayer { readonly entries: readonly TarEntry[]; readonly compression?: 'none' | 'gzip' | 'zstd' }
export interface ImageOptions {
  readonly layers: readonly ImageLayer[];
  readonly types?: 'oci' | 'docker';
  readonly os?: string;
  readonly architecture?: string;
  /** Fields of the config's `config`: Entrypoint, Cmd, WorkingDir, Env, Labels. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An ordinary image. Docker types have no zstd. */
export function image({ layers, types = 'oci', os = 'wasi', architecture = 'wasm', config = {}, annotations }: ImageOptions): Packed {
  const parts = layers.map((layer) => layerPart(layer, types));
  const body = imageConfig({ os, architecture, config }, layers.map(({ entries }) => tar(entries)), types === 'docker' ? DOCKER_CONFIG : OCI_CONFIG);
  return pack({ config: body, layers: parts, mediaType: types === 'docker' ? DOCKER_MANIFEST : OCI_MANIFEST, ...(annotations ? { annotations } : {}) });
}

function layerPart({ entries, compression = 'gzip' }: ImageLayer, types: 'oci' | 'docker'): Part {
  const bytes = tar(entries);
  if (types === 'docker') return compression === 'none' ? part('application/vnd.docker.image.rootfs.diff.tar', bytes) : part('application/vnd.docker.image.rootfs.diff.tar.gzip', gzipSync(bytes));
  if (compression === 'none') return part(LAYER, bytes);
  return compression === 'gzip' ? part(`${LAYER}+gzip`, gzipSync(bytes)) : part(`${LAYER}+zstd`, zstdCompressSync(bytes));
}

function imageConfig({ os, architecture = 'wasm', config }: { readonly os: string; readonly architecture?: string; readonly config: object }, contents: readonly Uint8Array[], mediaType = OCI_CONFIG): Part {
  return part(mediaType, { created: '2026-01-01T00:00:00Z', architecture, os, config, rootfs: { type: 'layers', diff_ids: contents.map((bytes) => digestOf(bytes)) }, history: contents.map(() => ({ created_by: 'test' })) });
}

/** An OPA bundle with a compiled policy. */
export function opaBundle(wasm: Uint8Array, more: readonly TarEntry[] = []): Packed {
  const manifest = JSON.stringify({ revision: '1', roots: [''], wasm: [{ entrypoint: 'example/allow', module: '/policy.wasm' }] });
  const bundle = gzipSync(tar([{ path: '/policy.wasm', bytes: wasm }, { path: '/data.json', bytes: '{}' }, { path: '/.manifest', bytes: manifest }, ...more]));
  return pack({ config: imageConfig({ os: '', architecture: '', config: {} }, []), layers: [{ ...part(`${LAYER}+gzip`, bundle), annotations: { 'org.opencontainers.image.title': 'bundle.tar.gz' } }] });
}

/** A gadget of Inspektor Gadget: eBPF and Wasm side by side. Real ones come in an index per architecture. */
export function gadget(wasm: Uint8Array, ebpf: Uint8Array): Packed {
  return pack({
    artifactType: 'application/vnd.gadget.v1+binary', config: part('application/vnd.gadget.config.v1+yaml', 'name: example\n'),
    layers: [part('application/vnd.gadget.ebpf.program.v1+binary', ebpf), part('application/vnd.gadget.wasm.program.v1+binary', wasm)],
  });
}
