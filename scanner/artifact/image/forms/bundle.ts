import type { Failure } from '../../../artifact.ts';
import type { PackageForm, PackageOddity } from '../../../packaging.ts';
import type { Given } from './given.ts';

/** A file of a package, in the package's order. */
export interface PackagedFile {
  /** Without leading slash. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What a manifest inside a package says of the modules beside it. */
export interface Bundle {
  readonly form: PackageForm;
  /** What each file is given, by its path. */
  readonly given: ReadonlyMap<string, Given>;
  /** Modules that the manifest names and the package does not hold. */
  readonly missing: readonly { readonly label: string; readonly failure: Failure; readonly given: Given }[];
  /** Modules that stand inside the manifest itself. */
  readonly inlined: readonly { readonly label: string; readonly path: string; readonly bytes: Uint8Array; readonly given: Given }[];
  /** By path of the file they are about. */
  readonly oddities: ReadonlyMap<string, readonly PackageOddity[]>;
}

/** Recognises one kind of bundle. null: it is none. Throws FetchError where a manifest cannot be read, so that what it gives is unknown. */
export type BundleReader = (files: readonly PackagedFile[], name: string) => Bundle | null;

/** A bundle with what is said; the rest is empty. */
export function bundle(form: PackageForm, parts: Partial<Omit<Bundle, 'form'>> = {}): Bundle {
  return { form, given: new Map(), missing: [], inlined: [], oddities: new Map(), ...parts };
}

/** The file name at the end of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A path written in a file, from the root of the package; `..` stops at the root. */
export function besideFile(file: string, written: string): string {
  const parts: string[] = [];
  const way = written.startsWith('/') ? written : `${file.slice(0, file.lastIndexOf('/') + 1)}${written}`;
  for (const part of way.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
