import { LIMITS } from '../../../wasm/limits.ts';
import { jsonObject, unreadable } from '../manifest-fields.ts';
import { isRecord } from '../../../is-record.ts';
import { baseName, besideFile, bundle, type BundleReader } from './bundle.ts';
import { NOTHING_GIVEN } from './given.ts';

/** A bundle of Open Policy Agent: `policy.wasm` beside data, or where `.manifest` says so. */
export const readOpaBundle: BundleReader = (files, name) => {
  const paths = new Set(files.map(({ path }) => path));
  const manifest = files.find(({ path }) => baseName(path) === '.manifest' && (path === '.manifest' || paths.has(besideFile(path, 'policy.wasm'))));
  if (manifest === undefined) return paths.has('policy.wasm') ? bundle('opa-bundle') : null;
  const modules = jsonObject(manifest.bytes, `${manifest.path} of ${name}`)['wasm'];
  if (modules === undefined || modules === null) return paths.has('policy.wasm') ? bundle('opa-bundle') : null;
  if (!Array.isArray(modules) || modules.length > LIMITS.imageModules) throw unreadable('malformed-bundle', `Cannot read ${manifest.path} of ${name}: wasm is no list of at most ${LIMITS.imageModules} entries`);
  const named = new Set((modules as unknown[]).map((entry) => (isRecord(entry) && typeof entry['module'] === 'string' ? besideFile(manifest.path, entry['module'].replace(/^\/+/, '')) : '')));
  const missing = [...named].filter((path) => !paths.has(path)).map((path) => ({
    label: path, given: NOTHING_GIVEN,
    failure: { kind: 'unreadable' as const, code: 'missing-module', message: `Cannot read ${path.slice(0, 500)} of ${name}: the bundle names it and does not hold it` },
  }));
  return bundle('opa-bundle', { missing });
};
