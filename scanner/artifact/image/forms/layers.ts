import type { Opened } from '../../../artifact.ts';
import type { NativeSibling, PackageOddity } from '../../../packaging.ts';
import { LIMITS } from '../../../wasm/limits.ts';
import { failureIn } from '../../fetch-error.ts';
import { layerKind, type LayerKind } from '../classify.ts';
import type { ImageManifest } from '../manifest.ts';
import type { OpenedImage } from '../source.ts';
import { nativeTitle } from '../archive-interest.ts';
import { mayRunAsWasm } from './look.ts';
import { layerAt, packed, unopened, webc, type Package } from './package.ts';
import { readBlob } from './read-blob.ts';

/** A manifest that is being read, and where its bytes come from. */
export interface Reading {
  readonly image: OpenedImage;
  readonly manifest: ImageManifest;
  readonly pack: Package;
}

/** The numbers of the layers of some kinds, in order. */
export function layersOf(manifest: ImageManifest, ...kinds: readonly LayerKind[]): readonly number[] {
  return manifest.layers.flatMap(({ mediaType }, index) => (kinds.includes(layerKind(mediaType)) ? [index] : []));
}

/** The verified bytes of a layer. Throws FetchError. */
export function readLayer({ image, manifest }: Reading, index: number): Promise<Uint8Array> {
  return readBlob(image.source, manifest.layers[index]!, { limit: LIMITS.artifactBytes, what: `layer ${index} of ${image.name}` });
}

/** How a layer is called beside others: as its title says, else by its number. */
export function layerLabel({ layers }: ImageManifest, index: number): string {
  return layers[index]!.annotations['org.opencontainers.image.title'] ?? `layer[${index}]`;
}

/** Every layer that is a module itself, or says so. */
export async function* openWasmLayers(reading: Reading): AsyncGenerator<Opened> {
  const indexes = layersOf(reading.manifest, 'wasm');
  for (const index of indexes) yield await openLayer(reading, index, { label: indexes.length === 1 ? null : layerLabel(reading.manifest, index) });
}

/** The layers of a CNCF artifact: exactly one, of type `application/wasm`. Where there are others, each is judged as a module, because readers differ in which they take. */
export async function* openArtifactLayers(reading: Reading): AsyncGenerator<Opened> {
  const { layers } = reading.manifest;
  const several: PackageOddity[] = layers.length > 1 ? [{ id: 'several-layers', message: `The artifact has ${layers.length} layers, and readers of its config must refuse more than one` }] : [];
  for (const [index, { mediaType }] of layers.entries()) {
    const wrong: PackageOddity[] = mediaType === 'application/wasm' ? [] : [{ id: 'wrong-layer-type', message: `Layer ${index} has media type ${mediaType} instead of application/wasm` }];
    yield await openLayer(reading, index, { label: layers.length === 1 ? null : layerLabel(reading.manifest, index), oddities: [...several, ...wrong] });
  }
}

/** One layer as an artifact, or why it is none. */
export async function openLayer(reading: Reading, index: number, place: Parameters<typeof packed>[2]): Promise<Opened> {
  const at = { ...place, layer: layerAt(reading.manifest, index) };
  try {
    return packed(reading.pack, await readLayer(reading, index), at);
  } catch (error) {
    return unopened(reading.pack, failureIn(error, reading.pack.name), at);
  }
}

/** Layers of data: nobody runs them, so that only what starts as Wasm is judged. */
export async function* openDataLayers(reading: Reading, indexes = layersOf(reading.manifest, 'data')): AsyncGenerator<Opened> {
  for (const index of indexes) {
    const opened = await openLayer(reading, index, { label: layerLabel(reading.manifest, index) });
    if ('failure' in opened || ('bytes' in opened && mayRunAsWasm(opened.bytes))) yield opened;
  }
}

/** Layers that say they are programs of another kind: what they are, and those that are Wasm all the same. */
export async function openNativeLayers(reading: Reading): Promise<{ readonly natives: readonly NativeSibling[]; readonly opened: readonly Opened[] }> {
  const natives: NativeSibling[] = [];
  const found: Opened[] = [];
  for (const index of layersOf(reading.manifest, 'native')) {
    const { mediaType, digest } = layerAt(reading.manifest, index);
    const message = `Layer ${index} says ${mediaType} and holds Wasm`;
    const opened = await openLayer(reading, index, { label: layerLabel(reading.manifest, index), oddities: [{ id: 'wrong-layer-type', message }] });
    if ('bytes' in opened && !mayRunAsWasm(opened.bytes)) natives.push({ path: `${mediaType} ${digest}`, title: nativeTitle(opened.bytes) ?? 'Data for native programs' });
    else found.push(opened);
  }
  return { natives, opened: found };
}

/** Layers that are recognised and not read, and those that nobody knows, each media type once. */
export function* openUnread({ manifest, pack }: Reading): Generator<Opened> {
  for (const index of layersOf(manifest, 'webc')) {
    const place = { label: layerLabel(manifest, index), layer: layerAt(manifest, index) };
    yield unopened(pack, webc(`layer ${index} of ${pack.name}`), place);
  }
  const seen = new Set<string>();
  for (const index of layersOf(manifest, 'unknown')) {
    const { mediaType } = manifest.layers[index]!;
    if (seen.has(mediaType)) continue;
    seen.add(mediaType);
    const message = `Cannot read layer ${index} of ${pack.name}: media type ${mediaType} is unknown`;
    yield unopened(pack, { kind: 'unreadable', code: 'unknown-media-type', message }, { label: layerLabel(manifest, index), layer: layerAt(manifest, index) });
  }
}
