import type { Failure } from '../../../artifact.ts';
import { failureIn } from '../../fetch-error.ts';
import { baseName, type Bundle, type BundleReader, type PackagedFile } from './bundle.ts';
import { EXTISM_NAMES, readExtismManifest } from './extism-manifest.ts';
import { readHelmPlugIn } from './helm-plug-in.ts';
import { readOpaBundle } from './opa-bundle.ts';
import { readSlight } from './slight.ts';
import { readSpinImage } from './spin-image.ts';
import { readSuborbitalBundle } from './suborbital-bundle.ts';
import { readWws } from './wws.ts';

/** Every kind of bundle; each tells the others apart by the names of its own files. */
const READERS: readonly BundleReader[] = [readSpinImage, readOpaBundle, readSuborbitalBundle, readHelmPlugIn, readExtismManifest, readSlight, readWws];

/** The bundles that files make together, mostly none or one, and the manifests that could not be read: what they give is unknown then. */
export function readBundles(files: readonly PackagedFile[], name: string): { readonly bundles: readonly Bundle[]; readonly failures: readonly Failure[] } {
  const bundles: Bundle[] = [];
  const failures: Failure[] = [];
  for (const read of READERS) {
    try {
      const found = read(files, name);
      if (found !== null) bundles.push(found);
    } catch (error) {
      failures.push(failureIn(error, name));
    }
  }
  return { bundles, failures };
}

/** True for the files that readers of bundles look into, by path. */
export function isBundleManifest(path: string): boolean {
  const name = baseName(path);
  return NAMES.has(name) || EXTISM_NAMES.has(name) || name.endsWith('.toml');
}

const NAMES: ReadonlySet<string> = new Set(['.manifest', 'tenant.json', 'Directive.yaml', '.module.yml', '.module.yaml', 'plugin.yaml']);
