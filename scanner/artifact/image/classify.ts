import type { PackageForm } from '../../packaging.ts';
import type { ImageManifest } from './manifest.ts';

/**
 * What a layer is by its media type. `wasm`: the module itself; `tar`: part of a file system; `bundle`: a tar beside a module; `data`:
 * one file that no host runs, looked at all the same; `native`: a program of another kind; `webc`: a package that is not unpacked.
 */
export type LayerKind = 'wasm' | 'tar' | 'bundle' | 'data' | 'native' | 'locked-app' | 'provider' | 'webc' | 'unknown';

const SPIN_APP = 'application/vnd.fermyon.spin.application.v1+config';
const MODULE_LAYER = 'application/vnd.module.wasm.content.layer.v1+wasm';
const MODULE_CONFIG = 'application/vnd.module.wasm.config.v1+json';
const CONTENT_LAYER = 'application/vnd.wasm.content.layer.v1+wasm';
const COMPONENT_LAYER = 'application/vnd.bytecodealliance.wasm.component.layer.v0+wasm';
const PROVIDER_CONFIG = 'application/vnd.wasmcloud.provider.archive.config';
const GADGET = 'application/vnd.gadget.';

const LAYER_KINDS: Readonly<Record<string, LayerKind>> = {
  'application/wasm': 'wasm',
  [MODULE_LAYER]: 'wasm',
  [CONTENT_LAYER]: 'wasm',
  [COMPONENT_LAYER]: 'wasm',
  'application/vnd.gadget.wasm.program.v1+binary': 'wasm',
  'application/vnd.gadget.ebpf.program.v1+binary': 'native',
  'application/vnd.gadget.btfgen.v1+binary': 'native',
  [MODULE_CONFIG]: 'data',
  [SPIN_APP]: 'locked-app',
  'application/vnd.wasm.content.layer.v1+data': 'data',
  'application/vnd.wasm.content.bundle.v1.tar+gzip': 'bundle',
  'application/vnd.wasmcloud.provider.archive.layer.v1+par': 'provider',
  'application/vnd.oci.image.layer.v1.tar': 'tar',
  'application/vnd.oci.image.layer.v1.tar+gzip': 'tar',
  'application/vnd.oci.image.layer.v1.tar+zstd': 'tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar': 'tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip': 'tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd': 'tar',
  'application/vnd.docker.image.rootfs.diff.tar': 'tar',
  'application/vnd.docker.image.rootfs.diff.tar.gzip': 'tar',
  'application/vnd.docker.image.rootfs.diff.tar.zstd': 'tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar': 'tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip': 'tar',
  'application/webc': 'webc',
  'application/vnd.wasmer.webc': 'webc',
};

/** Configs that name a platform, a process or claims, and are read for it. */
const READ_CONFIGS: ReadonlySet<string> = new Set(['application/vnd.wasm.config.v0+json', 'application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json']);

/** Configs that say nothing, or nothing that matters here. */
const OTHER_CONFIGS: ReadonlySet<string> = new Set([
  'application/vnd.wasm.config.v1+json', 'application/vnd.oci.empty.v1+json', 'application/vnd.gadget.config.v1+yaml', 'application/vnd.helm.plugin.v1+json',
  'application/vnd.wasmcloud.actor.archive.config', MODULE_CONFIG, PROVIDER_CONFIG, SPIN_APP,
]);

interface FormRow {
  readonly form: PackageForm;
  /** Any of these config types, or an artifact type among them. */
  readonly config?: readonly string[];
  /** Any layer of these types; with `config` as well, both must hold. */
  readonly layer?: readonly string[];
}

/** The first row that holds decides. What hosts recognise by the config comes before what they recognise by a layer. */
const FORMS: readonly FormRow[] = [
  { form: 'wasm-artifact', config: ['application/vnd.wasm.config.v0+json'] },
  { form: 'spin-application', config: [SPIN_APP] },
  { form: 'spin-application', layer: [SPIN_APP] },
  { form: 'wasmcloud-provider', config: [PROVIDER_CONFIG] },
  { form: 'wasmcloud-provider', layer: ['application/vnd.wasmcloud.provider.archive.layer.v1+par'] },
  { form: 'gadget', config: [`${GADGET}v1+binary`, `${GADGET}config.v1+yaml`] },
  { form: 'gadget', layer: [`${GADGET}wasm.program.v1+binary`, `${GADGET}ebpf.program.v1+binary`, `${GADGET}btfgen.v1+binary`] },
  { form: 'solo', config: [MODULE_CONFIG], layer: [MODULE_LAYER] },
  { form: 'solo', layer: [MODULE_CONFIG] },
  { form: 'wasmcloud-component', layer: [MODULE_LAYER] },
  { form: 'wasm-to-oci', layer: [CONTENT_LAYER] },
  { form: 'wasm-to-oci', config: ['application/vnd.wasm.config.v1+json'] },
  { form: 'runwasi-image', layer: [COMPONENT_LAYER] },
  { form: 'runwasi-image', config: ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'], layer: ['application/wasm'] },
  { form: 'wasmcloud-component', layer: ['application/wasm'] },
];

/** The form of a package, as its media types tell; files inside may tell more of an `image`. */
export function formOf({ config, artifactType, layers }: Pick<ImageManifest, 'config' | 'artifactType' | 'layers'>): PackageForm {
  const types = new Set(layers.map(({ mediaType }) => mediaType));
  const row = FORMS.find((candidate) => {
    const byConfig = candidate.config?.some((type) => type === config.mediaType || type === artifactType) ?? true;
    return byConfig && (candidate.layer?.some((type) => types.has(type)) ?? true);
  });
  return row?.form ?? 'image';
}

/** What a layer of this media type is. Compared exactly, as hosts do. */
export function layerKind(mediaType: string): LayerKind {
  return Object.hasOwn(LAYER_KINDS, mediaType) ? LAYER_KINDS[mediaType]! : 'unknown';
}

/** True for configs whose JSON is read. */
export function isReadConfig(mediaType: string): boolean {
  return READ_CONFIGS.has(mediaType);
}

/** The media type that nobody knows of a package without layers, where its content would be; null: it is known to hold nothing. */
export function unknownTypeWithoutLayers({ config, artifactType }: Pick<ImageManifest, 'config' | 'artifactType'>): string | null {
  const known = (type: string): boolean => READ_CONFIGS.has(type) || OTHER_CONFIGS.has(type) || type === `${GADGET}v1+binary`;
  return [artifactType, config.mediaType].find((type) => type !== null && !known(type)) ?? null;
}
