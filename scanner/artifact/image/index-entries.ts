import { LIMITS } from '../../wasm/limits.ts';
import { readManifest, type ImageIndex, type ImageManifest } from './manifest.ts';
import { unreadable } from './manifest-fields.ts';
import { isWasmPlatform, matchesPlatform } from './platform.ts';
import type { Descriptor, OpenedImage } from './source.ts';

/** One manifest below a root, and what the index says of it. */
export interface Entry {
  readonly manifest: ImageManifest;
  readonly platform: Descriptor['platform'];
  /** The root is an index with further entries: names tell them apart. */
  readonly among: number;
}

/** One entry that could not be read; the others count all the same. */
export interface FailedEntry {
  readonly descriptor: Descriptor | null;
  readonly error: unknown;
}

interface Walk {
  readonly image: OpenedImage;
  readonly platform: string | null;
  readonly seen: Set<string>;
  skipped: number;
}

/**
 * The manifests below a root document, each digest once: every entry for Wasm, and the others unless `platform` narrows them.
 * Attestations are left out. An entry that cannot be read is given as a failure. Throws FetchError where the root itself is refused,
 * where indexes are nested too deeply, where there are more than LIMITS.platforms entries, or where none is of the platform asked for.
 */
export async function* manifestsOf(image: OpenedImage, platform: string | null): AsyncGenerator<Entry | FailedEntry> {
  const root = readManifest(image.root, image.name);
  if (root.kind === 'manifest') {
    yield { manifest: root, platform: null, among: 1 };
    return;
  }
  const walk: Walk = { image, platform, seen: new Set([root.digest]), skipped: 0 };
  const found = await collect(walk, root);
  if (found.length > LIMITS.platforms) throw unreadable('too-many-platforms', `Cannot search ${image.name}: its index has more than ${LIMITS.platforms} manifests to search`);
  if (found.length === 0 && walk.skipped > 0) throw unreadable('no-such-platform', `Cannot search ${image.name}: its index has nothing for platform ${platform}`);
  for (const one of found) yield 'error' in one ? one : { ...one, among: found.length };
}

/** Breadth first, so that the depth is a counter and no stack of calls. */
async function collect(walk: Walk, root: ImageIndex): Promise<(Entry | FailedEntry)[]> {
  const found: (Entry | FailedEntry)[] = [];
  let level: readonly ImageIndex[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > LIMITS.indexDepth) throw unreadable('index-depth', `Cannot search ${walk.image.name}: indexes are nested deeper than ${LIMITS.indexDepth}`);
    const next: ImageIndex[] = [];
    for (const descriptor of level.flatMap(({ entries }) => entries)) {
      const one = await readEntry(walk, descriptor);
      if (one === null) continue;
      if ('entries' in one) next.push(one);
      else found.push(one);
      // Fetching on would be work for whoever wrote the index.
      if (found.length + next.length > LIMITS.platforms) return [...found, ...next.map((index) => ({ descriptor: null, error: new Error(index.digest) }))];
    }
    level = next;
  }
  return found;
}

async function readEntry(walk: Walk, descriptor: Descriptor): Promise<Entry | FailedEntry | ImageIndex | null> {
  if (isAttestation(descriptor) || walk.seen.has(descriptor.digest)) return null;
  if (!isWanted(descriptor, walk.platform)) {
    walk.skipped++;
    return null;
  }
  walk.seen.add(descriptor.digest);
  try {
    if (descriptor.size > LIMITS.manifestBytes) throw unreadable('too-large', `Cannot read a manifest of ${walk.image.name}: ${descriptor.size} bytes are more than the limit of ${LIMITS.manifestBytes}`);
    const document = readManifest({ ...(await walk.image.source.manifest(descriptor)), mediaType: descriptor.mediaType }, `${walk.image.name}, ${descriptor.digest}`);
    return document.kind === 'index' ? document : { manifest: document, platform: descriptor.platform, among: 1 };
  } catch (error) {
    return { descriptor, error };
  }
}

/** Only what is marked in both ways: a mark on a manifest that a node would run hides nothing. */
function isAttestation({ annotations, platform }: Descriptor): boolean {
  return annotations['vnd.docker.reference.type'] === 'attestation-manifest' && platform?.os === 'unknown' && platform.architecture === 'unknown';
}

function isWanted({ platform }: Descriptor, wanted: string | null): boolean {
  return platform === null || wanted === null || isWasmPlatform(platform) || matchesPlatform(platform, wanted);
}
