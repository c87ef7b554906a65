import type { Opened } from '../../scanner/artifact.ts';
import { FetchError } from '../../scanner/artifact/fetch-error.ts';
import type { OpenedImage } from '../../scanner/artifact/image/source.ts';
import { openImage, type ImageOptions } from '../../scanner/artifact/image/open-image.ts';
import type { Packed } from '../registry/pack.ts';
import { digestOf } from '../registry/store.ts';

/** A package in memory as an opened image. `blobs` replaces what is given for a digest, as a lying source would. */
export function imageOf(root: Packed, { blobs = {} }: { readonly blobs?: Readonly<Record<string, Uint8Array>> } = {}): OpenedImage {
  const content = new Map<string, Uint8Array>();
  const add = (packed: Packed): void => {
    for (const bytes of [packed.bytes, ...packed.blobs]) content.set(digestOf(bytes), bytes);
    packed.children.forEach(add);
  };
  add(root);
  const get = (digest: string): Uint8Array => {
    const bytes = blobs[digest] ?? content.get(digest);
    if (bytes === undefined) throw new FetchError({ kind: 'outside', code: 'http-503', message: `Nothing for ${digest}` });
    return bytes;
  };
  return {
    name: 'oci://example/app:v1', reference: 'example/app:v1', repository: 'example/app',
    root: { digest: root.digest, mediaType: root.mediaType, bytes: root.bytes },
    source: {
      manifest: async ({ digest }) => ({ digest, mediaType: null, bytes: get(digest) }),
      async *blob({ digest }) { yield get(digest); },
    },
  };
}

/** Everything that a package gives. */
export async function openedOf(root: Packed | OpenedImage, options: Partial<ImageOptions> = {}): Promise<Opened[]> {
  return allOf(openImage('source' in root ? root : imageOf(root), { platform: null, process: null, ...options }));
}

/** What a generator gives, as a list. */
export async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** One line for each: `name` with form, path or code. */
export function linesOf(opened: readonly Opened[]): string[] {
  return opened.map((one) => {
    const form = one.packaging?.form ?? '-';
    const name = one.name.replace('oci://example/app:v1', '@');
    if ('failure' in one) return `${name} ${form} ${one.failure.code}`;
    return 'withoutWasm' in one ? `${name} without` : `${name} ${form}`;
  });
}
