import { normalPath, parseReference } from './reference.ts';

/**
 * An artifact by a name that stays when it is built anew: a path in normal form, an image without tag and digest, and behind `!/` the place
 * inside the package.
 */
export function artifactKey(name: string): string {
  const { outer, inner } = split(name);
  const base = /^oci:\/\//i.test(outer) ? `oci://${parseReference(outer.slice(6)).repository}` : isAddress(outer) ? outer : normalPath(outer);
  return base + inner;
}

/** Whether a key names a file, so that it depends on the folder it is read in. */
export function isFileKey(key: string): boolean {
  return !isAddress(key) && key !== 'stdin';
}

/** A key in another folder: `change` maps the path of the file. */
export function movedKey(key: string, change: (path: string) => string): string {
  const { outer, inner } = split(key);
  return isFileKey(outer) ? artifactKey(change(outer) + inner) : key;
}

function split(name: string): { readonly outer: string; readonly inner: string } {
  const at = name.indexOf('!/');
  return at < 0 ? { outer: name, inner: '' } : { outer: name.slice(0, at), inner: name.slice(at) };
}

function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}
