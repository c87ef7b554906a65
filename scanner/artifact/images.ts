import type { Opened, Surroundings } from '../artifact.ts';
import type { CarrierFact } from '../carrier.ts';
import { failureIn } from './fetch-error.ts';
import { openImage } from './image/open-image.ts';
import type { OpenedImage } from './image/source.ts';
import type { RegistryClient } from './oci/registry.ts';
import type { TargetOptions } from './target.ts';

/** Bytes of modules that are kept to answer for the same image again, in one run. */
const KEPT_BYTES = 128 << 20;

/** Who asks for an image. */
export interface ImageRequest {
  /** As reported. */
  readonly name: string;
  readonly carrier?: CarrierFact;
}

/**
 * Fetches and searches the image of a reference. The tag is resolved anew each time it is asked for, unless the question is still under
 * way; what a digest holds is searched once per run. Never throws.
 */
export async function* openReference(reference: string, request: ImageRequest, options: Pick<TargetOptions, 'registry' | 'platform'>): AsyncGenerator<Opened> {
  const named = { name: request.name, reference, ...(request.carrier && { carrier: request.carrier }) };
  if (options.registry === null) {
    yield { ...named, failure: { kind: 'unreadable', code: 'not-fetched', message: `Not fetched: ${reference} (--no-fetch)` } };
    return;
  }
  try {
    const client = await options.registry();
    const image = await client.open(reference);
    for (const opened of await searchOnce(client, image, { platform: options.platform, process: request.carrier?.process ?? null })) yield renamed(opened, image.name, named);
  } catch (error) {
    yield { ...named, failure: failureIn(error, reference) };
  }
}

type Search = Pick<Parameters<typeof openImage>[1], 'platform' | 'process'>;

interface Kept {
  readonly opened: Promise<readonly Opened[]>;
  bytes: number;
}

const searched = new WeakMap<RegistryClient, Map<string, Kept>>();

/** The search of one image, shared by all who ask while it runs and, if it is small, afterwards. Failures are not kept. */
function searchOnce(client: RegistryClient, image: OpenedImage, search: Search): Promise<readonly Opened[]> {
  const kept = searched.get(client) ?? new Map<string, Kept>();
  searched.set(client, kept);
  const key = JSON.stringify([image.repository, image.root.digest, search]);
  const before = kept.get(key);
  if (before) return before.opened;
  const entry: Kept = { opened: collect(openImage(image, search)), bytes: 0 };
  kept.set(key, entry);
  entry.opened.then((all) => settle(kept, key, { entry, all }), () => kept.delete(key));
  return entry.opened;
}

function settle(kept: Map<string, Kept>, key: string, { entry, all }: { readonly entry: Kept; readonly all: readonly Opened[] }): void {
  if (all.some((opened) => 'failure' in opened && opened.failure.kind === 'outside')) kept.delete(key);
  entry.bytes = all.reduce((sum, opened) => sum + ('bytes' in opened ? opened.bytes.length : 0), 1_000);
  let total = [...kept.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  for (const [oldest, { bytes }] of kept) {
    if (total <= KEPT_BYTES) return;
    kept.delete(oldest);
    total -= bytes;
  }
}

async function collect(images: AsyncIterable<Opened>): Promise<readonly Opened[]> {
  const all: Opened[] = [];
  for await (const opened of images) all.push(opened);
  return all;
}

/** The same find under the name of whoever asks. */
function renamed(opened: Opened, from: string, to: { readonly name: string } & Surroundings): Opened {
  const name = to.name + (opened.name.startsWith(from) ? opened.name.slice(from.length) : `!/${opened.name}`);
  const { reference, carrier } = to;
  return { ...opened, name, ...(reference !== undefined && { reference }), ...(carrier && { carrier }) };
}
