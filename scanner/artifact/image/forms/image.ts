import type { Opened } from '../../../artifact.ts';
import type { Carrier } from '../../../carrier.ts';
import type { PackageOddity } from '../../../packaging.ts';
import { nativeTitle } from '../archive-interest.ts';
import type { ImageConfig } from '../manifest-config.ts';
import { searchLayers, type LayerFile, type LayerSearch } from '../layers.ts';
import { isWasmText } from '../platform.ts';
import { baseName } from './bundle.ts';
import { isBundleManifest } from './bundles.ts';
import { openFound, type FoundFile } from './files.ts';
import { layersOf, type Reading } from './layers.ts';
import { layerAt, packed, unopened } from './package.ts';

/** Media type of a tar that a Spin application mounts as files. */
const BUNDLE_TYPE = 'application/vnd.wasm.content.bundle.v1.tar+gzip';

/** What starts the process: the workload's own words, and the image's. */
export interface Start {
  readonly process: Carrier['process'];
  readonly config: ImageConfig | null;
}

/** The modules in the file system that the tar layers of an image make together. */
export async function* openFileSystem(reading: Reading, { process, config }: Start): AsyncGenerator<Opened> {
  const indexes = layersOf(reading.manifest, 'tar');
  if (indexes.length === 0) return;
  const own = config?.process ?? {};
  const search = await searchLayers(reading.image.source, indexes.map((index) => reading.manifest.layers[index]!), {
    name: reading.image.name, wanted: isBundleManifest,
    process: config === null && process === null ? null : {
      command: process?.command ?? null, args: process?.args ?? null,
      entrypoint: textsOf(own['Entrypoint']), cmd: textsOf(own['Cmd']), env: textsOf(own['Env']), workingDir: typeof own['WorkingDir'] === 'string' ? own['WorkingDir'] : null,
    },
  });
  yield* openSearch(reading, search, indexes);
}

/** The files of the tars that a Spin application mounts, each for itself. */
export async function* openBundles(reading: Reading): AsyncGenerator<Opened> {
  for (const index of layersOf(reading.manifest, 'bundle')) {
    const search = await searchLayers(reading.image.source, [reading.manifest.layers[index]!], { name: reading.image.name, process: null, tarTypes: [BUNDLE_TYPE] });
    yield* openSearch(reading, search, [index]);
  }
}

function* openSearch({ manifest, pack }: Reading, search: LayerSearch, indexes: readonly number[]): Generator<Opened> {
  const shared = { ...pack, packaging: { ...pack.packaging, oddities: [...pack.packaging.oddities, ...search.oddities], natives: [...pack.packaging.natives, ...search.natives] } };
  const wasm = isWasmText(pack.packaging.platform);
  const compat = istioCompat(search.files, indexes.length - 1);
  const place = (file: LayerFile) => ({ layer: layerAt(manifest, indexes[file.index]!), entryPoint: search.entryPoint === null ? null : file.entryPoint });
  for (const file of search.files) {
    if (file.path === null) yield packed(shared, file.bytes, { ...place(file), label: `layer[${indexes[file.index]}]` });
  }
  const found = search.files.filter((file): file is LayerFile & { path: string } => file.path !== null);
  yield* openFound(shared, found.map((file): FoundFile => ({
    path: file.path, bytes: file.bytes, judged: isModule(file, wasm),
    place: { ...place(file), oddities: compat.get(file) ?? [] },
  })), compat.size > 0 && pack.packaging.form === 'image' ? 'istio-compat' : undefined);
  for (const failure of search.unread) yield unopened(shared, failure);
}

/**
 * What an image starts is at hand whatever it is. In an image for Wasm it passes for the module; in others it is a program like any
 * other, unless its bytes are Wasm, which is told before. What a runner is given is judged when it is native code, as WasmEdge loads it.
 */
function isModule({ keptFor, bytes }: LayerFile, wasm: boolean): boolean {
  if (keptFor === 'wanted') return false;
  if (keptFor === 'entry-point') return wasm;
  return keptFor !== 'argument' || nativeTitle(bytes) !== null;
}

/** The files that Istio and Envoy Gateway may take: those called `plugin.wasm` in the last layer, of which the first counts. */
function istioCompat(files: readonly LayerFile[], last: number): ReadonlyMap<LayerFile, readonly PackageOddity[]> {
  const plugIns = files.filter(({ path, index }) => path !== null && index === last && baseName(path) === 'plugin.wasm' && !path.includes('!/'));
  const oddities: PackageOddity[] = plugIns.length > 1 ? [{ id: 'several-modules', message: `The last layer has ${plugIns.length} files called plugin.wasm, and hosts take the one that comes first in it` }] : [];
  return new Map(plugIns.map((file) => [file, oddities]));
}

function textsOf(value: unknown): readonly string[] | null {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null;
}
