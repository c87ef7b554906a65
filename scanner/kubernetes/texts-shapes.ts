import type { Scheme } from '../carrier.ts';
import { decodeBase64 } from '../base64.ts';
import type { Grant, Setting } from '../grant.ts';
import { isRecord } from '../is-record.ts';
import { child, expand, grant, items, fields, listGrant, type Loose, loosely, type Node, plain, setting, textOf } from './grants-node.ts';
import { nativeCode, plainHttp } from './settings-common.ts';
import { policyGrants } from './settings-kubewarden.ts';
import { accessiblePaths, traefikPlugin } from './settings-others.ts';
import { type Find, type FindParts, hashAt, schemeOf, type ShapeFind, shapeFind, type Tree } from './texts-find.ts';

/** References of configuration that is known by its shape and stands at this map. */
export function* shapesAt(tree: Tree, node: Node): Iterable<ShapeFind> {
  if (!isRecord(node.value)) return;
  for (const shape of SHAPES) {
    for (const { at, ...parts } of shape(node)) yield shapeFind(tree, at, parts);
  }
}

type Shape = (node: Node) => Iterable<FindParts & { readonly at: Node }>;

const host = (profile: NonNullable<Find['host']>['profile']): { host: NonNullable<Find['host']>; signals: readonly string[] } => ({ host: { profile, sure: false }, signals: [`${profile} configuration`] });

const fluentBit: Shape = function* (node) {
  for (const key of ['wasmpath', 'wasipath']) {
    const at = loosely(node, key);
    if (textOf(at) !== null) yield { at, scheme: 'file', ...host('fluent-bit'), concerns: accessiblePaths(node, at, null) };
  }
};

const kubewarden: Shape = function* (node) {
  const module = child(node, 'module');
  const text = textOf(module);
  if (text === null) return;
  const known = ['settings', 'allowedToMutate', 'policyMode', 'contextAwareResources', 'mutating', 'timeoutEvalSeconds'].some((key) => child(node, key).value !== undefined);
  if (!known && !/^registry:\/\//i.test(text)) return;
  yield { at: module, scheme: schemeOf(text, 'oci'), ...host('kubewarden'), concerns: policyEntry(node, module) };
};

function* policyEntry(entry: Node, module: Node): Iterable<Loose<Grant> | Loose<Setting>> {
  yield* plainHttp(module);
  yield* policyGrants(entry);
  const mode = child(entry, 'policyMode');
  if (textOf(mode) === 'monitor') yield setting(mode, 'fail-open', { meaning: 'The policy only writes down what it would refuse', confidence: 'medium' });
}

const traefik: Shape = function* (node) {
  if (plain(node.key) !== 'experimental') return;
  for (const list of ['plugins', 'localplugins']) {
    for (const plugin of fields(loosely(node, list))) {
      const at = loosely(plugin, 'modulename');
      // Whether it is Wasm or interpreted Go stands in the plug-in itself.
      if (textOf(at) !== null) yield { at, scheme: 'volume', certain: false, ...host('traefik'), hash: hashAt(loosely(plugin, 'hash'), 'bytes'), concerns: traefikPlugin(plugin, at, null) };
    }
  }
};

const scheduler: Shape = function* (node) {
  const at = loosely(node, 'guesturl');
  if (textOf(at) !== null) yield { at, scheme: schemeOf(textOf(at)!, 'file'), ...host('scheduler'), concerns: plainHttp(at) };
};

const apisixAndKong: Shape = function* (node) {
  if (plain(node.key) === 'wasm') {
    for (const plugin of expand(node, 'plugins[]')) {
      const file = child(plugin, 'file');
      if (textOf(file) !== null) yield { at: file, scheme: 'file', ...host('proxy-wasm') };
    }
  }
  const folder = loosely(node, 'wasmfilterspath');
  if (textOf(folder) !== null) yield { at: folder, scheme: 'volume', ...host('proxy-wasm') };
};

const extism: Shape = function* (node) {
  const given: (Loose<Grant> | Loose<Setting>)[] = [];
  for (const module of items(child(node, 'wasm'))) {
    if (given.length === 0) given.push(...extismGrants(node));
    const about = { ...host('extism'), hash: hashAt(child(module, 'hash'), 'bytes'), concerns: given };
    for (const [key, scheme] of [['path', 'file'], ['url', 'http'], ['data', 'inline']] as const) {
      const at = child(module, key);
      const text = textOf(at);
      if (text === null) continue;
      const bytes = scheme === 'inline' ? decodeBase64(text) : null;
      yield { at, scheme: scheme === 'http' ? schemeOf(text, 'http') : scheme, ...about, concerns: [...about.concerns, ...plainHttp(at)], ...(scheme === 'inline' && { reference: '' }), ...(bytes && { bytes }) };
    }
  }
};

function* extismGrants(node: Node): Iterable<Loose<Grant> | Loose<Setting>> {
  yield* listGrant(loosely(node, 'allowedhosts'), 'hosts');
  const paths = loosely(node, 'allowedpaths');
  if (isRecord(paths.value)) yield grant(paths, 'files', Object.keys(paths.value), { everything: Object.hasOwn(paths.value, '/') });
  const config = child(node, 'config');
  if (isRecord(config.value)) yield grant(config, 'environment', Object.keys(config.value));
  if (child(node, 'memory').value === undefined && loosely(node, 'timeoutms').value === undefined) {
    yield setting(child(node, 'memory'), 'missing-limits', { text: 'neither memory nor timeout_ms', meaning: 'Nothing bounds the memory and the time of a call', confidence: 'low' });
  }
}

const helmPlugin: Shape = function* (node) {
  const runtime = child(node, 'runtime');
  if (textOf(runtime) !== 'extism/v1') return;
  yield { at: runtime, reference: 'plugin.wasm', scheme: 'file', host: { profile: 'extism', sure: true }, signals: ['runtime: extism/v1'], concerns: helmGrants(child(node, 'runtimeConfig')) };
};

function* helmGrants(config: Node): Iterable<Loose<Grant> | Loose<Setting>> {
  const hosts = child(config, 'allowedHosts');
  if (Array.isArray(hosts.value)) yield* listGrant(hosts, 'hosts');
  else yield grant(hosts, 'hosts', [], { field: 'allowedHosts' });
  const folder = child(config, 'fileSystem', 'createTempDir');
  if (folder.value === true) yield grant(folder, 'files', ['/tmp'], { field: 'fileSystem.createTempDir' });
  yield* listGrant(child(config, 'hostFunctions'), 'imports');
  if (child(config, 'memory').value === undefined && child(config, 'timeout').value === undefined) {
    yield setting(child(config, 'memory'), 'missing-limits', { text: 'neither memory nor timeout', meaning: 'Nothing bounds the memory and the time of a call', confidence: 'low' });
  }
}

const hostPlugins: Shape = function* (node) {
  const digest = child(node, 'digest');
  if (textOf(child(node, 'id')) === null || !/plugins?$/.test(plain(node.up?.key ?? ''))) return;
  for (const [key, scheme] of [['image', 'oci'], ['file', 'file']] as const satisfies readonly (readonly [string, Scheme])[]) {
    const at = child(node, key);
    if (textOf(at) !== null) yield { at, scheme: schemeOf(textOf(at)!, scheme), role: 'native', ...host('wasmcloud'), hash: hashAt(digest, 'either'), concerns: [nativeCode(at, `host plug-in ${textOf(at)}`, 'medium')] };
  }
};

const SHAPES: readonly Shape[] = [fluentBit, kubewarden, traefik, scheduler, apisixAndKong, extism, helmPlugin, hostPlugins];
