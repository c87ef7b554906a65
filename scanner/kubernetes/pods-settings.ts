import type { Setting } from '../grant.ts';
import { isRecord } from '../is-record.ts';
import { placeOf } from './carriers-make.ts';
import { child, expand, items, type Node, pathOf, textOf } from './grants-node.ts';
import type { ManifestObject } from './object.ts';
import { namesWasm, PLUGIN_FOLDERS, wordsOf } from './pod-signals.ts';

/** What the settings of one container are read from; only of containers that may be Wasm. */
export interface ContainerParts {
  readonly object: ManifestObject;
  readonly spec: Node;
  readonly container: Node;
  /** The host paths of the pod, by the name of the volume. */
  readonly hostPaths: ReadonlyMap<string, Node>;
  /** Another container of the pod is plainly native. */
  readonly mixed: boolean;
}

type Said = Omit<Setting, 'place'> & { readonly at: Node };

/** What is remarkable about how a container that may be Wasm is set up. */
export function containerSettings({ object, spec, container, hostPaths, mixed }: ContainerParts): readonly Setting[] {
  const said = [...variables(container), ...mountedPaths(container, hostPaths), ...limits(spec, container), ...(mixed ? mixedPod(container) : [])];
  return said.map(({ at, ...rest }) => ({ ...rest, place: placeOf(object, object.base + pathOf(at)) }));
}

function* variables(container: Node): Iterable<Said> {
  for (const at of expand(container, 'env[].name')) {
    const name = textOf(at) ?? '';
    const text = `env ${name.slice(0, 100)}`;
    if (name === 'WASMEDGE_PLUGIN_PATH') yield { id: 'native-plug-in', text, meaning: 'The runtime loads shared objects from this folder, outside the sandbox', confidence: 'high', at };
    else if (name.startsWith('WASMEDGE_')) yield { id: 'host-environment', text, meaning: 'The WasmEdge shim copies this variable of the pod into its own process before it loads plug-ins', confidence: 'medium', at };
    else if (name === 'io.kuasar.wasm.nn_preload') yield { id: 'host-environment', text, meaning: 'The sandboxer on the host loads the models that this variable names', confidence: 'medium', at };
  }
}

/** The host paths of a pod spec, by the name of the volume. */
export function hostPathsOf(spec: Node): ReadonlyMap<string, Node> {
  return new Map([...items(child(spec, 'volumes'))].map((volume) => [textOf(child(volume, 'name')) ?? '', child(volume, 'hostPath', 'path')] as const).filter(([, path]) => textOf(path) !== null));
}

function* mountedPaths(container: Node, hostPaths: ReadonlyMap<string, Node>): Iterable<Said> {
  for (const name of hostPaths.size === 0 ? [] : mountsOf(container)) {
    const at = hostPaths.get(name);
    if (at === undefined) continue;
    const path = textOf(at) ?? '';
    const meaning = PLUGIN_FOLDERS.test(path) ? 'Whoever writes into this folder of the node adds plug-ins that its runtimes load' : 'A folder of the node reaches the module';
    yield { id: 'host-path', text: `hostPath: ${path.slice(0, 200)}`, meaning, confidence: 'high', at };
  }
}

/** The names of the volumes that a container sees, as folders and as devices. */
export function mountsOf(container: Node): ReadonlySet<string> {
  return new Set(['volumeMounts', 'volumeDevices'].flatMap((key) => expand(container, `${key}[].name`)).map((node) => textOf(node) ?? ''));
}

function* limits(spec: Node, container: Node): Iterable<Said> {
  const set = [container, spec].some((node) => child(node, 'resources', 'limits', 'memory').value !== undefined);
  if (set) return;
  const at = [child(container, 'resources', 'limits'), child(container, 'resources'), container].find(({ value }) => isRecord(value));
  yield { id: 'missing-limits', text: 'no resources.limits.memory', meaning: 'The module may take all memory of the node', confidence: 'medium', at: at ?? container };
}

function* mixedPod(container: Node): Iterable<Said> {
  yield { id: 'mixed-pod', text: 'Wasm and native containers', meaning: 'A native container shares network and volumes with the module, and its runtime must run both', confidence: 'low', at: container };
}

/** Whether a pod holds a container that plainly starts a native program next to one that may be Wasm. */
export function isMixed(containers: readonly Node[]): boolean {
  const native = containers.filter(startsNative).length;
  return native > 0 && native < containers.length;
}

/** Whether a container plainly starts a native program: its command names one, and nothing of Wasm is named. */
export function startsNative(container: Node): boolean {
  const command = textOf([...items(child(container, 'command'))][0] ?? child(container, 'none'));
  return command !== null && command !== '' && command !== '/' && !namesWasm(command) && !wordsOf(container).some(({ text }) => namesWasm(text));
}
