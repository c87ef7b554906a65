import type { Opened } from '../../../artifact.ts';
import type { PackageForm } from '../../../packaging.ts';
import type { Bundle, PackagedFile } from './bundle.ts';
import { readBundles } from './bundles.ts';
import type { Given } from './given.ts';
import { packed, unopened, type Package, type Place } from './package.ts';

/** A file that was found in a package. */
export interface FoundFile extends PackagedFile {
  /** It is a module, or passes for one; others are there for what they say. */
  readonly judged: boolean;
  readonly place: Omit<Place, 'path' | 'grants' | 'settings' | 'form'>;
}

/** Opens the modules among files, with what the manifests beside them give. */
export function* openFound(pack: Package, files: readonly FoundFile[], form?: PackageForm): Generator<Opened> {
  const { bundles, failures } = readBundles(files, pack.name);
  const named = bundles.find(({ form }) => form !== 'image')?.form ?? form ?? pack.packaging.form;
  for (const file of files) {
    if (file.judged || bundles.some(({ given }) => given.has(file.path))) yield packed(pack, file.bytes, placeOf(file, bundles, named));
  }
  for (const bundle of bundles) {
    for (const { label, path, bytes, given } of bundle.inlined) yield packed(pack, bytes, { label, path, form: bundle.form, entryPoint: null, oddities: bundle.oddities.get(label) ?? [], ...given });
    for (const { label, failure, given } of bundle.missing) yield unopened(pack, failure, { label, form: bundle.form, ...given });
  }
  for (const failure of failures) yield unopened(pack, failure, { form: named });
}

function placeOf({ path, place }: FoundFile, bundles: readonly Bundle[], form: PackageForm): Place {
  const given = bundles.map((bundle) => bundle.given.get(path)).filter((one): one is Given => one !== undefined);
  return {
    ...place, path, form,
    grants: given.flatMap(({ grants }) => grants), settings: given.flatMap(({ settings }) => settings),
    oddities: [...(place.oddities ?? []), ...bundles.flatMap(({ oddities }) => oddities.get(path) ?? [])],
  };
}
