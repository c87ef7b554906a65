import { type Fields } from '../manifest-fields.ts';
import { isRecord } from '../../../is-record.ts';
import { baseName, besideFile, bundle, type Bundle, type BundleReader } from './bundle.ts';
import { NOTHING_GIVEN, type Given } from './given.ts';
import { spinGiven } from './spin-grants.ts';
import { tomlObject } from './text.ts';

interface Draft {
  readonly given: Map<string, Given>;
  readonly missing: Bundle['missing'][number][];
}

/** A container image of Spin: `spin.toml` beside its modules; version 1 has a list of components, version 2 a map. */
export const readSpinImage: BundleReader = (files, name) => {
  const manifests = files.filter(({ path }) => baseName(path) === 'spin.toml');
  if (manifests.length === 0) return null;
  const paths = new Set(files.map(({ path }) => path));
  const draft: Draft = { given: new Map(), missing: [] };
  for (const { path, bytes } of manifests) {
    const manifest = tomlObject(bytes, `${path} of ${name}`);
    for (const [id, component] of componentsOf(manifest['component'])) {
      const dependencies = Object.entries(isRecord(component['dependencies']) ? component['dependencies'] : {});
      const given = spinGiven({
        lists: component, files: component['files'], environment: component['environment'], variables: component['variables'],
        declared: manifest['variables'], inherits: component['dependencies_inherit_configuration'] === true,
      });
      readSource(draft, component['source'], { label: `${path}/${id}`, file: path, paths, given });
      for (const [key, source] of dependencies) readSource(draft, isRecord(source) ? source : null, { label: `${path}/${id}/${key}`, file: path, paths, given: NOTHING_GIVEN });
    }
  }
  return bundle('spin-image', draft);
};

function componentsOf(component: unknown): (readonly [string, Fields])[] {
  if (Array.isArray(component)) return (component as unknown[]).flatMap((one, index) => (isRecord(one) ? [[typeof one['id'] === 'string' ? one['id'] : `component[${index}]`, one] as const] : []));
  return isRecord(component) ? Object.entries(component).flatMap(([id, one]) => (isRecord(one) ? [[id, one] as const] : [])) : [];
}

function readSource(draft: Draft, source: unknown, { label, file, paths, given }: { readonly label: string; readonly file: string; readonly paths: ReadonlySet<string>; readonly given: Given }): void {
  const written = typeof source === 'string' ? source : isRecord(source) && typeof source['path'] === 'string' ? source['path'] : null;
  const fail = (code: string, why: string): void => void draft.missing.push({ label, given, failure: { kind: 'unreadable', code, message: `Cannot read ${label.slice(0, 500)}: ${why}` } });
  if (written !== null) {
    const path = besideFile(file, written);
    const known = draft.given.get(path);
    if (!paths.has(path)) fail('missing-module', `the package does not hold ${path.slice(0, 500)}`);
    else draft.given.set(path, known === undefined ? given : { grants: [...known.grants, ...given.grants], settings: [...known.settings, ...given.settings] });
    return;
  }
  if (!isRecord(source)) return;
  const remote = typeof source['url'] === 'string' ? source['url'] : typeof source['package'] === 'string' ? `package ${source['package']}` : null;
  if (remote !== null) fail('remote-source', `it comes from ${remote.slice(0, 500)}, which is not fetched`);
}
