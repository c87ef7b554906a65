import { hash } from 'node:crypto';
import type { Opened } from '../../../artifact.ts';
import { LIMITS } from '../../../wasm/limits.ts';
import { failureIn } from '../../fetch-error.ts';
import { layerKind } from '../classify.ts';
import { unreadable } from '../manifest-fields.ts';
import { layerLabel, layersOf, openLayer, readLayer, type Reading } from './layers.ts';
import { inlined, readLockedApp, type LockedContent } from './locked-app.ts';
import { mayRunAsWasm } from './look.ts';
import { packed, unopened, type Place } from './package.ts';
import { readBlob } from './read-blob.ts';

const APP_TYPE = 'application/vnd.fermyon.spin.application.v1+config';

/** An application of Spin: its locked application in a layer, or in the config as older releases wrote it; code and files in layers or inlined. */
export async function* openSpinApplication(reading: Reading): AsyncGenerator<Opened> {
  const contents: LockedContent[] = [];
  for (const bytes of await lockedApps(reading)) contents.push(...readLockedApp(bytes, reading.image.name));
  const alone = contents.filter(({ path }) => path === null).length === 1;
  const byDigest = new Map<string, LockedContent[]>();
  for (const content of contents) {
    if (content.inline === null && content.digest !== null && hasLayer(reading, content.digest)) byDigest.set(content.digest, [...(byDigest.get(content.digest) ?? []), content]);
    else yield* openLoose(reading, content, alone);
  }
  const read = new Set<string>();
  for (const index of layersOf(reading.manifest, 'wasm', 'data')) {
    const { digest } = reading.manifest.layers[index]!;
    if (!read.has(digest)) yield* openContentLayer(reading, index, { named: byDigest.get(digest) ?? [], alone });
    read.add(digest);
  }
}

/** Every document that a host could take for the application. */
async function lockedApps(reading: Reading): Promise<readonly Uint8Array[]> {
  const { image, manifest } = reading;
  const found: Uint8Array[] = [];
  if (manifest.config.mediaType === APP_TYPE) found.push(await readBlob(image.source, manifest.config, { limit: LIMITS.manifestBytes, what: `the config of ${image.name}` }));
  for (const index of layersOf(manifest, 'locked-app')) {
    if (manifest.layers[index]!.size > LIMITS.manifestBytes) throw unreadable('too-large', `Cannot read the locked application of ${image.name}: ${manifest.layers[index]!.size} bytes are more than the limit of ${LIMITS.manifestBytes}`);
    found.push(await readLayer(reading, index));
  }
  return found;
}

function hasLayer({ manifest }: Reading, digest: string): boolean {
  return manifest.layers.some((layer) => layer.digest === digest && ['wasm', 'data'].includes(layerKind(layer.mediaType)));
}

/** What stands in the application itself, or nowhere in the image. */
function* openLoose({ pack }: Reading, content: LockedContent, alone: boolean): Generator<Opened> {
  const place = placeOf(content, alone);
  if (content.inline === null) {
    // A file that is not there is no code that could run.
    if (content.path !== null) return;
    const [code, why] = content.source === null ? ['missing-layer', `no layer has digest ${content.digest}`] : ['remote-source', `it comes from ${content.source.slice(0, 500)}, which is not fetched`];
    yield unopened(pack, { kind: 'unreadable', code, message: `Cannot read ${content.label} of ${pack.name}: ${why}` }, place);
    return;
  }
  try {
    const { bytes, oddities } = inlined(content, (given) => `sha256:${hash('sha256', given, 'hex')}`);
    if (content.path === null || mayRunAsWasm(bytes)) yield packed(pack, bytes, { ...place, oddities });
  } catch (error) {
    yield unopened(pack, failureIn(error, pack.name), place);
  }
}

/** One layer, read once, for every content that names it; one that nobody names is judged all the same. */
async function* openContentLayer(reading: Reading, index: number, { named, alone }: { readonly named: readonly LockedContent[]; readonly alone: boolean }): AsyncGenerator<Opened> {
  const wasm = layerKind(reading.manifest.layers[index]!.mediaType) === 'wasm';
  const opened = await openLayer(reading, index, { label: layerLabel(reading.manifest, index) });
  if (!('bytes' in opened)) {
    yield opened;
    return;
  }
  const code = named.filter(({ path }) => path === null);
  const { layer } = opened.packaging ?? { layer: null };
  for (const content of code) yield packed(reading.pack, opened.bytes, { ...placeOf(content, alone), layer });
  if (code.length > 0 || !(wasm || mayRunAsWasm(opened.bytes))) return;
  const file = named[0];
  yield file === undefined ? opened : packed(reading.pack, opened.bytes, { ...placeOf(file, alone), layer });
}

function placeOf({ label, path, given }: LockedContent, alone: boolean): Place {
  return { label: alone && path === null ? null : label, path, entryPoint: null, ...given };
}
