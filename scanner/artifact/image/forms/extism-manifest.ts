import { hash } from 'node:crypto';
import { decodeBase64 } from '../../../base64.ts';
import type { Grant, Setting } from '../../../grant.ts';
import type { PackageOddity } from '../../../packaging.ts';
import { LIMITS } from '../../../wasm/limits.ts';
import { type Fields, jsonObject, unreadable } from '../manifest-fields.ts';
import { isRecord } from '../../../is-record.ts';
import { baseName, besideFile, bundle, type Bundle, type BundleReader, type PackagedFile } from './bundle.ts';
import { grantOf, listGrants, settingOf, type Given } from './given.ts';

interface Draft {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly name: string;
  readonly given: Map<string, Given>;
  readonly missing: Bundle['missing'][number][];
  readonly inlined: Bundle['inlined'][number][];
  readonly oddities: Map<string, readonly PackageOddity[]>;
}

/** Manifests of Extism: JSON with a list `wasm` of paths, URLs or inlined bytes, each with an optional SHA-256. */
export const readExtismManifest: BundleReader = (files, name) => {
  const manifests = files.filter(mayBeManifest).map((file) => ({ file, fields: extismFields(file, name) })).filter(({ fields }) => fields !== null);
  if (manifests.length === 0) return null;
  const draft: Draft = { files: new Map(files.map(({ path, bytes }) => [path, bytes])), name, given: new Map(), missing: [], inlined: [], oddities: new Map() };
  for (const { file, fields } of manifests) {
    const given = givenBy(fields!);
    for (const [index, entry] of (fields!['wasm'] as readonly unknown[]).entries()) readEntry(draft, file.path, { entry, index, given });
  }
  return bundle('extism-manifest', draft);
};

/** Names under which manifests of Extism are kept. */
export const EXTISM_NAMES: ReadonlySet<string> = new Set(['manifest.json', 'extism.json', 'extism-manifest.json', 'plugin.json']);

/** Any other JSON is data. A package of one file is what its content says. */
function mayBeManifest({ path, bytes }: PackagedFile, _index: number, files: readonly PackagedFile[]): boolean {
  const named = files.length === 1 || EXTISM_NAMES.has(baseName(path));
  return named && bytes.length <= LIMITS.artifactBytes && /^\s*\{/.test(Buffer.from(bytes.subarray(0, 256)).toString('latin1'));
}

/** The manifest's fields, null where the JSON has nothing of Extism's. */
function extismFields({ path, bytes }: PackagedFile, name: string): Fields | null {
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('"wasm"')) return null;
  const fields = jsonObject(bytes, `${path} of ${name}`, MANIFEST_BYTES);
  const { wasm } = fields;
  if (!Array.isArray(wasm) || !wasm.some((entry: unknown) => isRecord(entry) && ['path', 'url', 'data'].some((key) => typeof entry[key] === 'string'))) return null;
  if (wasm.length > LIMITS.imageModules) throw unreadable('limit-exceeded', `Cannot read ${path} of ${name}: it names more than ${LIMITS.imageModules} modules`);
  return fields;
}

/** Modules stand inside as base64, so that a manifest may be as long as they are. */
const MANIFEST_BYTES = 64 << 20;

function readEntry(draft: Draft, file: string, { entry, index, given }: { readonly entry: unknown; readonly index: number; readonly given: Given }): void {
  if (!isRecord(entry)) return;
  const label = typeof entry['name'] === 'string' ? `${file}/${entry['name']}` : `${file}/wasm[${index}]`;
  const expected = typeof entry['hash'] === 'string' ? entry['hash'].toLowerCase() : null;
  const fail = (code: string, why: string): void => void draft.missing.push({ label, given, failure: { kind: 'unreadable', code, message: `Cannot read ${label.slice(0, 500)} of ${draft.name}: ${why}` } });
  if (typeof entry['data'] === 'string') {
    const bytes = decodeBase64(entry['data']);
    if (bytes === null) return fail('malformed-base64', 'its data is no base64');
    compare(draft, label, { bytes, expected });
    draft.inlined.push({ label, path: label, bytes, given });
    return;
  }
  if (typeof entry['path'] === 'string') {
    const path = besideFile(file, entry['path']);
    const bytes = draft.files.get(path) ?? draft.files.get(besideFile('', entry['path']));
    if (bytes === undefined) return fail('missing-module', `the package does not hold ${path.slice(0, 500)}`);
    const found = draft.files.has(path) ? path : besideFile('', entry['path']);
    compare(draft, found, { bytes, expected });
    draft.given.set(found, merged(draft.given.get(found), given));
    return;
  }
  if (typeof entry['url'] === 'string') fail('remote-source', `it comes from ${entry['url'].slice(0, 500)}, which is not fetched`);
}

function compare({ oddities }: Draft, path: string, { bytes, expected }: { readonly bytes: Uint8Array; readonly expected: string | null }): void {
  const found = hash('sha256', bytes, 'hex');
  if (expected === null || expected === found) return;
  oddities.set(path, [{ id: 'digest-disagrees', message: `The manifest says hash ${expected.slice(0, 80)} of a module that has ${found}` }]);
}

function merged(one: Given | undefined, other: Given): Given {
  return one === undefined ? other : { grants: [...one.grants, ...other.grants], settings: [...one.settings, ...other.settings] };
}

function givenBy(fields: Fields): Given {
  const paths = isRecord(fields['allowed_paths']) ? Object.entries(fields['allowed_paths']).map(([host, guest]) => `${host}:${typeof guest === 'string' ? guest : ''}`) : [];
  const grants: Grant[] = [...listGrants('hosts', 'allowed_hosts', fields['allowed_hosts']), ...(paths.length > 0 ? [grantOf('files', 'allowed_paths', paths)] : [])];
  return { grants, settings: settingsOf(fields, grants) };
}

function settingsOf(fields: Fields, grants: readonly Grant[]): Setting[] {
  const settings = grants.filter(({ kind, everything }) => kind === 'hosts' && everything).map(({ field }) => settingOf('broad-scope', `${field}: *`, 'The module may call every host'));
  const missing = [...(isRecord(fields['memory']) ? [] : ['memory']), ...(fields['timeout_ms'] === undefined ? ['timeout_ms'] : [])];
  return missing.length === 0 ? settings : [...settings, settingOf('missing-limits', `no ${missing.join(' and no ')}`, 'Nothing bounds what the module takes', 'low')];
}
