import { decodeBase64 } from '../base64.ts';
import type { Grant, Setting } from '../grant.ts';
import { isRecord } from '../is-record.ts';
import { fields, grant, isTrue, items, type Loose, loosely, type Node, pathOf, plain, setting, textOf } from './grants-node.ts';
import { hostVariables, nativeCode, plainHttp } from './settings-common.ts';
import { type Find, hashAt, schemeOf, type ShapeFind, shapeFind, type Tree } from './texts-find.ts';

const HOST = { profile: 'proxy-wasm', sure: true } as const;

/**
 * References of a Wasm VM configuration of Envoy that stands at a map, whatever names it and in either spelling of its keys:
 * a map with `code`, which holds `local` or `remote`. Also the native library of a dynamic module.
 */
export function* envoyAt(tree: Tree, node: Node): Iterable<ShapeFind> {
  if (!isRecord(node.value)) return;
  for (const code of codesOf(node)) yield* codeFinds(tree, node, code);
  if (plain(node.key) === 'dynamicmoduleconfig') yield* dynamicModule(tree, node);
}

/** Each spelling counts, so that a second `code` hides nothing behind a first. */
function* codesOf(node: Node): Iterable<Node> {
  for (const key of Object.keys(node.value as object)) {
    if (plain(key) !== 'code') continue;
    yield { value: (node.value as Readonly<Record<string, unknown>>)[key], key, up: node };
  }
}

function* codeFinds(tree: Tree, machine: Node, code: Node): Iterable<ShapeFind> {
  const runtime = textOf(loosely(machine, 'runtime')) ?? '';
  const concerns = (reference: Node): Iterable<Loose<Grant> | Loose<Setting>> => machineConcerns(machine, reference);
  for (const source of fields(code)) {
    const kind = plain(source.key);
    for (const field of fields(source)) {
      const about = { host: HOST, signals: [signal(machine, field)], concerns: concerns(field) };
      if (kind === 'local') yield* localFind(tree, field, { ...about, runtime });
      if (kind !== 'remote' || plain(field.key) !== 'httpuri') continue;
      const uri = loosely(field, 'uri');
      if (uri.value !== undefined) yield shapeFind(tree, uri, { ...about, concerns: concerns(uri), scheme: schemeOf(textOf(uri) ?? '', 'http'), hash: hashAt(loosely(source, 'sha256'), 'bytes') });
    }
  }
}

type About = Pick<Find, 'host' | 'signals'> & { readonly concerns: Iterable<Loose<Grant> | Loose<Setting>>; readonly runtime: string };

function* localFind(tree: Tree, field: Node, { runtime, ...about }: About): Iterable<ShapeFind> {
  const text = textOf(field) ?? '';
  switch (plain(field.key)) {
    case 'filename':
      yield shapeFind(tree, field, { ...about, scheme: 'file' });
      return;
    case 'environmentvariable':
      yield shapeFind(tree, field, { ...about, scheme: 'volume' });
      return;
    case 'inlinebytes':
      yield inline(tree, field, decodeBase64(text), about);
      return;
    case 'inlinestring':
      // A name and no code: a plug-in compiled into the proxy.
      if (isNull(runtime) || !looksLikeModule(text)) yield shapeFind(tree, field, { ...about, scheme: 'builtin', role: isNull(runtime) ? 'native' : 'module' });
      else yield inline(tree, field, new TextEncoder().encode(text), about);
      return;
    default:
  }
}

function inline(tree: Tree, field: Node, bytes: Uint8Array | null, about: Omit<About, 'runtime'>): ShapeFind {
  return shapeFind(tree, field, { ...about, scheme: 'inline', reference: '', ...(bytes !== null && bytes.length > 0 && { bytes }) });
}

function looksLikeModule(text: string): boolean {
  return text.startsWith('\0asm') || /^\s*(?:;;[^\n]*\n\s*|\(;)*\((?:module|component)\b/.test(text.slice(0, 1000)) || text.length > 200;
}

function isNull(runtime: string): boolean {
  return /(?:^|\.)null$/i.test(runtime);
}

function signal(machine: Node, field: Node): string {
  const path = pathOf(field).split('/').slice(-3).join('.');
  return plain(machine.key) === 'vmconfig' ? `${machine.key}.${path}` : path;
}

function* machineConcerns(machine: Node, reference: Node): Iterable<Loose<Grant> | Loose<Setting>> {
  const plugin = plain(machine.key) === 'vmconfig' && machine.up ? machine.up : machine;
  yield* plainHttp(reference);
  const precompiled = loosely(machine, 'allowprecompiled');
  if (isTrue(precompiled)) yield setting(precompiled, 'precompiled-allowed', { meaning: 'The proxy may run native code that comes inside the module' });
  const runtime = loosely(machine, 'runtime');
  if (isNull(textOf(runtime) ?? '')) yield setting(runtime, 'native-runtime', { meaning: 'The proxy runs native code of that name, without any sandbox' });
  yield* environment(loosely(machine, 'environmentvariables'));
  yield* failure(plugin);
  yield* capabilities(plugin);
}

const ENVIRONMENTS = new WeakMap<object, readonly (Loose<Grant> | Loose<Setting>)[]>();

/** Read once for each machine, however many spellings of its code there are. */
function environment(variables: Node): readonly (Loose<Grant> | Loose<Setting>)[] {
  if (!isRecord(variables.value)) return [];
  const known = ENVIRONMENTS.get(variables.value) ?? [...readEnvironment(variables)];
  ENVIRONMENTS.set(variables.value, known);
  return known;
}

function* readEnvironment(variables: Node): Iterable<Loose<Grant> | Loose<Setting>> {
  const keys = loosely(variables, 'hostenvkeys');
  const pairs = loosely(variables, 'keyvalues');
  if (Array.isArray(keys.value)) yield grant(keys, 'environment', [...items(keys)].map((key) => textOf(key) ?? ''));
  yield* hostVariables(keys);
  if (isRecord(pairs.value)) yield grant(pairs, 'environment', Object.keys(pairs.value));
}

function* failure(plugin: Node): Iterable<Loose<Setting>> {
  const open = loosely(plugin, 'failopen');
  const policy = loosely(plugin, 'failurepolicy');
  const meaning = 'Requests pass without the plug-in when it fails';
  if (isTrue(open)) yield setting(open, 'fail-open', { meaning, confidence: 'medium' });
  // By its number in the API as well, which is how some tools write it.
  if (/^(?:FAIL_OPEN|3)$/i.test(textOf(policy) ?? '')) yield setting(policy, 'fail-open', { meaning, confidence: 'medium' });
}

/** The host lets a plug-in call everything unless a list with entries says otherwise. */
function* capabilities(plugin: Node): Iterable<Loose<Grant>> {
  const allowed = loosely(plugin, 'capabilityrestrictionconfig', 'allowedcapabilities');
  const names = isRecord(allowed.value) ? Object.keys(allowed.value) : [];
  yield grant(allowed, 'capabilities', names, { everything: names.length === 0, field: 'allowed_capabilities' });
}

function* dynamicModule(tree: Tree, config: Node): Iterable<ShapeFind> {
  const name = loosely(config, 'name');
  if (textOf(name) === null) return;
  yield shapeFind(tree, name, { scheme: 'volume', role: 'native', host: null, signals: [config.key], concerns: [nativeCode(name, `dynamic module ${textOf(name)}`)] });
}
