import { LIMITS } from '../../wasm/limits.ts';
import { archiveFailure } from './archive-failure.ts';
import type { TarFiles } from './archive-tar-files.ts';
import { listSaved, openSaved, type SavedImage } from './docker-save.ts';
import { openLayout, type StoredFiles } from './layout-source.ts';
import { readManifest, type ImageIndex, type ImageManifest } from './manifest.ts';
import type { OpenedImage } from './source.ts';

/**
 * The images that a tar holds: an OCI layout, a docker-save tar, or both at once, as Docker writes since version 25; an image that is in both
 * counts once. null: it holds none. Throws a FetchError, also where files of another kind stand beside them, because they would not be searched.
 */
export async function openImages(tar: TarFiles, name: string): Promise<readonly OpenedImage[] | null> {
  const layout = layoutFolder(tar.paths);
  const files = layout === null ? tar : below(tar, layout);
  const saved = await listSaved(files, name);
  if (layout === null && saved === null) return null;
  refuseOthers(tar.paths, layout ?? '', { name, saved: saved ?? [] });
  const images = layout === null ? [] : [...(await openLayout(files, name))];
  const known = new Set(layout === null ? [] : await contentsOf(images));
  const more = (saved ?? []).filter((image) => !known.has(savedContents(image)));
  for (const image of more) images.push(await openSaved(files, image, images.length + more.length === 1 ? name : `${name}@${image.tags[0] ?? image.config}`));
  return images;
}

/** The folder that holds `oci-layout` and `index.json`, ending in a slash unless it is the root; null: there is none. */
function layoutFolder(paths: readonly string[]): string | null {
  const all = new Set(paths);
  const marker = paths.find((path) => (path === 'oci-layout' || path.endsWith('/oci-layout')) && all.has(`${path.slice(0, -'oci-layout'.length)}index.json`));
  return marker === undefined ? null : marker.slice(0, -'oci-layout'.length);
}

function below(files: StoredFiles, folder: string): StoredFiles {
  return { find: (path) => files.find(folder + path) };
}

const OWN = /^(oci-layout|index\.json|manifest\.json|repositories|blobs\/.+|[0-9a-f]{64}(\/(VERSION|json|layer\.tar)|\.json|\.tar(\.gz)?))$/;

function refuseOthers(paths: readonly string[], folder: string, { name, saved }: { readonly name: string; readonly saved: readonly SavedImage[] }): void {
  const listed = new Set(saved.flatMap(({ config, layers }) => [config, ...layers]));
  const other = paths.find((path) => !path.startsWith(folder) || !(OWN.test(path.slice(folder.length)) || listed.has(path.slice(folder.length))));
  if (other !== undefined) throw archiveFailure('ambiguous-archive', `Cannot read ${name}: It holds images and ${JSON.stringify(other)}, which belongs to none of them; scan them one by one`);
}

/** What tells that two images are the same: config and layers. */
async function contentsOf(images: readonly OpenedImage[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { root, source, name } of images) {
    const open = [{ root, depth: 0 }];
    for (let next = open.pop(); next && found.length < LIMITS.descriptors; next = open.pop()) {
      const { root: document, depth } = next;
      const manifest = manifestOrNull(document, name);
      if (manifest === null) continue;
      if (manifest.kind === 'manifest') found.push(manifestContents(manifest));
      else if (depth < LIMITS.indexDepth) open.push(...(await rootsOf(manifest, source)).map((one) => ({ root: one, depth: depth + 1 })));
    }
  }
  return found;
}

/** An index may list platforms that were not saved. */
async function rootsOf({ entries }: ImageIndex, source: OpenedImage['source']): Promise<OpenedImage['root'][]> {
  const roots: OpenedImage['root'][] = [];
  for (const entry of entries.slice(0, LIMITS.platforms)) {
    try {
      roots.push(await source.manifest(entry));
    } catch {
      // Told when the image is read.
    }
  }
  return roots;
}

/** What is wrong with it is told when the image is read. */
function manifestOrNull(document: OpenedImage['root'], name: string): ReturnType<typeof readManifest> | null {
  try {
    return readManifest(document, name);
  } catch {
    return null;
  }
}

function manifestContents({ config, layers }: ImageManifest): string {
  return [config, ...layers].map(({ digest }) => digest).join(' ');
}

function savedContents({ config, layers }: SavedImage): string {
  return [config, ...layers].map((path) => path.replace(/^blobs\/(sha256|sha512)\//, '$1:')).join(' ');
}
