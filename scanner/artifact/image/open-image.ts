import type { Opened } from '../../artifact.ts';
import type { Carrier, CarrierFact } from '../../carrier.ts';
import type { PackageOddity, Packaging } from '../../packaging.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { failureIn } from '../fetch-error.ts';
import { formOf, layerKind, unknownTypeWithoutLayers } from './classify.ts';
import { openBundles, openFileSystem } from './forms/image.ts';
import { openArtifactLayers, openDataLayers, openNativeLayers, openUnread, openWasmLayers, type Reading } from './forms/layers.ts';
import { surroundings, unopened, type Package } from './forms/package.ts';
import { openProvider } from './forms/provider.ts';
import { openSpinApplication } from './forms/spin-application.ts';
import { manifestsOf, type Entry } from './index-entries.ts';
import { readConfig, type ImageConfig } from './manifest-config.ts';
import { unreadable } from './manifest-fields.ts';
import { platformsDisagree, platformText } from './platform.ts';
import type { OpenedImage } from './source.ts';

export interface ImageOptions {
  /** `os/architecture[/variant]`: of an index only this, and what is for Wasm; null: everything. */
  readonly platform: string | null;
  /** What the workload starts instead of what the image says. */
  readonly process: Carrier['process'];
  /** What brought the image. */
  readonly carrier?: CarrierFact;
}

/**
 * Opens everything that an image, an artifact or an index holds: an artifact for each Wasm module and for native code that passes for one,
 * an unopened entry for what could not be had or is of a kind that nobody knows, or one entry that says that there is no Wasm.
 * Never throws for what a source gives; a module is given only when the digest of its bytes holds.
 */
export async function* openImage(image: OpenedImage, options: ImageOptions): AsyncGenerator<Opened> {
  const root = packageOf(image, options, EMPTY);
  let count = 0;
  try {
    for await (const opened of openEntries(image, options)) {
      if (++count > LIMITS.imageModules) throw unreadable('limit-exceeded', `Cannot read all of ${image.name}: it holds more than ${LIMITS.imageModules} modules`);
      yield opened;
    }
  } catch (error) {
    count++;
    yield unopened(root, failureIn(error, image.name));
  }
  if (count === 0) yield { name: image.name, ...surroundings(root), withoutWasm: { digest: image.root.digest, title: 'image' } };
}

async function* openEntries(image: OpenedImage, options: ImageOptions): AsyncGenerator<Opened> {
  for await (const entry of manifestsOf(image, options.platform)) {
    const pack = packageOf(image, options, 'error' in entry ? { ...EMPTY, manifestDigest: entry.descriptor?.digest ?? null, platform: platformText(entry.descriptor?.platform ?? null) } : EMPTY);
    if ('error' in entry) {
      yield unopened(pack, failureIn(entry.error, image.name));
      continue;
    }
    try {
      yield* openManifest(image, options, entry);
    } catch (error) {
      yield unopened(packageOf(image, options, packagingOf(entry, null)), failureIn(error, image.name));
    }
  }
}

async function* openManifest(image: OpenedImage, options: ImageOptions, entry: Entry): AsyncGenerator<Opened> {
  const { manifest } = entry;
  const config = await readConfig(image, manifest);
  const pack = packageOf(image, options, packagingOf(entry, config));
  const named = entry.among > 1 ? { ...pack, within: pack.packaging.platform ?? manifest.digest } : pack;
  const reading: Reading = { image, manifest, pack: named };
  if (pack.packaging.form === 'wasm-artifact') {
    yield* openArtifactLayers(reading);
    return;
  }
  const { natives, opened } = await openNativeLayers(reading);
  const withNatives = { ...reading, pack: { ...named, packaging: { ...named.packaging, natives } } };
  yield* openModules(withNatives);
  yield* opened;
  yield* openProvider(reading);
  yield* openFileSystem(reading, { process: options.process, config });
  yield* openBundles(reading);
  yield* openUnread(reading);
  const unknown = manifest.layers.length === 0 ? unknownTypeWithoutLayers(manifest) : null;
  if (unknown !== null) yield unopened(named, { kind: 'unreadable', code: 'unknown-media-type', message: `Cannot read ${image.name}: it has no layers, and its type ${unknown} is unknown` });
}

async function* openModules(reading: Reading): AsyncGenerator<Opened> {
  if (reading.pack.packaging.form === 'spin-application') {
    yield* openSpinApplication(reading);
    return;
  }
  yield* openWasmLayers(reading);
  yield* openDataLayers(reading);
}

function packageOf({ name, reference, repository, root }: OpenedImage, { carrier }: ImageOptions, packaging: Packaging): Package {
  return { name, within: null, reference, carrier: carrier ?? null, packaging: { ...packaging, repository, rootDigest: root.digest } };
}

/** How an image is packed of which nothing was looked at but its manifest. */
export function unsearchedPackaging(repository: string | null, rootDigest: string): Packaging {
  return { ...EMPTY, repository, rootDigest };
}

const EMPTY: Packaging = {
  form: 'image', repository: null, rootDigest: null, manifestDigest: null, artifactType: null, configMediaType: null, platform: null, layer: null, layers: 0,
  path: null, entryPoint: null, claims: null, annotations: {}, grants: [], settings: [], natives: [], oddities: [],
};

function packagingOf({ manifest, platform }: Entry, config: ImageConfig | null): Packaging {
  return {
    ...EMPTY, form: formOf(manifest), manifestDigest: manifest.digest, artifactType: manifest.artifactType, configMediaType: manifest.config.mediaType,
    platform: platformText(platform) ?? platformText(config?.platform ?? null), layers: manifest.layers.length, claims: config?.claims ?? null,
    annotations: keptAnnotations(manifest.annotations), oddities: [...platformOddities(platform, config), ...digestOddities(manifest.layers, config)],
  };
}

const ANNOTATIONS = 100;
const ANNOTATION_LENGTH = 4096;

function keptAnnotations(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(annotations).slice(0, ANNOTATIONS).map(([key, value]) => [key.slice(0, ANNOTATION_LENGTH), value.slice(0, ANNOTATION_LENGTH)]));
}

function platformOddities(platform: Entry['platform'], config: ImageConfig | null): readonly PackageOddity[] {
  if (!platformsDisagree(platform, config?.platform ?? null)) return [];
  return [{ id: 'platform-disagrees', message: `The index says platform ${platformText(platform)}, and the config says ${platformText(config?.platform ?? null)}` }];
}

/** What the config says of digests against the layers. Digests before compression can be compared only where a layer is not compressed. */
function digestOddities(layers: Entry['manifest']['layers'], config: ImageConfig | null): readonly PackageOddity[] {
  const oddity = (message: string): readonly PackageOddity[] => [{ id: 'digest-disagrees', message }];
  const claimed = config?.claims.layerDigests;
  if (claimed && (claimed.length !== layers.length || claimed.some((digest, index) => digest !== layers[index]!.digest))) return oddity('The layerDigests of the config are not the digests of the layers');
  const diffIds = config?.diffIds ?? [];
  if (diffIds.length === 0) return [];
  if (diffIds.length !== layers.length) return oddity(`The config lists ${diffIds.length} diff_ids, and the manifest has ${layers.length} layers`);
  const wrong = layers.findIndex(({ mediaType, digest }, index) => isPlain(mediaType) && digest.startsWith('sha256:') && digest !== diffIds[index]);
  return wrong < 0 ? [] : oddity(`The config says diff_id ${diffIds[wrong]} of layer ${wrong}, which is not compressed and has ${layers[wrong]!.digest}`);
}

function isPlain(mediaType: string): boolean {
  return ['wasm', 'data'].includes(layerKind(mediaType)) || (layerKind(mediaType) === 'tar' && mediaType.endsWith('.tar'));
}
