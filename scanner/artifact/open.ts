import { existsSync, statSync, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import { contentOf, PEEK_BYTES, TEXT_NAME } from './content.ts';
import { byName, foundFile, searchDirectory, shown, type TextFile } from './directory.ts';
import { excluder } from './exclude.ts';
import { failureOf, firstBytes } from './read-file.ts';
import { readAhead } from './read-ahead.ts';
import { readStream } from './read-stream.ts';
import type { Found, FoundTarget, TargetOptions } from './target.ts';

/**
 * Resolves targets without reading artifacts: `-`, `oci://` references, a file, a folder (searched), an OCI layout, or a glob. In target
 * order. Kubernetes manifests are read, because what they carry is what they stand for. A file named explicitly is always an artifact,
 * whatever it holds; one that does not exist is found unopened. Code for archives and manifests is loaded when it is needed: most runs meet neither.
 */
export async function findTargets(targets: readonly string[], options: TargetOptions): Promise<FoundTarget[]> {
  const results: FoundTarget[] = [];
  for (const target of targets) results.push({ target, ...(await findTarget(target, options)) });
  return results;
}

type Finds = Omit<FoundTarget, 'target'>;

async function findTarget(target: string, options: TargetOptions): Promise<Finds> {
  if (target === '-') return findStdin(options);
  if (/^oci:\/\//i.test(target)) return only((await import('./packages.ts')).registryReference(target, options));
  const path = resolve(options.cwd, target);
  try {
    const stat = statSync(path);
    return stat.isDirectory() ? await findFolder(path, target, options) : await findFile({ path, name: target, stat }, options);
  } catch (error) {
    if (isGlob(target)) return findGlob(target, options);
    return only({ name: target, size: null, open: () => ({ name: target, failure: failureOf(target, error) }) });
  }
}

function only(found: Found): Finds {
  return { found: [found], manifests: null };
}

/** Standard input is read at once, because only its bytes tell whether it is a module, an archive or manifests. */
async function findStdin(options: TargetOptions): Promise<Finds> {
  const name = options.stdinName;
  const read = await readStream(options.stdin(), name);
  if ('failure' in read) return only({ name, size: null, open: () => read });
  const content = contentOf(read.bytes, { name, stream: true });
  if (content === 'archive') return only((await import('./packages.ts')).packagedBytes(read, options));
  const manifests = content === 'text' ? (await import('./manifests.ts')).foundManifests([{ name, text: new TextDecoder().decode(read.bytes) }], options) : null;
  return manifests ?? only({ name, size: read.bytes.length, open: () => read });
}

async function findFile({ path, name, stat }: { readonly path: string; readonly name: string; readonly stat: Stats }, options: TargetOptions): Promise<Finds> {
  const content = stat.isFile() ? contentOf(firstBytes(path, PEEK_BYTES), { name, stream: false }) : 'artifact';
  if (content === 'archive') return only((await import('./packages.ts')).packagedFile({ path, name, size: stat.size }, options));
  const manifests = content === 'text' ? (await import('./manifests.ts')).manifestFile({ path, name }, options) : null;
  const named = manifests === null && stat.isFile() && /\.(?:toml|yaml|json)$/i.test(name) ? await (await import('./beside.ts')).namedManifest({ path, name }, options) : null;
  if (named !== null) return { found: named, manifests: null };
  return manifests ?? only({ name, size: stat.size, open: () => (options.read ?? readAhead)(path, name) });
}

async function findFolder(path: string, name: string, options: TargetOptions): Promise<Finds> {
  if (existsSync(join(path, 'oci-layout'))) {
    const layout = await (await import('./packages.ts')).layoutFolder(path, name, options);
    if (layout) return only(layout);
  }
  const { found, texts, bundles } = searchDirectory(path, name, await excluder(options.exclude));
  if (bundles.length === 0) return withManifests(found, texts, options);
  const { modules, more } = await (await import('./beside.ts')).besideManifests(found, bundles, shown(name, 'x').slice(0, -1));
  return withManifests([...modules, ...more].sort(byName), texts, options);
}

/** Carriers of one file keep their order in it, since the sort is stable. */
async function withManifests(found: readonly Found[], texts: readonly TextFile[], options: TargetOptions): Promise<Finds> {
  const carried = texts.length === 0 ? null : (await import('./manifests.ts')).manifestFiles(texts, options);
  if (carried === null) return { found, manifests: null };
  return { found: [...found, ...carried.found].sort((a, b) => byName(fileOf(a), fileOf(b))), manifests: carried.manifests };
}

/** The file that something was found in, to sort by. */
function fileOf({ name, file }: Found & { readonly file?: string }): { readonly name: string } {
  return { name: file ?? name };
}

/** Only text that names nothing on the disk is tried as a glob, so a file called `a[1].wasm` stays a file. */
function isGlob(target: string): boolean {
  return /[*?{[]|[!+@]\(/.test(target);
}

async function findGlob(pattern: string, options: TargetOptions): Promise<Finds> {
  const { glob } = await import('tinyglobby');
  const excluded = await excluder(options.exclude);
  const names = await glob(pattern, { cwd: options.cwd, dot: true, followSymbolicLinks: false, expandDirectories: false, ignore: ['**/.git/**'] });
  const kept = names.filter((name) => !withFolders(name).some((path) => excluded(path, path))).sort();
  const found = kept.map((name) => foundFile(resolve(options.cwd, name), name)).filter((one) => one !== null);
  const texts = kept.filter((name) => TEXT_NAME.test(name)).map((name) => ({ path: resolve(options.cwd, name), name }));
  return withManifests(found, texts, options);
}

/** A path and every folder it lies in: a glob of --exclude for a folder takes what is in it. */
function withFolders(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
