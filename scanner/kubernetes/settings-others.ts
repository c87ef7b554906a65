import { child, type ConcernsOf, grant, items, listGrant, loosely, setting, textOf } from './grants-node.ts';
import { hostVariable, plainHttp } from './settings-common.ts';

/** The folders that Fluent Bit opens to a filter or input; without a list its working folder. */
export const accessiblePaths: ConcernsOf = function* (_root, reference) {
  const holder = reference.up;
  if (!holder) return;
  const paths = loosely(holder, 'accessiblepaths');
  if (Array.isArray(paths.value)) yield* listGrant(paths, 'files', (value) => value === '/');
  else {
    const values = (textOf(paths) ?? '.').split(/[\s,]+/).filter((value) => value !== '');
    yield grant(paths, 'files', values, { everything: values.includes('/'), field: paths.value === undefined ? 'accessible_paths' : paths.key });
  }
};

/** What is remarkable about a guest of the scheduler extension: it runs in the control plane. */
export const schedulerGuest: ConcernsOf = function* (_root, reference) {
  yield* plainHttp(reference);
};

/** What Traefik gives a plug-in of its static configuration. */
export const traefikPlugin: ConcernsOf = function* (_root, reference) {
  const settings = reference.up ? child(reference.up, 'settings') : null;
  if (!settings) return;
  const [mounts, envs] = [child(settings, 'mounts'), child(settings, 'envs')];
  yield* listGrant(mounts, 'files', (value) => value === '/' || value.startsWith('/:'));
  for (const mount of items(mounts)) yield setting(mount, 'host-path', { text: `mounts: ${textOf(mount) ?? ''}`, meaning: 'A folder of the proxy reaches the plug-in', confidence: textOf(mount)?.endsWith(':ro') ? 'low' : 'medium' });
  yield* listGrant(envs, 'environment');
  for (const name of items(envs)) yield hostVariable(name, textOf(name) ?? '');
  const unsafe = loosely(settings, 'useunsafe');
  if (unsafe.value === true) yield setting(unsafe, 'native-runtime', { meaning: 'Interpreted plug-ins may use unsafe memory and system calls' });
};
