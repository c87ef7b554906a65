import type { Failure } from '../artifact.ts';
import { isRecord } from '../is-record.ts';
import { failureIn } from './fetch-error.ts';
import { baseName, besideFile, bundle, type Bundle, type PackagedFile } from './image/forms/bundle.ts';
import { keyGrants, type Given } from './image/forms/given.ts';
import { tomlObject } from './image/forms/text.ts';

/**
 * Manifests of Wasmer packages, `wasmer.toml`: a list `module` with a `source` each, and folders in `fs` that every command sees.
 * A manifest that cannot be read is a failure.
 */
export function readWasmer(files: readonly PackagedFile[], name: string): { readonly bundles: readonly Bundle[]; readonly failures: readonly Failure[] } {
  const bundles: Bundle[] = [];
  const failures: Failure[] = [];
  const paths = new Set(files.map(({ path }) => path));
  for (const { path, bytes } of files) {
    if (baseName(path) !== 'wasmer.toml') continue;
    try {
      bundles.push(readManifest({ path, bytes }, paths, name));
    } catch (error) {
      failures.push(failureIn(error, name));
    }
  }
  return { bundles, failures };
}

function readManifest({ path, bytes }: PackagedFile, paths: ReadonlySet<string>, name: string): Bundle {
  const manifest = tomlObject(bytes, `${path} of ${name}`);
  const everyModule: Given = { grants: keyGrants('files', 'fs', manifest['fs']), settings: [] };
  const given = new Map<string, Given>();
  const missing: Bundle['missing'][number][] = [];
  for (const module of Array.isArray(manifest['module']) ? (manifest['module'] as unknown[]) : []) {
    if (!isRecord(module) || typeof module['source'] !== 'string') continue;
    const source = besideFile(path, module['source']);
    if (paths.has(source)) given.set(source, everyModule);
    else missing.push({ label: `${path}/${String(module['name'])}`, given: everyModule, failure: { kind: 'unreadable', code: 'missing-module', message: `Cannot read module ${String(module['name']).slice(0, 200)} of ${path}: there is no ${source.slice(0, 500)}` } });
  }
  return bundle('archive', { given, missing });
}
