import type { Grant, Setting } from '../../../grant.ts';
import { type Fields } from '../manifest-fields.ts';
import { isRecord } from '../../../is-record.ts';
import { baseName, besideFile, bundle, type BundleReader } from './bundle.ts';
import { grantOf, listGrants, settingOf, type Given } from './given.ts';
import { yamlObject } from './text.ts';

/** A plug-in of Helm 4 that runs in Extism: `plugin.yaml` with runtime `extism/v1` beside `plugin.wasm`. */
export const readHelmPlugIn: BundleReader = (files, name) => {
  const given = new Map<string, Given>();
  for (const { path, bytes } of files) {
    // Other programs have a plugin.yaml too, and theirs need not be YAML that we read.
    if (baseName(path) !== 'plugin.yaml' || !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('extism/v1')) continue;
    const manifest = yamlObject(bytes, `${path} of ${name}`);
    if (manifest['runtime'] === 'extism/v1') given.set(besideFile(path, 'plugin.wasm'), givenBy(isRecord(manifest['runtimeConfig']) ? manifest['runtimeConfig'] : {}));
  }
  return given.size === 0 ? null : bundle('helm-plug-in', { given });
};

function givenBy(config: Fields): Given {
  const folder = isRecord(config['fileSystem']) && config['fileSystem']['createTempDir'] === true;
  const functions = Array.isArray(config['hostFunctions']) ? (config['hostFunctions'] as unknown[]).flatMap((one) => (typeof one === 'string' ? [one] : isRecord(one) && typeof one['name'] === 'string' ? [one['name']] : [])) : [];
  const grants: Grant[] = [
    ...listGrants('hosts', 'allowedHosts', config['allowedHosts']),
    ...(folder ? [grantOf('files', 'fileSystem.createTempDir', ['temporary directory'])] : []),
    ...(functions.length > 0 ? [grantOf('imports', 'hostFunctions', functions)] : []),
  ];
  return { grants, settings: [...everyHost(grants), ...unbounded(config)] };
}

function everyHost(grants: readonly Grant[]): Setting[] {
  return grants.filter(({ kind, everything }) => kind === 'hosts' && everything).map(({ field }) => settingOf('broad-scope', `${field}: *`, 'The plug-in may call every host'));
}

function unbounded(config: Fields): Setting[] {
  const missing = ['memory', 'timeout'].filter((key) => config[key] === undefined);
  return missing.length === 0 ? [] : [settingOf('missing-limits', `no ${missing.join(' and no ')}`, 'Nothing bounds what the plug-in takes', 'low')];
}
