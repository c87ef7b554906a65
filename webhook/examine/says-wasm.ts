import { formOf, layerKind } from '../../scanner/artifact/image/classify.ts';
import { manifestsOf } from '../../scanner/artifact/image/index-entries.ts';
import { readConfig, type ImageConfig } from '../../scanner/artifact/image/manifest-config.ts';
import type { ImageManifest } from '../../scanner/artifact/image/manifest.ts';
import { isWasmPlatform } from '../../scanner/artifact/image/platform.ts';
import type { OpenedImage } from '../../scanner/artifact/image/source.ts';
import type { Carrier } from '../../scanner/carrier.ts';
import { isRecord } from '../../scanner/is-record.ts';

/** Files that hosts of Wasm start or read. */
const WASM_FILE = /\.(?:c?wasm|wat|aot|wasmu|webc)\b|\bspin\.toml\b/i;
/** Keys of labels and annotations that hosts and builders of Wasm images write. */
const WASM_KEY = /wasm|wasi|fermyon|spin|extism/i;

/**
 * Whether manifest or config of an image say that it holds Wasm, in any of its platforms: media types, platforms, what is started,
 * labels and annotations. What cannot be read counts as Wasm, so that the search says what is wrong. Throws FetchError where the root is refused.
 */
export async function saysWasm(image: OpenedImage): Promise<boolean> {
  for await (const entry of manifestsOf(image, null)) {
    if ('error' in entry) return true;
    const { manifest, platform } = entry;
    if (manifestSaysWasm(manifest) || (platform !== null && isWasmPlatform(platform))) return true;
    if (configSaysWasm(await readConfig(image, manifest))) return true;
  }
  return false;
}

/** Whether what a workload starts is Wasm by its name. */
export function startsWasm(process: Carrier['process']): boolean {
  return [...(process?.command ?? []), ...(process?.args ?? [])].some((text) => WASM_FILE.test(text.slice(0, 10_000)));
}

function manifestSaysWasm(manifest: ImageManifest): boolean {
  if (formOf(manifest) !== 'image' || manifest.layers.some(({ mediaType }) => layerKind(mediaType) !== 'tar')) return true;
  if (/wasm|wasi/i.test(`${manifest.artifactType ?? ''} ${manifest.config.mediaType}`)) return true;
  return [manifest.annotations, ...manifest.layers.map(({ annotations }) => annotations)].some((annotations) => Object.entries(annotations).some(([key, value]) => WASM_KEY.test(key) || WASM_FILE.test(value.slice(0, 10_000))));
}

function configSaysWasm(config: ImageConfig | null): boolean {
  if (config === null) return true;
  if (config.platform !== null && isWasmPlatform(config.platform)) return true;
  const { Entrypoint, Cmd, Labels } = config.process;
  const started = [Entrypoint, Cmd].flatMap((value) => (Array.isArray(value) ? (value as readonly unknown[]) : [value]));
  return started.some((text) => typeof text === 'string' && WASM_FILE.test(text.slice(0, 10_000))) || (isRecord(Labels) && Object.keys(Labels).some((key) => WASM_KEY.test(key)));
}
