import { lstatSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { FetchError } from '../fetch-error.ts';
import { failureOf } from '../read-file.ts';
import { archiveFailure } from './archive-failure.ts';
import { fileAccess } from './archive-source.ts';
import { openLayout, type StoredFile, type StoredFiles } from './layout-source.ts';
import type { OpenedImage } from './source.ts';

/** Whether a folder is an OCI image layout: both files of one are there, as files. Never throws. */
export async function isLayoutFolder(path: string): Promise<boolean> {
  return ['oci-layout', 'index.json'].every((file) => lstatSync(join(path, file), { throwIfNoEntry: false })?.isFile() === true);
}

/**
 * Opens every image of a layout in a folder; named `<name>@<tag>` after the annotation org.opencontainers.image.ref.name. Blobs are read
 * when asked for and held to size and digest; symbolic links may not leave the folder. Throws a FetchError.
 */
export async function openLayoutFolder(path: string, name: string): Promise<readonly OpenedImage[]> {
  return openLayout(folderFiles(path, name), name);
}

function folderFiles(path: string, name: string): StoredFiles {
  const root = real(path, name);
  if (root === null) throw archiveFailure('malformed-layout', `Cannot read ${name}: no such folder`);
  return {
    find(file): StoredFile | null {
      const found = real(join(root, file), `${name}/${file}`);
      if (found === null) return null;
      if (!found.startsWith(root.endsWith(sep) ? root : root + sep)) throw archiveFailure('link-leaves-layout', `Cannot read ${name}/${file}: A symbolic link leaves the layout`);
      // Links are resolved by now; one that was put there meanwhile is refused.
      const access = fileAccess(found, `${name}/${file}`, 'never');
      return { size: access.size, pieces: () => access.pieces(0, access.size) };
    },
  };
}

function real(path: string, name: string): string | null {
  try {
    return realpathSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new FetchError(failureOf(name, error), { cause: error });
  }
}
