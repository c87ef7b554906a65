import { hash } from 'node:crypto';
import type { Artifact, Failure, Surroundings, Unopened } from '../../../artifact.ts';
import type { CarrierFact } from '../../../carrier.ts';
import type { Packaging } from '../../../packaging.ts';
import { recognise } from '../../../wasm/first-bytes.ts';
import type { ImageManifest } from '../manifest.ts';

/** A package on the way to its modules: what they all share. */
export interface Package {
  /** Starts the name of everything in it. */
  readonly name: string;
  /** Of several in an index, which one; starts what stands behind `!/`. */
  readonly within: string | null;
  readonly reference: string | null;
  readonly carrier: CarrierFact | null;
  /** With the fields of single modules empty. */
  readonly packaging: Packaging;
}

/** What differs between the modules of one package. */
export interface Place extends Partial<Pick<Packaging, 'form' | 'layer' | 'path' | 'entryPoint'>> {
  /** Behind `!/` in the name; null: the package is this one module. Default: the path. */
  readonly label?: string | null;
  /** Beside those of the package. */
  readonly grants?: Packaging['grants'];
  readonly settings?: Packaging['settings'];
  readonly oddities?: Packaging['oddities'];
  readonly natives?: Packaging['natives'];
}

/** Ways into a package, of any length in hostile ones. */
const LABEL_LENGTH = 4_096;

/** Bytes of a package as an artifact; a package inside it that is not unpacked is said to be one. */
export function packed(pack: Package, bytes: Uint8Array, place: Place): Artifact | Unopened {
  const kind = recognise(bytes);
  if (kind.format === 'webc') return unopened(pack, webc(nameOf(pack, place)), place);
  return { name: nameOf(pack, place), bytes, digest: `sha256:${hash('sha256', bytes, 'hex')}`, ...surroundings(pack, place) };
}

/** Something of a package whose bytes could not be had. */
export function unopened(pack: Package, failure: Failure, place: Place = {}): Unopened {
  return { name: nameOf(pack, place), failure, ...surroundings(pack, place) };
}

/** The failure for a Wasmer package, which is recognised and not unpacked. */
export function webc(name: string): Failure {
  return { kind: 'unreadable', code: 'webc', message: `Cannot read ${name}: it is a Wasmer package (WEBC), which is not unpacked; scan the modules in it` };
}

/** Where a layer is, as reports say. */
export function layerAt({ layers }: ImageManifest, index: number): NonNullable<Packaging['layer']> {
  const { mediaType, digest, size } = layers[index]!;
  return { mediaType, digest, size, index };
}

/** What reports say of the package and what brought it. */
export function surroundings(pack: Package, place: Place = {}): Surroundings {
  const { packaging, reference, carrier } = pack;
  const { label: _, grants = [], settings = [], oddities = [], natives = [], ...rest } = place;
  return {
    ...(reference !== null && { reference }),
    ...(carrier !== null && { carrier }),
    packaging: {
      ...packaging, ...rest,
      grants: [...packaging.grants, ...grants], settings: [...packaging.settings, ...settings],
      oddities: [...packaging.oddities, ...oddities], natives: [...packaging.natives, ...natives],
    },
  };
}

function nameOf({ name, within }: Package, { label, path }: Place): string {
  const way = [within, label === undefined ? path : label].filter((part) => part !== null && part !== undefined).join('/');
  return way === '' ? name : `${name}!/${way.slice(0, LABEL_LENGTH)}`;
}
