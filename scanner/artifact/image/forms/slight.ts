import type { Grant } from '../../../grant.ts';
import { isRecord } from '../../../is-record.ts';
import { baseName, bundle, type BundleReader } from './bundle.ts';
import { grantOf, type Given } from './given.ts';
import { tomlObject } from './text.ts';

/** An image for slight: `slightfile.toml` lists the capabilities of every module beside it. */
export const readSlight: BundleReader = (files, name) => {
  const manifest = files.find(({ path }) => baseName(path) === 'slightfile.toml');
  if (manifest === undefined) return null;
  const listed = tomlObject(manifest.bytes, `${manifest.path} of ${name}`);
  const entries = [listed['capability'], listed['secret_store']].flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]));
  const resources = entries.flatMap((entry) => (isRecord(entry) && typeof entry['resource'] === 'string' ? [entry['resource']] : typeof entry === 'string' ? [entry] : []));
  const grants: Grant[] = resources.length === 0 ? [] : [grantOf('capabilities', 'capability', resources)];
  const given: Given = { grants, settings: [] };
  return bundle('image', { given: new Map(files.filter(({ path }) => /\.wasm$/i.test(path)).map(({ path }) => [path, given])) });
};
