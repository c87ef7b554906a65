import { createHash, hash } from 'node:crypto';
import { parseStrictJson } from '../../strict-json.ts';
import { LIMITS } from '../../wasm/limits.ts';
import { isRecord } from '../../is-record.ts';
import { archiveFailure } from './archive-failure.ts';
import { archivePath } from './archive-path.ts';
import { readDocument, StoredSource, type StoredFile, type StoredFiles } from './layout-source.ts';
import { type Fields } from './manifest-fields.ts';
import type { OpenedImage } from './source.ts';

/** One image of a docker-save tar: paths inside it. */
export interface SavedImage {
  readonly config: string;
  /** The lowest first. */
  readonly layers: readonly string[];
  readonly tags: readonly string[];
}

/**
 * The images that a docker-save tar lists: in manifest.json, or, written before Docker 1.10, in `repositories`; null: it is none.
 * Throws a FetchError for lists beyond a limit.
 */
export async function listSaved(files: StoredFiles, name: string): Promise<readonly SavedImage[] | null> {
  const manifest = await parsed(files, 'manifest.json', name);
  const saved = manifest === undefined ? null : savedImages(manifest);
  if (saved) return saved;
  const repositories = await parsed(files, 'repositories', name);
  return isRecord(repositories) ? oldImages(files, repositories, name) : null;
}

/**
 * Opens one of them as if it were an OCI image: its manifest is made here, from digests computed over the files, so it has no digest that
 * anybody else knows. Throws a FetchError.
 */
export async function openSaved(files: StoredFiles, image: SavedImage, name: string): Promise<OpenedImage> {
  const blobs = new Map<string, StoredFile>();
  const describe = async (path: string, mediaType: string) => {
    const file = files.find(path);
    if (file === null) throw archiveFailure('blob-missing', `Cannot read ${name}: ${JSON.stringify(path)} is not in it`);
    if (file.size > LIMITS.blobBytes) throw archiveFailure('too-large', `Cannot read ${name}!/${path}: larger than the limit of ${LIMITS.blobBytes} bytes`);
    const digest = await digestOf(file);
    blobs.set(digest, file);
    return { mediaType, digest, size: file.size };
  };
  const config = await describe(image.config, 'application/vnd.oci.image.config.v1+json');
  const layers = [];
  for (const path of image.layers) layers.push(await describe(path, 'application/vnd.oci.image.layer.v1.tar'));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const content = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers }));
  const root = { digest: `sha256:${hash('sha256', content, 'hex')}`, mediaType, bytes: content };
  return { source: new StoredSource(name, ({ digest }) => blobs.get(digest) ?? null), root, name, reference: null, repository: null };
}

/** undefined: there is no such file, or it is no JSON and so belongs to something else. */
async function parsed(files: StoredFiles, path: string, name: string): Promise<unknown> {
  const file = files.find(path);
  if (file === null) return undefined;
  const content = await readDocument(file, `${name}!/${path}`);
  try {
    return parseStrictJson(content);
  } catch {
    return undefined;
  }
}

function savedImages(manifest: unknown): readonly SavedImage[] | null {
  if (!Array.isArray(manifest) || manifest.length === 0 || manifest.length > LIMITS.descriptors) return null;
  const images = manifest.map(savedImage);
  return images.every((image) => image !== null) ? images : null;
}

function savedImage(value: unknown): SavedImage | null {
  if (!isRecord(value)) return null;
  const { Config: config, Layers: layers, RepoTags: tags } = value;
  if (typeof config !== 'string' || !isTexts(layers) || layers.length > LIMITS.descriptors) return null;
  return { config: archivePath(config).path, layers: layers.map((layer) => archivePath(layer).path), tags: isTexts(tags) ? tags : [] };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** `{ "<repository>": { "<tag>": "<id>" } }`; each id is a folder that names its parent. */
async function oldImages(files: StoredFiles, repositories: Fields, name: string): Promise<readonly SavedImage[] | null> {
  const tags = Object.entries(repositories).flatMap(([repository, byTag]) => Object.entries(isRecord(byTag) ? byTag : {}).map(([tag, id]) => ({ tag: `${repository}:${tag}`, id })));
  if (tags.length === 0 || tags.length > LIMITS.descriptors || tags.some(({ id }) => !isId(id))) return null;
  const images: SavedImage[] = [];
  for (const { tag, id } of tags) images.push({ config: `${id as string}/json`, layers: await chainOf(files, id as string, name), tags: [tag] });
  return images;
}

async function chainOf(files: StoredFiles, top: string, name: string): Promise<string[]> {
  const layers: string[] = [];
  for (let id: unknown = top; isId(id); ) {
    if (layers.length > LIMITS.descriptors) throw archiveFailure('limit-exceeded', `Cannot read ${name}: More than ${LIMITS.descriptors} layers`);
    layers.push(`${id}/layer.tar`);
    const about = await parsed(files, `${id}/json`, name);
    id = isRecord(about) ? about['parent'] : null;
  }
  return layers.reverse();
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

async function digestOf(file: StoredFile): Promise<string> {
  const sum = createHash('sha256');
  for await (const piece of file.pieces()) sum.update(piece);
  return `sha256:${sum.digest('hex')}`;
}
