import type { TargetProfile } from '../carrier.ts';
import { type CarrierContext, keysOf, storeIn } from './carriers-set.ts';
import { child, expand, fields, items, type Node, textOf } from './grants-node.ts';
import { ociHandler, runtimeNamed, WASM_PROGRAMS } from './pod-runtimes.ts';

/** Why something looks like Wasm, and on which host it runs, as far as a manifest tells. */
export interface Signals {
  readonly signals: readonly string[];
  readonly profile: TargetProfile | null;
}

/** A pod spec and what belongs to it. */
export interface PodParts {
  readonly spec: Node;
  /** Maps of annotations and labels that reach the pod. */
  readonly annotations: readonly Node[];
  readonly labels: Node;
  readonly namespace: string | null;
}

interface Signal {
  readonly text: string;
  readonly profile?: TargetProfile | null;
}

/** Characters of a value that a signal repeats. */
const SHOWN = 100;
/** Signals kept of one pod or container; more say no more. */
const KEPT = 50;
const VARIABLE = /^(?:SPIN_|WASMEDGE_|WASMTIME_HTTP_|KONG_WASM|io\.kuasar\.wasm\.)/;

/** The signals of a whole pod: each of its containers may then be Wasm. */
export function podSignals(pod: PodParts, context: CarrierContext): Signals {
  return gathered([...runtimeClass(pod, context), ...pod.annotations.flatMap((map) => [...fields(map)].flatMap(annotation)), ...scheduling(pod.spec), ...installers(pod.labels), ...pluginFolders(pod.spec)]);
}

/** The signals of one container. `pod` are those of its pod, which make `command: ["/"]` one more. */
export function containerSignals(container: Node, pod: Signals, { namespace }: Pick<PodParts, 'namespace'>, context: CarrierContext): Signals {
  const names = variablesOf(container, namespace, context);
  const mounts = expand(container, 'volumeMounts[].mountPath').filter((node) => textOf(node) === '/runtime-config.toml');
  return gathered([
    ...names.map((name) => ({ text: `env ${name.slice(0, SHOWN)}`, profile: profileOfVariable(name) })),
    ...mounts.map(() => ({ text: 'mount /runtime-config.toml', profile: 'spin' as const })),
    ...programSignals(container),
    ...(pod.signals.length > 0 && isSlash(container) ? [{ text: 'command: /' }] : []),
  ]);
}

/** The names of the variables of Wasm hosts that a container gets, those of ConfigMaps and Secrets of the set included. */
function variablesOf(container: Node, namespace: string | null, { set }: CarrierContext): readonly string[] {
  const own = expand(container, 'env[].name').map(textOf).filter((name) => name !== null && VARIABLE.test(name)) as string[];
  const others = [...items(child(container, 'envFrom'))].flatMap((source) => {
    const prefix = textOf(child(source, 'prefix')) ?? '';
    const stores = [storeOf(source, 'configMapRef', 'ConfigMap'), storeOf(source, 'secretRef', 'Secret')].filter((one) => one !== null);
    return stores.flatMap(({ kind, name }) => variablesIn(storeIn(set, kind, namespace, name) ?? NOTHING, prefix));
  });
  return [...own, ...others];
}

const VARIABLES = new WeakMap<object, Map<string, readonly string[]>>();

/** The variables that all keys of a ConfigMap or Secret make; read once for each prefix, however many containers take them. */
function variablesIn(store: Parameters<typeof keysOf>[0], prefix: string): readonly string[] {
  const byPrefix = VARIABLES.get(store.value) ?? new Map<string, readonly string[]>();
  VARIABLES.set(store.value, byPrefix);
  const names = byPrefix.get(prefix) ?? keysOf(store).map((key) => prefix + key).filter((name) => VARIABLE.test(name)).sort().slice(0, KEPT);
  byPrefix.set(prefix, names);
  return names;
}

const NOTHING = { value: {} } as Parameters<typeof keysOf>[0];

function storeOf(source: Node, key: string, kind: 'ConfigMap' | 'Secret'): { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string } | null {
  const name = textOf(child(source, key, 'name'));
  return name === null ? null : { kind, name };
}

function gathered(signals: readonly Signal[]): Signals {
  return { signals: [...new Set(signals.map(({ text }) => text))].sort().slice(0, KEPT), profile: signals.find(({ profile }) => profile !== undefined && profile !== null)?.profile ?? null };
}

/** The class by its handler, where the set or the cluster knows it, and by its name. */
function runtimeClass({ spec }: PodParts, { set, tools }: CarrierContext): readonly Signal[] {
  const name = textOf(child(spec, 'runtimeClassName'));
  if (name === null || name === '') return [];
  const text = `runtimeClassName: ${name.slice(0, SHOWN)}`;
  const known = tools.profileOfRuntimeClass?.(name) ?? null;
  if (known !== null) return known.wasm ? [{ text, profile: known.profile }] : [];
  const handler = set.handlers.get(name);
  const byHandler = handler === undefined ? null : runtimeNamed(handler);
  const byName = runtimeNamed(name);
  return [
    ...(byHandler === null ? [] : [{ text: `handler of runtime class ${name.slice(0, SHOWN)}: ${handler!.slice(0, SHOWN)}`, profile: byHandler.profile }]),
    ...(byName === null && byHandler === null ? [] : [{ text, profile: byName?.profile ?? null }]),
  ];
}

function annotation(node: Node): readonly Signal[] {
  const value = textOf(node);
  if (value === null) return [];
  const text = `annotation ${node.key.slice(0, SHOWN)}: ${value.slice(0, SHOWN)}`;
  if (node.key === 'run.oci.handler') {
    const handler = ociHandler(value);
    return handler === null ? [] : [{ text, profile: handler.profile }];
  }
  if (node.key === 'module.wasm.image/variant' || node.key.startsWith('module.wasm.image/')) return [{ text }];
  return /^alpha\.wa[sg]i\.krustlet\.dev\//.test(node.key) ? [{ text }] : [];
}

const ARCHITECTURE = /^(?:beta\.)?kubernetes\.io\/arch$/;

/** Node selectors, tolerations and affinities that ask for a node that runs Wasm. */
function* scheduling(spec: Node): Iterable<Signal> {
  for (const node of fields(child(spec, 'nodeSelector'))) {
    const value = textOf(node) ?? '';
    if (/wasm/i.test(value) || /wasm/i.test(node.key)) yield { text: `nodeSelector ${node.key.slice(0, SHOWN)}: ${value.slice(0, SHOWN)}` };
  }
  for (const toleration of items(child(spec, 'tolerations'))) {
    const [key, value] = [textOf(child(toleration, 'key')) ?? '', textOf(child(toleration, 'value')) ?? ''];
    if (/wasm/i.test(ARCHITECTURE.test(key) ? value : key)) yield { text: `toleration ${key.slice(0, SHOWN)}: ${value.slice(0, SHOWN)}` };
  }
  const affinity = child(spec, 'affinity', 'nodeAffinity');
  const terms = [...expand(affinity, 'requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[].matchExpressions[]'), ...expand(affinity, 'preferredDuringSchedulingIgnoredDuringExecution[].preference.matchExpressions[]')];
  for (const term of terms) {
    const key = textOf(child(term, 'key')) ?? '';
    const value = [...items(child(term, 'values'))].map(textOf).find((one) => /wasm/i.test(one ?? '')) ?? '';
    if (!/^(?:NotIn|DoesNotExist)$/.test(textOf(child(term, 'operator')) ?? '') && (value !== '' || /wasm/i.test(key))) yield { text: `nodeAffinity ${key.slice(0, SHOWN)}: ${value.slice(0, SHOWN)}` };
  }
}

/** Jobs that put a Wasm runtime on nodes. */
function* installers(labels: Node): Iterable<Signal> {
  for (const node of fields(labels)) if (/^(?:kwasm\.sh\/job|spinkube\.dev\/shimName)$/.test(node.key)) yield { text: `label ${node.key}` };
}

/** Folders of a node whose files its runtimes load as plug-ins. */
export const PLUGIN_FOLDERS: RegExp = /^\/+(?:opt\/nri\/plugins|etc\/nri|var\/run\/nri|run\/nri|usr(?:\/local)?\/lib(?:64)?\/wasmedge|root\/\.wasmedge|var\/lib\/containerd\/io\.containerd\.content)/;

function* pluginFolders(spec: Node): Iterable<Signal> {
  for (const node of expand(spec, 'volumes[].hostPath.path')) {
    const path = textOf(node) ?? '';
    if (PLUGIN_FOLDERS.test(path)) yield { text: `hostPath: ${path.slice(0, SHOWN)}` };
  }
}

function profileOfVariable(name: string): TargetProfile | null {
  if (name.startsWith('SPIN_')) return 'spin';
  if (name.startsWith('WASMTIME_HTTP_')) return 'runwasi-wasmtime';
  return name.startsWith('KONG_') ? 'proxy-wasm' : null;
}

/** A word of a command line. */
export interface Word {
  readonly text: string;
  /** The argument it stands in, and where in it. */
  readonly at: Node;
  readonly inside: number;
}

/** Words of a command line: of each argument of `command` and `args`, blanks inside taken as shells do. */
export function wordsOf(container: Node): readonly Word[] {
  return ['command', 'args'].flatMap((key) => [...items(child(container, key))]).flatMap((at) => [...(textOf(at) ?? '').matchAll(/[^\s;|&"'`()]+/g)].map((match) => ({ text: match[0], at, inside: match.index })));
}

/** A program by its file name: the last part of the path. */
export function programOf(text: string): string {
  return text.slice(text.lastIndexOf('/') + 1).replace(/\.exe$/i, '');
}

/** Whether a word names a file of Wasm; what follows `#` is the function that runwasi starts. */
export function namesWasm(text: string): boolean {
  return /[^/*]\.(?:c?wasm|wat|wasm\.so|aot)(?:#[\w$.-]*)?(?:\?[^ ]*)?$/i.test(text.slice(-300));
}

function* programSignals(container: Node): Iterable<Signal> {
  const words = wordsOf(container);
  for (const [index, { text, at }] of words.entries()) {
    const field = at.up!.key;
    const program = programOf(text);
    const profile = isProgramPlace(words, index) ? WASM_PROGRAMS.get(program) : undefined;
    if (profile !== undefined) yield { text: `${field}: ${program}`, profile };
    else if (namesWasm(text)) yield { text: `${field}: ${text.slice(-SHOWN)}` };
  }
}

/** A name of a program counts as one at the beginning, and after a shell or `exec`; elsewhere it is a word like another. */
function isProgramPlace(words: readonly Word[], index: number): boolean {
  const before = words[index - 1];
  return before === undefined || before.text === 'exec' || before.text === '--' || /^-[a-z]*c$/.test(before.text) || words[index]!.text.startsWith('/') || (before.at === words[index]!.at && /^(?:sh|bash|env|sudo|then|do)$/.test(programOf(before.text)));
}

function isSlash(container: Node): boolean {
  return textOf([...items(child(container, 'command'))][0] ?? child(container, 'command', '0')) === '/';
}
