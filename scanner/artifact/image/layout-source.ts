import { createHash } from 'node:crypto';
import { LIMITS } from '../../wasm/limits.ts';
import { archiveFailure } from './archive-failure.ts';
import { collect } from './archive-input.ts';
import type { Descriptor, ImageSource, OpenedImage, RootDocument } from './source.ts';
import { descriptorsOf, jsonObject } from './manifest-fields.ts';

/** One file of a layout or archive. */
export interface StoredFile {
  readonly size: number;
  pieces(): AsyncIterable<Uint8Array>;
}

/** The files of a layout, in a folder or a tar. */
export interface StoredFiles {
  /** null: no such file. Throws a FetchError where a symbolic link leaves the layout. */
  find(path: string): StoredFile | null;
}

/** The images of a layout (OCI image layout 1.0 and 1.1), one for each entry of its index. Throws a FetchError. */
export async function openLayout(files: StoredFiles, name: string): Promise<readonly OpenedImage[]> {
  const index = files.find('index.json');
  if (index === null) throw archiveFailure('malformed-layout', `Cannot read ${name}: It has no index.json`);
  const document = jsonObject(await readDocument(index, `${name}/index.json`), `${name}/index.json`);
  const entries = descriptorsOf(document['manifests'], `${name}/index.json, manifests`);
  if (entries.length === 0) throw archiveFailure('empty-layout', `Cannot read ${name}: Its index lists no image`);
  const source = new StoredSource(name, ({ digest }) => files.find(`blobs/${digest.replace(':', '/')}`));
  const images: OpenedImage[] = [];
  for (const entry of entries) images.push({ source, root: await source.manifest(entry), name: imageName(name, entry, entries.length), reference: null, repository: null });
  return images;
}

/** Blobs in files, each held to the digest that it is asked for by. */
export class StoredSource implements ImageSource {
  readonly #name: string;
  readonly #find: (descriptor: Descriptor) => StoredFile | null;

  /** @param name for messages. */
  constructor(name: string, find: (descriptor: Descriptor) => StoredFile | null) {
    this.#name = name;
    this.#find = find;
  }

  async manifest(descriptor: Descriptor): Promise<RootDocument> {
    if (descriptor.size > LIMITS.manifestBytes) throw tooLarge(this.#name, descriptor, LIMITS.manifestBytes);
    const content = await collect(this.blob(descriptor), LIMITS.manifestBytes);
    if (content === null) throw tooLarge(this.#name, descriptor, LIMITS.manifestBytes);
    return { digest: descriptor.digest, mediaType: descriptor.mediaType, bytes: content };
  }

  async *blob(descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    const { digest, size } = descriptor;
    if (size > LIMITS.blobBytes) throw tooLarge(this.#name, descriptor, LIMITS.blobBytes);
    const file = this.#find(descriptor);
    if (file === null) throw archiveFailure('blob-missing', `Cannot read ${this.#name}: The blob ${digest} is not in it`);
    if (file.size !== size) throw archiveFailure('size-mismatch', `Cannot read ${this.#name}: The blob ${digest} has ${file.size} bytes instead of ${size}`);
    const [algorithm, expected] = digest.split(':') as [string, string];
    const hash = createHash(algorithm);
    for await (const piece of file.pieces()) {
      hash.update(piece);
      yield piece;
    }
    if (hash.digest('hex') !== expected) throw archiveFailure('digest-mismatch', `Cannot read ${this.#name}: The bytes of blob ${digest} do not have this digest`);
  }
}

/** A JSON document that nothing holds to a digest. Throws a FetchError beyond LIMITS.manifestBytes. */
export async function readDocument(file: StoredFile, name: string): Promise<Uint8Array> {
  const content = file.size > LIMITS.manifestBytes ? null : await collect(file.pieces(), LIMITS.manifestBytes);
  if (content === null) throw archiveFailure('too-large', `Cannot read ${name}: larger than the limit of ${LIMITS.manifestBytes} bytes`);
  return content;
}

function imageName(name: string, { annotations, digest }: Descriptor, count: number): string {
  const tag = annotations['org.opencontainers.image.ref.name'];
  if (tag) return `${name}@${tag}`;
  return count === 1 ? name : `${name}@${digest}`;
}

function tooLarge(name: string, { digest, size }: Descriptor, limit: number): Error {
  return archiveFailure('too-large', `Cannot read ${name}: The blob ${digest} of ${size} bytes is larger than the limit of ${limit}`);
}
