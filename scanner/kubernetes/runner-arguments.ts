import type { Scheme } from '../carrier.ts';
import { items, type Node, child, textOf } from './grants-node.ts';
import { programOf, type Word, wordsOf } from './pod-signals.ts';
import { type Find, findAt, schemeOf, type Tree } from './texts-find.ts';
import { WASM_PROGRAMS } from './pod-runtimes.ts';
import { argumentFinds, searchLines } from './texts-lines.ts';

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
  const found = new Map<string, Find>();
  const add = (find: Find | null): void => {
    if (find !== null) found.set(`${find.pointer}\n${find.reference}`, found.get(`${find.pointer}\n${find.reference}`) ?? find);
  };
  const seen: Seen = { up: false, engine: null, policy: null, wash: false };
  const words = wordsOf(container);
  for (const [index, word] of words.entries()) {
    const before = { seen, previous: words[index - 1]?.text ?? '', last: words[index - 2]?.text ?? '', next: words[index + 1] };
    add(spinSource(tree, word, before) ?? engineModule(tree, word, before) ?? policy(tree, word, before) ?? component(tree, word, before) ?? download(tree, word));
    remember(seen, word.text, before.previous);
  }
  for (const at of ['command', 'args'].flatMap((key) => [...items(child(container, key))])) {
    for (const find of argumentFinds(tree, at, textOf(at) ?? '', 0)) add(find);
  }
  for (const variable of items(child(container, 'env'))) variableFinds(tree, variable).forEach(add);
  return [...found.values()];
}

/** What the words so far have said. */
interface Seen {
  /** `up` or `watch` of spin. */
  up: boolean;
  /** The engine named last. */
  engine: string | null;
  /** After an action of kwctl: whether its policy is still to come, and nothing but options stood since. */
  policy: 'next' | 'later' | null;
  wash: boolean;
}

interface Before {
  readonly seen: Readonly<Seen>;
  readonly previous: string;
  /** The word before the previous one. */
  readonly last: string;
  readonly next: Word | undefined;
}

function remember(seen: Seen, text: string, previous: string): void {
  const program = programOf(text);
  if (/^(?:up|watch)$/.test(text)) seen.up = true;
  if (ENGINES.has(program)) seen.engine = program;
  if (program === 'wash') seen.wash = true;
  if (KWCTL_ACTIONS.has(text) && programOf(previous) === 'kwctl') seen.policy = 'next';
  else if (seen.policy === 'next' && !/^-.*=/s.test(text)) seen.policy = 'later';
}

function variableFinds(tree: Tree, variable: Node): readonly Find[] {
  const at = child(variable, 'value');
  const [name, value] = [textOf(child(variable, 'name')) ?? '', textOf(at)];
  if (value === null) return [];
  const found = [...argumentFinds(tree, at, `${name}=${value}`, -name.length - 1)];
  const addresses = /^(?:https?|oci):\/\//i.test(value) ? [...searchLines(tree, at)] : [];
  return [...found, ...addresses.map((find) => ({ ...find, certain: false, signals: [`env ${name.slice(0, 100)}`] }))];
}

function make(tree: Tree, { at, inside }: Pick<Word, 'at' | 'inside'>, parts: Omit<Parameters<typeof findAt>[2], 'inside'> & { readonly reference: string }): Find {
  return findAt(tree, at, { ...parts, ...(inside > 0 && { inside }) });
}

function spinSource(tree: Tree, word: Word, { seen, next }: Before): Find | null {
  const option = seen.up ? SPIN_SOURCE.exec(word.text) : null;
  if (option === null) return null;
  const value = option[1] === undefined ? next : { text: option[1], at: word.at, inside: word.inside + word.text.length - option[1].length };
  if (value === undefined || value.text === '' || value.text.startsWith('-')) return null;
  const scheme: Scheme = /^[./]|\.toml$|^file:/i.test(value.text) ? 'file' : schemeOf(value.text, 'oci');
  return make(tree, value, { reference: value.text, scheme, certain: scheme !== 'file', host: { profile: 'spin', sure: false }, signals: [`${word.at.up!.key}: up ${word.text.split('=', 1)[0]!}`] });
}

/** A file after the name of an engine; it stands in the image or on a volume, which are looked at as well. */
function engineModule(tree: Tree, word: Word, { seen: { engine } }: Before): Find | null {
  const { text, at } = word;
  if (engine === null || !/[^/*]\.(?:c?wasm|wat)$/i.test(text.slice(-300)) || /^https?:/i.test(text) || text.startsWith('-')) return null;
  const profile = WASM_PROGRAMS.get(engine) ?? null;
  return make(tree, word, { reference: text, scheme: schemeOf(text, 'file'), certain: false, host: profile === null ? null : { profile, sure: false }, signals: [`${at.up!.key}: ${engine}`] });
}

function policy(tree: Tree, word: Word, { seen }: Before): Find | null {
  const { text, at } = word;
  if (seen.policy === null || text.startsWith('-')) return null;
  const written = /^(?:registry|https?|file):\/\//i.test(text);
  if (!written && !(seen.policy === 'next' && /[/:]/.test(text))) return null;
  const scheme = schemeOf(text, /\.wasm$/i.test(text.slice(-10)) && !text.includes(':') ? 'file' : 'oci');
  return make(tree, word, { reference: text, scheme, host: { profile: 'kubewarden', sure: false }, signals: [`${at.up!.key}: kwctl`] });
}

/** `wash start component REF`, `wash start provider REF`; a provider is native. */
function component(tree: Tree, word: Word, { seen, previous, last }: Before): Find | null {
  if (!seen.wash || last !== 'start' || !/^(?:component|actor|provider)$/.test(previous)) return null;
  const { text, at } = word;
  return make(tree, word, { reference: text, scheme: schemeOf(text, /^[./]/.test(text) ? 'file' : 'oci'), role: previous === 'provider' ? 'native' : 'module', host: { profile: 'wasmcloud', sure: false }, signals: [`${at.up!.key}: wash start`] });
}

/** Longer addresses than this are looked at by their end alone. */
const ADDRESS_LENGTH = 4_096;

function download(tree: Tree, word: Word): Find | null {
  const tail = word.text.slice(-ADDRESS_LENGTH);
  const start = tail.search(/https?:\/\//i);
  const address = start < 0 ? '' : tail.slice(start);
  if (!/[^/*]\.(?:c?wasm|wat)$/i.test(address.split('?', 1)[0]!.slice(-300))) return null;
  return make(tree, { at: word.at, inside: word.inside + word.text.length - address.length }, { reference: address, scheme: 'http', certain: false, signals: [`${word.at.up!.key}: address of a .wasm file`] });
}
