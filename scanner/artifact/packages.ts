import type { Artifact, Opened, Unopened } from '../artifact.ts';
import { failureIn } from './fetch-error.ts';
import { openArchive, type ArchiveFile, type ArchiveTarget } from './image/archive.ts';
import type { PackagedFile } from './image/forms/bundle.ts';
import { isBundleManifest } from './image/forms/bundles.ts';
import { openFiles } from './image/forms/from-files.ts';
import { isLayoutFolder, openLayoutFolder } from './image/layout.ts';
import type { OpenedImage } from './image/source.ts';
import { openImage } from './image/open-image.ts';
import { openReference } from './images.ts';
import { readAhead } from './read-ahead.ts';
import type { Found, TargetOptions } from './target.ts';

/** A reference that the user named. */
export function registryReference(target: string, options: TargetOptions): Found {
  return { name: target, reference: target, size: null, remote: true, open: () => openReference(target, { name: target }, options) };
}

/** An OCI layout in a folder, or null. */
export async function layoutFolder(path: string, name: string, options: TargetOptions): Promise<Found | null> {
  if (!(await isLayoutFolder(path))) return null;
  return { name, size: null, open: () => guarded(name, async function* () { yield* openImages(await openLayoutFolder(path, name), options); }) };
}

/** Bytes that begin like an archive. */
export function packagedBytes(artifact: Artifact, options: TargetOptions): Found {
  const { name, bytes } = artifact;
  return { name, size: bytes.length, open: () => openArchiveTarget({ bytes }, { name, instead: () => artifact }, options) };
}

/** A file that begins like an archive: searched, or, when it is none after all, an artifact like any other. */
export function packagedFile({ path, name, size }: { readonly path: string; readonly name: string; readonly size: number }, options: TargetOptions): Found {
  return { name, size, open: () => openArchiveTarget({ path }, { name, instead: () => (options.read ?? readAhead)(path, name) }, options) };
}

/** What an archive holds; `instead` when the bytes turn out to be none that is searched. Never throws. */
export function openArchiveTarget(
  input: { readonly path: string } | { readonly bytes: Uint8Array },
  { name, instead }: { readonly name: string; readonly instead: () => Opened | Promise<Opened> },
  options: Pick<TargetOptions, 'platform'>,
): AsyncIterable<Opened> {
  return guarded(name, async function* () {
    const target = await openArchive(input, name, { wanted: isBundleManifest });
    if (target === null) yield await instead();
    else yield* openTarget(target, name, options);
  });
}

function openTarget(target: ArchiveTarget, name: string, options: Pick<TargetOptions, 'platform'>): AsyncIterable<Opened> {
  return target.kind === 'images' ? openImages(target.images, options) : openArchiveFiles(target.files, name);
}

/** Modules first, then what could not be read. An archive that was named and holds neither is told as a folder without Wasm is: a gate that saw nothing has approved nothing. */
async function* openArchiveFiles(files: AsyncIterable<ArchiveFile>, name: string): AsyncGenerator<Opened> {
  const unread: Unopened[] = [];
  let some = false;
  for await (const opened of openFiles(readable(files, name, unread), name)) {
    some = true;
    yield opened;
  }
  yield* unread;
  if (!some && unread.length === 0) yield { name, failure: { kind: 'unreadable', code: 'no-wasm', message: `No Wasm found in ${name}: it was searched to its end` } };
}

async function* readable(files: AsyncIterable<ArchiveFile>, name: string, unread: Unopened[]): AsyncGenerator<PackagedFile> {
  try {
    for await (const file of files) {
      if ('failure' in file) unread.push({ name: file.path === '' ? name : `${name}!/${file.path}`, failure: file.failure });
      else yield file;
    }
  } catch (error) {
    unread.push({ name, failure: failureIn(error, name) });
  }
}

async function* openImages(images: readonly OpenedImage[], { platform }: Pick<TargetOptions, 'platform'>): AsyncGenerator<Opened> {
  for (const image of images) yield* openImage(image, { platform, process: null });
}

/** Whatever goes wrong is a result of its own, after what came before it. */
async function* guarded(name: string, open: () => AsyncIterable<Opened>): AsyncGenerator<Opened> {
  try {
    yield* open();
  } catch (error) {
    yield { name, failure: failureIn(error, name) };
  }
}
