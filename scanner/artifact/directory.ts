import { lstatSync, readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs';
import { join, sep } from 'node:path';
import type { Unopened } from '../artifact.ts';
import { compareText } from '../compare-text.ts';
import { bytesClaimWasm, nameClaimsWasm } from './claims.ts';
import { TEXT_NAME } from './content.ts';
import type { Excluder } from './exclude.ts';
import { readAhead } from './read-ahead.ts';
import { failureOf } from './read-file.ts';
import type { Found } from './target.ts';

interface Search {
  /** The root with symbolic links resolved, to tell which links leave it. */
  readonly realRoot: string;
  readonly excluded: Excluder;
  readonly found: Found[];
  readonly texts: TextFile[];
  readonly bundles: TextFile[];
}

/** A file that may hold Kubernetes manifests. */
export interface TextFile {
  readonly path: string;
  /** As reported. */
  readonly name: string;
}

/** What a search of a folder came across, each sorted by path. */
export interface Searched {
  readonly found: readonly Found[];
  readonly texts: readonly TextFile[];
  /** Manifests of packages, by their names. */
  readonly bundles: readonly TextFile[];
}

/** Names of files that say what modules beside them are given: of Spin, Wasmer, slight, Helm, Extism. */
export const BUNDLE_NAME = /^(?:spin\.toml|wasmer\.toml|slightfile\.toml|plugin\.yaml|(?:manifest|extism|extism-manifest|plugin)\.json)$/;



/**
 * Every artifact under a folder, sorted by path. Files are told by their first bytes, hidden and ignored ones too, except
 * in `.git`. What cannot be looked at (no permission, a link out of the folder) is listed as unopened, so that it is never clean.
 */
export function searchDirectory(root: string, name: string, excluded: Excluder): Searched {
  const search: Search = { realRoot: realpathSync(root), excluded, found: [], texts: [], bundles: [] };
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(join(root, folder), shown(name, folder), search)) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.name === '.git' || excluded(path, shown(name, path))) continue;
      if (entry.isDirectory()) folders.push(path);
      else lookAt(entry, { path: join(root, path), name: shown(name, path) }, search);
    }
  }
  return { found: search.found.sort(byName), texts: search.texts.sort(byName), bundles: search.bundles.sort(byName) };
}

/** In the order of names, by code units. */
export function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return compareText(a.name, b.name);
}

/** The artifact in a file that a search came across, or null where nothing claims Wasm. */
export function foundFile(path: string, name: string): Found | null {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return nameClaimsWasm(name) ? unopened(name, 'not-a-file', `Cannot read ${name}: not a regular file`) : null;
    return nameClaimsWasm(name) || bytesClaimWasm(path) ? { name, size: stat.size, open: () => readAhead(path, name) } : null;
  } catch (error) {
    return { name, size: null, open: () => ({ name, failure: failureOf(name, error) }) };
  }
}

function entriesOf(folder: string, name: string, search: Search): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    search.found.push({ name, size: null, open: () => ({ name, failure: failureOf(name, error) }) });
    return [];
  }
}

function lookAt(entry: Dirent, file: { path: string; name: string }, search: Search): void {
  if (BUNDLE_NAME.test(entry.name) && entry.isFile()) search.bundles.push(file);
  const found = entry.isSymbolicLink() ? foundLink(file, search) : foundFile(file.path, file.name);
  if (found) search.found.push(found);
  else if (TEXT_NAME.test(file.name) && entry.isFile()) search.texts.push(file);
}

/** A link to a file inside counts as that file under its own name; a linked folder inside is searched where it lies. */
function foundLink({ path, name }: { path: string; name: string }, search: Search): Found | null {
  const end = endOfLink(path);
  if (!end) return nameClaimsWasm(name) ? unopened(name, 'dangling-link', `Cannot read ${name}: a symbolic link to nothing`) : null;
  const inside = end.path === search.realRoot || end.path.startsWith(search.realRoot + sep);
  if (inside) return end.stat.isDirectory() ? null : foundFile(path, name);
  if (end.stat.isFile() && !nameClaimsWasm(name) && !mayClaim(end.path)) return null;
  if (!end.stat.isFile() && !end.stat.isDirectory()) return null;
  return unopened(name, 'link-outside', `Not followed: ${name} is a symbolic link that leaves the searched folder (scan ${end.path} itself, or use --exclude)`);
}

function endOfLink(path: string): { path: string; stat: Stats } | null {
  try {
    const end = realpathSync(path);
    return { path: end, stat: lstatSync(end) };
  } catch {
    return null;
  }
}

/** True also when it cannot be looked at. */
function mayClaim(path: string): boolean {
  try {
    return nameClaimsWasm(path) || bytesClaimWasm(path);
  } catch {
    return true;
  }
}

function unopened(name: string, code: string, message: string): Found {
  const result: Unopened = { name, failure: { kind: 'unreadable', code, message } };
  return { name, size: null, open: () => result };
}

/** How a path under a folder is reported: `.` is not repeated in front of every name. */
export function shown(root: string, path: string): string {
  if (path === '') return root;
  const plain = root.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  return plain === '' && root.startsWith('/') ? `/${path}` : plain === '' || plain === '.' ? path : `${plain}/${path}`;
}
