import type { Scheme } from '../carrier.ts';
import { items, type Node, child, textOf } from './grants-node.ts';
import { programOf, wordsOf } from './pod-signals.ts';
import { type Find, findAt, schemeOf, type Tree } from './texts-find.ts';
import { argumentFinds, searchLines } from './texts-lines.ts';

type Word = ReturnType<typeof wordsOf>[number];

/** Options of `spin up` that name the application. */
const SPIN_SOURCE = /^(?:-f|--from|--file|--from-file|--from-registry|--from-local)(?:=(.*))?$/s;
const KWCTL_ACTIONS = new Set(['run', 'pull', 'verify', 'inspect', 'annotate', 'push', 'scaffold', 'bench']);
/** Programs whose first file of Wasm is the module they run. */
const ENGINES = new Set(['wasmtime', 'wasmedge', 'wasmer', 'iwasm', 'wazero', 'wws', 'slight', 'lunatic', 'wasm3', 'wasmi', 'wasmi_cli', 'extism']);

/**
 * The modules that the arguments of a container name: `spin up -f REF`, `wasmtime run x.wasm`, `kwctl run REF`, `wash start component REF`,
 * `--host-plugin=image=REF`, and whatever address ends in .wasm. The image of the container is then a mere runner of them.
 */
export function runnerArguments(container: Node, tree: Tree): readonly Find[] {
  const words = wordsOf(container);
  const found = new Map<Node, Find[]>();
  const add = (find: Find, at: Node): void => {
    const others = found.get(at) ?? [];
    if (!others.some(({ reference }) => reference === find.reference)) found.set(at, [...others, find]);
  };
  for (const [index, word] of words.entries()) {
    const find = spinSource(words, index, tree) ?? engineModule(words, index, tree) ?? policy(words, index, tree) ?? component(words, index, tree) ?? download(word, tree);
    if (find !== null) add(find.find, find.at);
  }
  for (const at of ['command', 'args'].flatMap((key) => [...items(child(container, key))])) {
    const text = textOf(at);
    if (text !== null) for (const find of argumentFinds(tree, at, text.slice(0, 4_096), 0)) add(find, at);
  }
  for (const variable of items(child(container, 'env'))) {
    const at = child(variable, 'value');
    const [name, value] = [textOf(child(variable, 'name')) ?? '', textOf(at)];
    if (value === null) continue;
    for (const find of argumentFinds(tree, at, `${name}=${value}`, -name.length - 1)) add(find, at);
    if (/^https?:\/\/|^oci:\/\//i.test(value)) for (const find of searchLines(tree, at)) add({ ...find, certain: false, signals: [`env ${name.slice(0, 100)}`] }, at);
  }
  return [...found.values()].flat();
}

interface Made {
  readonly at: Node;
  readonly find: Find;
}

function make(tree: Tree, at: Node, parts: Omit<Parameters<typeof findAt>[2], 'inside'> & { readonly reference: string }): Made {
  const inside = (textOf(at) ?? '').indexOf(parts.reference);
  return { at, find: findAt(tree, at, { ...parts, ...(inside > 0 && { inside }) }) };
}

function spinSource(words: readonly Word[], index: number, tree: Tree): Made | null {
  const option = SPIN_SOURCE.exec(words[index]!.text);
  if (option === null || !words.slice(0, index).some(({ text }) => /^(?:up|watch)$/.test(text))) return null;
  const value = option[1] === undefined ? words[index + 1] : { text: option[1], at: words[index]!.at };
  if (value === undefined || value.text === '' || value.text.startsWith('-')) return null;
  const scheme: Scheme = /^[./]|\.toml$|^file:/i.test(value.text) ? 'file' : schemeOf(value.text, 'oci');
  return make(tree, value.at, { reference: value.text, scheme, certain: scheme !== 'file', host: { profile: 'spin', sure: false }, signals: [`${words[index]!.at.up!.key}: up ${option[1] === undefined ? words[index]!.text : words[index]!.text.split('=', 1)[0]!}`] });
}

/** The first file after the name of an engine; it stands in the image or on a volume, which are looked at as well. */
function engineModule(words: readonly Word[], index: number, tree: Tree): Made | null {
  const { text, at } = words[index]!;
  if (!/[^/*]\.(?:c?wasm|wat)$/i.test(text) || /^https?:/i.test(text) || text.startsWith('-')) return null;
  const engine = words.slice(0, index).map((word) => programOf(word.text)).findLast((name) => ENGINES.has(name));
  if (engine === undefined) return null;
  const host = engine === 'wasmtime' || engine === 'wasmedge' || engine === 'wasmer' || engine === 'wazero' || engine === 'wws' || engine === 'slight' || engine === 'extism' ? { profile: engine, sure: false } as const : null;
  return make(tree, at, { reference: text, scheme: schemeOf(text, 'file'), certain: false, host, signals: [`${at.up!.key}: ${engine}`] });
}

function policy(words: readonly Word[], index: number, tree: Tree): Made | null {
  const action = words.slice(0, index).findIndex((word, place) => place > 0 && KWCTL_ACTIONS.has(word.text) && programOf(words[place - 1]!.text) === 'kwctl');
  const { text, at } = words[index]!;
  if (action < 0 || text.startsWith('-')) return null;
  const scheme = schemeOf(text, /\.wasm$/i.test(text) && !text.includes(':') ? 'file' : 'oci');
  const written = /^(?:registry|https?|file):\/\//i.test(text);
  const first = words.slice(action + 1, index).every((word) => word.text.startsWith('-') && word.text.includes('='));
  if (!written && !(first && /[/:]/.test(text))) return null;
  return make(tree, at, { reference: text, scheme, host: { profile: 'kubewarden', sure: false }, signals: [`${at.up!.key}: kwctl`] });
}

/** `wash start component REF`, `wash start provider REF`; a provider is native. */
function component(words: readonly Word[], index: number, tree: Tree): Made | null {
  const kind = words[index - 1]?.text ?? '';
  if (!/^(?:component|actor|provider)$/.test(kind) || words[index - 2]?.text !== 'start' || !words.slice(0, index).some((word) => programOf(word.text) === 'wash')) return null;
  const { text, at } = words[index]!;
  return make(tree, at, { reference: text, scheme: schemeOf(text, /^[./]/.test(text) ? 'file' : 'oci'), role: kind === 'provider' ? 'native' : 'module', host: { profile: 'wasmcloud', sure: false }, signals: [`${at.up!.key}: wash start`] });
}

function download({ text, at }: Word, tree: Tree): Made | null {
  const address = /https?:\/\/[^\s"'`<>]+\.(?:c?wasm|wat)(?:\?[^\s"'`<>]*)?$/i.exec(text.slice(-4_096))?.[0];
  return address === undefined ? null : make(tree, at, { reference: address, scheme: 'http', certain: false, signals: [`${at.up!.key}: address of a .wasm file`] });
}
