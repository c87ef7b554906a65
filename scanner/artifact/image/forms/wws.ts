import type { Grant, Setting } from '../../../grant.ts';
import { type Fields } from '../manifest-fields.ts';
import { isRecord } from '../../../is-record.ts';
import { bundle, type BundleReader } from './bundle.ts';
import { grantOf, keyGrants, listGrants, settingOf, textsOf, type Given } from './given.ts';
import { tomlObject } from './text.ts';

/** Workers of wasm workers server: a module `name.wasm` with its settings in `name.toml` beside it. */
export const readWws: BundleReader = (files, name) => {
  const modules = new Set(files.filter(({ path }) => /\.wasm$/i.test(path)).map(({ path }) => path));
  const given = new Map<string, Given>();
  for (const { path, bytes } of files) {
    const module = path.replace(/\.toml$/, '.wasm');
    if (module === path || !modules.has(module)) continue;
    given.set(module, givenBy(tomlObject(bytes, `${path} of ${name}`)));
  }
  return given.size === 0 ? null : bundle('image', { given });
};

function givenBy(worker: Fields): Given {
  const features = isRecord(worker['features']) ? worker['features'] : {};
  const requests = isRecord(features['http_requests']) ? features['http_requests'] : {};
  const inference = isRecord(features['wasi_nn']) ? features['wasi_nn'] : {};
  const store = isRecord(worker['data']) && isRecord(worker['data']['kv']) ? worker['data']['kv']['namespace'] : undefined;
  const folders = textsOf(worker['folders'], 'from', 'to');
  const grants: Grant[] = [
    ...listGrants('hosts', 'features.http_requests.allowed_hosts', requests['allowed_hosts']),
    ...(folders.length > 0 ? [grantOf('files', 'folders', folders)] : []),
    ...keyGrants('environment', 'vars', worker['vars']),
    ...(typeof store === 'string' ? [grantOf('key-value', 'data.kv', [store])] : []),
    ...listGrants('ai', 'features.wasi_nn.allowed_backends', inference['allowed_backends']),
  ];
  return { grants, settings: [...hostVariables(worker['vars']), ...everyHost(grants)] };
}

/** A value that starts with `$` is read from the server's environment. */
function hostVariables(vars: unknown): Setting[] {
  if (!isRecord(vars)) return [];
  return Object.entries(vars).filter(([, value]) => typeof value === 'string' && value.startsWith('$')).slice(0, 100)
    .map(([key, value]) => settingOf('host-environment', `vars: ${key} = ${String(value)}`, 'The module reads a variable of the host process, which may hold a secret'));
}

function everyHost(grants: readonly Grant[]): Setting[] {
  return grants.filter(({ kind, everything }) => kind === 'hosts' && everything).map(({ field }) => settingOf('broad-scope', `${field}: *`, 'The worker may call every host'));
}
