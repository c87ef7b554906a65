import { readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Failure } from '../artifact.ts';
import type { Packaging } from '../packaging.ts';
import { LIMITS } from '../wasm/limits.ts';
import { BUNDLE_NAME, searchDirectory, shown, type TextFile } from './directory.ts';
import { excluder } from './exclude.ts';
import type { Bundle, PackagedFile } from './image/forms/bundle.ts';
import { readBundles } from './image/forms/bundles.ts';
import { artifactOf, failureOf } from './read-file.ts';
import type { Found, TargetOptions } from './target.ts';
import { type Around, placedGiven } from './beside-places.ts';
import { readWasmer } from './wasmer-manifest.ts';

/** What manifests of packages say of modules that lie beside them on the disk, and what else is in the manifests. */
export interface Beside {
  /** Each module as it was, with what it is given where a manifest names it. */
  readonly modules: readonly Found[];
  /** Modules that a manifest names. */
  readonly named: readonly Found[];
  /** Modules inside manifests, and manifests that could not be read. */
  readonly more: readonly Found[];
  /** Modules that a manifest names and that are not there. */
  readonly missing: readonly Found[];
}

/** A manifest of a package. */
export interface PackageManifest extends TextFile {
  /** What it is called in reports, where it is read under another name. */
  readonly reported?: string;
}

/** Reads the manifests among the files of a folder. `prefix` starts the name of everything in it. Never throws. */
export async function besideManifests(modules: readonly Found[], manifests: readonly PackageManifest[], prefix: string): Promise<Beside> {
  const { files, failures: unread } = await packagedFiles(modules, manifests, prefix);
  const reported = new Map(manifests.map((one) => [one.name.slice(prefix.length), one.reported ?? one.name]));
  const around = { files: files.slice(0, files.length - modules.length), nameOf: (path: string) => reported.get(path) ?? prefix + path };
  const { bundles, failures } = bundlesIn(files, prefix === '' ? '.' : prefix);
  const named: Found[] = [];
  const all = modules.map((found) => {
    const packaging = packagingOf(bundles, { ...around, module: found.name.slice(prefix.length) });
    if (packaging === null) return found;
    const granted: Found = { ...found, open: () => adding(found.open(), packaging) };
    named.push(granted);
    return granted;
  });
  const manifestOf = (label: string): string | undefined => [...reported.keys()].find((path) => label.startsWith(`${path}/`));
  const labelled = (label: string): string => {
    const manifest = manifestOf(label);
    return manifest === undefined ? prefix + label : reported.get(manifest)! + label.slice(manifest.length);
  };
  const inlined = bundles.flatMap((bundle) => bundle.inlined.map(({ label, bytes, given }): Found => {
    const packaging = { ...PLAIN, form: formOf(bundle), ...placedGiven(given, { ...around, form: bundle.form, manifest: manifestOf(label) ?? '' }), oddities: bundle.oddities.get(label) ?? [] };
    return { name: labelled(label), size: bytes.length, open: () => ({ ...artifactOf(labelled(label), bytes), packaging }) };
  }));
  const missing = bundles.flatMap((bundle) => bundle.missing.map(({ label, failure, given }) => unopened(labelled(label), failure, { ...PLAIN, form: formOf(bundle), ...given })));
  return { modules: all, named, more: [...inlined, ...unread.map(({ name, failure }) => unopened(name, failure)), ...failures.map((failure) => unopened(around.nameOf(files[0]!.path), failure))], missing };
}

/**
 * A manifest of a package that the user named: it stands for the modules that it names. JSON under any name may be one of Extism.
 * @returns null where it is none, or names nothing
 */
export async function namedManifest(file: TextFile, options: TargetOptions): Promise<readonly Found[] | null> {
  const name = basename(file.name);
  if (!BUNDLE_NAME.test(name) && !(/\.json$/i.test(name) && mentionsWasm(file.path))) return null;
  const folder = dirname(file.name);
  const prefix = shown(folder, 'x').slice(0, -1);
  const { found } = searchDirectory(dirname(file.path), folder, await excluder(options.exclude));
  const { named, more, missing } = await besideManifests(found, [{ path: file.path, name: prefix + (BUNDLE_NAME.test(name) ? name : 'extism.json'), reported: file.name }], prefix);
  return named.length + more.length + missing.length === 0 ? null : [...named, ...more, ...missing];
}

function mentionsWasm(path: string): boolean {
  try {
    return statSync(path).size <= LIMITS.kubernetesText && readFileSync(path).includes('"wasm"');
  } catch {
    return false;
  }
}

interface Files {
  readonly files: readonly PackagedFile[];
  readonly failures: readonly { readonly name: string; readonly failure: Failure }[];
}

/** Readers of Extism manifests compare the bytes of modules with hashes; no other reader needs them. */
async function packagedFiles(modules: readonly Found[], manifests: readonly TextFile[], prefix: string): Promise<Files> {
  const { files, failures } = readManifests(manifests, prefix);
  const isExtism = ({ path, bytes }: PackagedFile): boolean => path.endsWith('.json') && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('"wasm"');
  const extism = files.filter(isExtism);
  const fits = modules.reduce((sum, { size }) => sum + (size ?? 0), 0) <= LIMITS.layerModuleBytes;
  const limits = (fits ? [] : extism).map(({ path }) => ({ name: prefix + path, failure: { kind: 'unreadable', code: 'limit-exceeded', message: `Cannot read ${prefix}${path}: the modules around it have more than ${LIMITS.layerModuleBytes} bytes` } as const }));
  const beside: PackagedFile[] = [];
  for (const { name, open } of modules) beside.push({ path: name.slice(prefix.length), bytes: fits && extism.length > 0 ? await bytesOf(open) : NO_BYTES });
  return { files: [...files.filter((file) => fits || !extism.includes(file)), ...beside], failures: [...failures, ...limits] };
}

function readManifests(manifests: readonly TextFile[], prefix: string): Files {
  const files: PackagedFile[] = [];
  const failures: Files['failures'][number][] = [];
  for (const { path, name } of manifests) {
    try {
      if (statSync(path).size <= LIMITS.kubernetesText) files.push({ path: name.slice(prefix.length), bytes: readFileSync(path) });
      else failures.push({ name, failure: { kind: 'unreadable', code: 'too-large', message: `Cannot read ${name}: larger than the limit of ${LIMITS.kubernetesText} bytes` } });
    } catch (error) {
      failures.push({ name, failure: failureOf(name, error) });
    }
  }
  return { files, failures };
}

const NO_BYTES = new Uint8Array(0);

async function bytesOf(open: Found['open']): Promise<Uint8Array> {
  const opened = open();
  if (Symbol.asyncIterator in opened) return NO_BYTES;
  const one = await opened;
  return 'bytes' in one ? one.bytes : NO_BYTES;
}

/** Other bundles are told by files that nobody looks for in a folder. */
const FORMS: ReadonlySet<Bundle['form']> = new Set(['spin-image', 'helm-plug-in', 'extism-manifest', 'image', 'archive']);

function bundlesIn(files: readonly PackagedFile[], name: string): ReturnType<typeof readBundles> {
  const { bundles, failures } = readBundles(files, name);
  const wasmer = readWasmer(files, name);
  return { bundles: [...bundles, ...wasmer.bundles].filter(({ form }) => FORMS.has(form)), failures: [...failures, ...wasmer.failures] };
}

function packagingOf(bundles: readonly Bundle[], around: Pick<Around, 'files' | 'nameOf'> & { readonly module: string }): Packaging | null {
  const { module } = around;
  const naming = bundles.filter(({ given }) => given.has(module));
  if (naming.length === 0) return null;
  const given = naming.map((bundle) => placedGiven(bundle.given.get(module)!, { ...around, form: bundle.form }));
  return {
    ...PLAIN, form: formOf(naming[0]!), path: module,
    grants: given.flatMap(({ grants }) => grants), settings: given.flatMap(({ settings }) => settings), oddities: naming.flatMap(({ oddities }) => oddities.get(module) ?? []),
  };
}

/** What lies in a folder is in no image. */
function formOf({ form }: Bundle): Packaging['form'] {
  return form === 'image' ? 'archive' : form;
}

const PLAIN: Packaging = {
  form: 'archive', repository: null, rootDigest: null, manifestDigest: null, artifactType: null, configMediaType: null, platform: null, layer: null, layers: 0,
  path: null, entryPoint: null, claims: null, annotations: {}, grants: [], settings: [], natives: [], oddities: [],
};

function adding(opened: ReturnType<Found['open']>, packaging: Packaging): ReturnType<Found['open']> {
  if (Symbol.asyncIterator in opened) return opened;
  return opened instanceof Promise ? opened.then((one) => ({ ...one, packaging })) : { ...opened, packaging };
}

function unopened(name: string, failure: Failure, packaging?: Packaging): Found {
  return { name, size: null, open: () => ({ name, failure, ...(packaging && { packaging }) }) };
}
