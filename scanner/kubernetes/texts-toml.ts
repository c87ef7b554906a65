import { parse } from 'smol-toml';
import { isRecord } from '../is-record.ts';
import { child, fields, grant, items, listGrant, type Loose, type Node, rootNode, setting, textOf } from './grants-node.ts';
import type { Grant, Setting } from '../grant.ts';
import { type Find, findAt, hashAt, type InnerPlace, type Tree } from './texts-find.ts';

/** UTF-16 code units of one TOML text; application manifests have some thousand. */
const TEXT_LENGTH = 1 << 19;
/** Places told exactly per text: each takes a search. */
const PLACES = 200;

/** Reads a TOML 1.0 text as a tree; null: it is none. Places are those of the first such text after the name of its key. */
export function tomlTree(text: string, place: (offset: number) => InnerPlace): Tree | null {
  if (text.length > TEXT_LENGTH) return null;
  try {
    const root = rootNode(parse(text, { maxDepth: 100 }));
    let located = 0;
    return { root, place: (at, inside) => place(located++ < PLACES ? offsetOf(text, at) + (inside ?? 0) : 0) };
  } catch {
    return null;
  }
}

/** TOML keeps no places, so that the value is searched after the nearest header and key that are written as they read. */
function offsetOf(text: string, at: Node): number {
  let from = 0;
  const way: Node[] = [];
  for (let node: Node | null = at; node?.up; node = node.up) way.push(node);
  for (const node of way.reverse()) {
    const key = /^\d+$/.test(node.key) ? -1 : text.indexOf(node.key, from);
    if (key >= 0) from = key;
  }
  const value = typeof at.value === 'string' && at.value !== '' ? text.indexOf(at.value, from) : -1;
  return value >= 0 ? value : from;
}

/** True where a text has a table or a key as TOML writes them; only reading it can tell. */
export function looksLikeToml(text: string): boolean {
  return isSpinManifest(text) || (/^[ \t]*\[[^\]\n]{1,200}\]/m.test(text) && /^[ \t]*[\w."'-]{1,200}[ \t]*=/m.test(text));
}

/** True where a text looks like the manifest of a Spin application. */
export function isSpinManifest(text: string): boolean {
  return /^[ \t]*["']?(?:spin_manifest_version|spin_version)["']?[ \t]*=/m.test(text);
}

const SPIN = { profile: 'spin', sure: true } as const;

/** The component sources of a Spin manifest, version 1 (a list of components) or 2 (a map of them), with what each is given. */
export function* spinFinds(tree: Tree): Iterable<Find> {
  const component = child(tree.root, 'component');
  for (const one of Array.isArray(component.value) ? items(component) : fields(component)) {
    yield* sourceFinds(tree, child(one, 'source'), [...spinGrants(one)]);
    for (const dependency of fields(child(one, 'dependencies'))) yield* sourceFinds(tree, dependency, []);
  }
}

function* sourceFinds(tree: Tree, source: Node, concerns: readonly (Loose<Grant> | Loose<Setting>)[]): Iterable<Find> {
  const about = { host: SPIN, signals: ['spin manifest'], concerns };
  if (typeof source.value === 'string' && source.up?.key !== 'dependencies') yield findAt(tree, source, { ...about, scheme: 'file' });
  if (!isRecord(source.value)) return;
  const [url, path, packageName] = [child(source, 'url'), child(source, 'path'), child(source, 'package')];
  if (textOf(url) !== null) yield findAt(tree, url, { ...about, scheme: 'http', hash: hashAt(child(source, 'digest'), 'bytes') });
  if (textOf(path) !== null) yield findAt(tree, path, { ...about, scheme: 'file' });
  // Which registry holds a package is told by configuration that is not here.
  if (textOf(packageName) !== null) yield findAt(tree, packageName, { ...about, scheme: 'volume' });
}

/** What a component of a Spin manifest is given. The same names stand in a locked application. */
function* spinGrants(component: Node): Iterable<Loose<Grant> | Loose<Setting>> {
  for (const key of ['allowed_outbound_hosts', 'allowed_http_hosts']) {
    const hosts = child(component, key);
    yield* listGrant(hosts, 'hosts', everyHost);
    const all = [...items(hosts)].find((host) => everyHost(textOf(host) ?? ''));
    if (all) yield setting(all, 'broad-scope', { text: `${key}: ${textOf(all)}`, meaning: 'The component may reach every host' });
  }
  const files = child(component, 'files');
  if (Array.isArray(files.value)) yield grant(files, 'files', [...items(files)].map((file) => textOf(file) ?? textOf(child(file, 'destination')) ?? textOf(child(file, 'source')) ?? ''));
  for (const key of ['environment', 'variables']) {
    const map = child(component, key);
    if (isRecord(map.value)) yield grant(map, 'environment', Object.keys(map.value));
  }
  yield* listGrant(child(component, 'key_value_stores'), 'key-value');
  yield* listGrant(child(component, 'sqlite_databases'), 'sql');
  yield* listGrant(child(component, 'ai_models'), 'ai');
  const inherits = child(component, 'dependencies_inherit_configuration');
  if (inherits.value === true) yield setting(inherits, 'broad-scope', { meaning: 'Every dependency has all that the component is given', confidence: 'medium' });
}

function everyHost(host: string): boolean {
  return host === 'insecure:allow-all' || /^(?:[a-z*]+:\/\/)?\*(?::(?:\*|\d+))?\/?$/i.test(host);
}
