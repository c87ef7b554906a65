import type { ConfigClaims } from '../../packaging.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { isRecord } from '../../is-record.ts';
import { isReadConfig } from './classify.ts';
import { readBlob } from './forms/read-blob.ts';
import { type Fields, jsonObject } from './manifest-fields.ts';
import type { ImageManifest } from './manifest.ts';
import type { Descriptor, OpenedImage } from './source.ts';

/** What the config of a manifest says; all of it claims. */
export interface ImageConfig {
  readonly claims: ConfigClaims;
  readonly platform: Descriptor['platform'];
  /** Digests of the layers before compression, as images list them. */
  readonly diffIds: readonly string[] | null;
  /** The object `config` of an image: Entrypoint, Cmd, WorkingDir, Env. */
  readonly process: Fields;
}

/** Reads the config of a manifest, where it is of a kind that says something; else null. Throws FetchError. */
export async function readConfig(image: OpenedImage, { config }: ImageManifest): Promise<ImageConfig | null> {
  if (!isReadConfig(config.mediaType)) return null;
  const what = `the config of ${image.name}`;
  const fields = jsonObject(await readBlob(image.source, config, { limit: LIMITS.manifestBytes, what }), what);
  const component = isRecord(fields['component']) ? fields['component'] : {};
  const rootfs = isRecord(fields['rootfs']) ? fields['rootfs'] : {};
  const [os, architecture] = [text(fields['os']), text(fields['architecture'])];
  return {
    claims: {
      mediaType: config.mediaType, os, architecture,
      layerDigests: texts(fields['layerDigests']), imports: texts(component['imports']), exports: texts(component['exports']), target: text(component['target']),
    },
    platform: os === null && architecture === null ? null : { os: os ?? '', architecture: architecture ?? '', variant: text(fields['variant']) },
    diffIds: texts(rootfs['diff_ids']),
    process: isRecord(fields['config']) ? fields['config'] : {},
  };
}

/** Longest name of an interface or platform that is kept. */
const TEXT_LENGTH = 1_000;

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, TEXT_LENGTH) : null;
}

/** A list of texts; what is none in it counts as empty, so that the list keeps its length. */
function texts(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  return value.slice(0, LIMITS.imports).map((item: unknown) => text(item) ?? '');
}
