import type { Grant, Setting } from '../grant.ts';
import { child, type ConcernsOf, grant, isTrue, items, type Loose, type Node, setting, shared, textOf } from './grants-node.ts';
import { hashDisagrees, hostVariable, nativeCode, plainHttp } from './settings-common.ts';

type Found = Iterable<Loose<Grant> | Loose<Setting>>;

/** Namespaces whose plug-ins reach every proxy of a mesh, as installed by default. */
const ROOT_NAMESPACES = new Set(['istio-system', 'istio-config']);

/** What is remarkable about a WasmPlugin of Istio. */
export const wasmPlugin: ConcernsOf = function* (root, reference, namespace) {
  const spec = child(root, 'spec');
  yield* pluginAt(spec, spec, reference);
  yield* scope(spec, namespace);
};

/** What is remarkable about a TrafficExtension, whose plug-in stands one level deeper. */
export const trafficExtension: ConcernsOf = function* (root, reference, namespace) {
  const spec = child(root, 'spec');
  yield* pluginAt(child(spec, 'wasm'), spec, reference);
  yield* scope(spec, namespace);
  const lua = child(spec, 'lua');
  if (lua.value !== undefined) yield nativeCode(lua, 'lua', 'low');
};

/** What is remarkable about a WasmPlugin of Higress, which has rules of its own instead of a selector. */
export const higressPlugin: ConcernsOf = function* (root, reference) {
  const spec = child(root, 'spec');
  yield* pluginAt(spec, spec, reference);
  if (!isTrue(child(spec, 'defaultConfigDisable')) && child(spec, 'defaultConfig').value !== undefined) {
    yield setting(child(spec, 'defaultConfig'), 'broad-scope', { text: 'defaultConfig', meaning: 'The plug-in handles every route, not only those of matchRules', confidence: 'low' });
  }
};

/** What is remarkable about a WasmExtension of Tetrate. */
export const meshExtension: ConcernsOf = function* (root, reference) {
  const spec = child(root, 'spec');
  yield* pluginAt(spec, spec, reference);
};

function* pluginAt(plugin: Node, spec: Node, reference: Node): Found {
  const phase = textOf(child(spec, 'phase')) ?? textOf(child(plugin, 'phase'));
  yield* plainHttp(reference);
  yield* hashDisagrees(reference, child(plugin, 'sha256'));
  yield* failStrategy(child(plugin, 'failStrategy'), phase);
  const key = child(plugin, 'verificationKey');
  if (key.value !== undefined && key.value !== '') {
    yield setting(key, 'no-effect', { text: 'verificationKey', meaning: 'The proxy has never checked signatures with this key, so nothing is verified' });
  }
  yield* variables(child(plugin, 'vmConfig', 'env'));
}

function* failStrategy(strategy: Node, phase: string | null): Found {
  if (textOf(strategy)?.toUpperCase() !== 'FAIL_OPEN') return;
  const guards = phase === 'AUTHN' || phase === 'AUTHZ';
  yield setting(strategy, 'fail-open', {
    meaning: guards ? `Requests pass without the plug-in of phase ${phase} when it fails` : 'Requests pass without the plug-in when it fails',
    confidence: guards ? 'high' : phase === 'STATS' ? 'low' : 'medium',
  });
}

function* variables(list: Node): Found {
  if (!Array.isArray(list.value)) return;
  const names: string[] = [];
  for (const variable of items(list)) {
    const name = child(variable, 'name');
    names.push(textOf(name) ?? '');
    if (textOf(child(variable, 'valueFrom')) === 'HOST') yield hostVariable(name, textOf(name) ?? '');
  }
  yield grant(list, 'environment', names);
}

function* scope(spec: Node, namespace: string | null): Found {
  const root = namespace !== null && ROOT_NAMESPACES.has(namespace);
  const chosen = ['selector', 'targetRef', 'targetRefs'].some((key) => !isEmpty(child(spec, key)));
  if (chosen && !root) return;
  const where = root ? 'in every namespace of the mesh' : 'in its namespace';
  yield setting(child(spec, 'selector'), 'broad-scope', {
    text: chosen ? `namespace: ${namespace}` : 'no selector and no targetRefs',
    meaning: chosen ? `The plug-in reaches the chosen proxies ${where}` : `The plug-in reaches every proxy ${where}`,
    confidence: !chosen && root ? 'high' : root ? 'medium' : 'low',
  });
}

/** A selector without labels chooses everything, like none. */
function isEmpty({ value }: Node): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const keys = Object.keys(value);
  return keys.length === 0 || (keys.length === 1 && keys[0] === 'matchLabels' && isEmpty({ value: (value as { matchLabels: unknown }).matchLabels, key: '', up: null }));
}

/** What is remarkable about one Wasm extension of an EnvoyExtensionPolicy. */
export const extensionPolicy: ConcernsOf = function* (root, reference) {
  const source = reference.up;
  const entry = source?.up?.up;
  if (!source || !entry) return;
  yield* plainHttp(reference);
  yield* hashDisagrees(reference, child(source, 'sha256'), source.key === 'image' ? 'platform' : 'same');
  const failOpen = child(entry, 'failOpen');
  if (isTrue(failOpen)) yield setting(failOpen, 'fail-open', { meaning: 'Requests pass without the extension when it fails', confidence: 'medium' });
  const keys = child(entry, 'env', 'hostKeys');
  if (Array.isArray(keys.value)) yield grant(keys, 'environment', [...items(keys)].map((key) => textOf(key) ?? ''));
  for (const key of items(keys)) yield hostVariable(key, textOf(key) ?? '');
  yield* shared(root, 'siblings', () => siblings(child(root, 'spec')));
};

function* siblings(spec: Node): Found {
  for (const key of ['dynamicModule', 'dynamicModules', 'lua', 'extProc']) {
    const list = child(spec, key);
    if (Array.isArray(list.value) && list.value.length > 0) yield nativeCode(list, key, key.startsWith('dynamic') ? 'high' : 'low');
  }
}

/** What is remarkable about a filter of Gloo or wasme. */
export const glooFilter: ConcernsOf = function* (_root, reference) {
  yield* plainHttp(reference);
  const filter = reference.up?.key.endsWith('Source') ? reference.up?.up : reference.up;
  if (!filter) return;
  const failOpen = child(filter, 'failOpen');
  if (isTrue(failOpen)) yield setting(failOpen, 'fail-open', { meaning: 'Requests pass without the filter when it fails', confidence: 'medium' });
  const machine = child(filter, 'vmType');
  if (/null/i.test(textOf(machine) ?? '')) yield setting(machine, 'native-runtime', { meaning: 'The proxy runs native code of that name instead of Wasm' });
};
