import type { Opened, Surroundings } from '../../../artifact.ts';
import type { Packaging, PackageOddity } from '../../../packaging.ts';
import { LIMITS } from '../../../wasm/limits.ts';
import { MODULE_NAME } from '../archive-interest.ts';
import type { PackagedFile } from './bundle.ts';
import { isBundleManifest } from './bundles.ts';
import { openFound, type FoundFile } from './files.ts';
import { mayRunAsWasm } from './look.ts';
import { unopened, type Package } from './package.ts';

export interface FilesOptions extends Pick<Surroundings, 'reference' | 'carrier'> {
  /** Of the archive as a whole. */
  readonly oddities?: readonly PackageOddity[];
}

/**
 * Opens the files of an archive that is no image: modules, and bundles by the manifests among them. `files` without leading slashes, whole,
 * in the order of the archive; what is neither a module nor a manifest of a bundle may be left out by the caller. Gives nothing where
 * there is nothing. Never throws for what the files hold.
 */
export async function* openFiles(files: Iterable<PackagedFile> | AsyncIterable<PackagedFile>, name: string, options: FilesOptions = {}): AsyncGenerator<Opened> {
  const pack: Package = { name, within: null, reference: options.reference ?? null, carrier: options.carrier ?? null, packaging: { ...PLAIN, oddities: options.oddities ?? [] } };
  const found: FoundFile[] = [];
  let bytes = 0;
  for await (const file of files) {
    const judged = MODULE_NAME.test(file.path) || mayRunAsWasm(file.bytes);
    // A package of one file is what that file says, whatever its name.
    if (!judged && !isBundleManifest(file.path) && found.length > 0) continue;
    bytes += file.bytes.length;
    if (found.length >= LIMITS.imageModules || bytes > LIMITS.layerModuleBytes) {
      yield unopened(pack, { kind: 'unreadable', code: 'limit-exceeded', message: `Cannot read the rest of ${name}: its modules are more than ${LIMITS.imageModules}, or more than ${LIMITS.layerModuleBytes} bytes` });
      break;
    }
    found.push({ ...file, judged, place: {} });
  }
  yield* openFound(pack, found);
}

const PLAIN: Packaging = {
  form: 'archive', repository: null, rootDigest: null, manifestDigest: null, artifactType: null, configMediaType: null, platform: null, layer: null, layers: 0,
  path: null, entryPoint: null, claims: null, annotations: {}, grants: [], settings: [], natives: [], oddities: [],
};
