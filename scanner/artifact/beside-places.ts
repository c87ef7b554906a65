import { basename, dirname } from 'node:path';
import type { SourcePlace } from '../grant.ts';
import type { Bundle, PackagedFile } from './image/forms/bundle.ts';
import type { Given } from './image/forms/given.ts';

/** A module in a folder, and the manifests around it. */
export interface Around {
  readonly form: Bundle['form'];
  /** Path of the module, or of the manifest where it is known; as those of the files. */
  readonly module?: string;
  readonly manifest?: string;
  /** The manifests. */
  readonly files: readonly PackagedFile[];
  /** What a manifest is called in reports. */
  readonly nameOf: (path: string) => string;
}

/** Names of manifests by what is made of them. */
const MANIFESTS: Readonly<Partial<Record<Bundle['form'], RegExp>>> = { 'spin-image': /^spin\.toml$/, 'helm-plug-in': /^plugin\.yaml$/, 'extism-manifest': /\.json$/, image: /^slightfile\.toml$/, archive: /^wasmer\.toml$/ };

/** What a module is given, with the lines of the manifest; without, where more than one may be meant. */
export function placedGiven({ grants, settings }: Given, around: Around): Given {
  const manifest = manifestOf(around);
  if (manifest === null) return { grants, settings };
  const text = new TextDecoder().decode(manifest.bytes);
  const placed = (field: string): SourcePlace => placeIn(text, field, around.nameOf(manifest.path));
  return { grants: grants.map((one) => ({ ...one, place: placed(one.field) })), settings: settings.map((one) => ({ ...one, place: placed(one.text.split(': ', 1)[0]!) })) };
}

/** The only manifest of its kind that speaks of the module: by its file name, or by lying beside it as plug-ins of Helm do. */
function manifestOf({ form, module = '', manifest, files }: Around): PackagedFile | null {
  const speaks = ({ path, bytes }: PackagedFile): boolean => (form === 'helm-plug-in' ? dirname(path) === dirname(module) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(basename(module)));
  const named = files.filter((file) => (manifest === undefined ? MANIFESTS[form]?.test(basename(file.path)) === true && speaks(file) : file.path === manifest));
  return named.length === 1 ? named[0]! : null;
}

/** The line of a field that is written once; else the beginning. The pointer names the field, since TOML knows no pointers. */
function placeIn(text: string, field: string, file: string): SourcePlace {
  const key = field.slice(field.lastIndexOf('.') + 1);
  const at = text.indexOf(key);
  const once = key !== '' && at >= 0 && !text.includes(key, at + key.length);
  const before = once ? text.slice(0, at).split('\n') : [''];
  return { file, document: 0, pointer: `/${field}`, line: before.length, column: before.at(-1)!.length + 1 };
}
