import type { Grant, Setting } from '../grant.ts';
import { isRecord } from '../is-record.ts';
import { child, type ConcernsOf, fields, grant, items, listGrant, type Loose, type Node, setting, shared, textOf } from './grants-node.ts';
import { nativeCode, plainHttp } from './settings-common.ts';
import { hostPath } from './grants-spin.ts';

type Found = Iterable<Loose<Grant> | Loose<Setting>>;

/** What a workload of wasmCloud 2 gives the component or service whose image a reference names. */
export const workload: ConcernsOf = function* (root, reference) {
  const part = reference.up;
  const spec = part === null ? null : part.key === 'service' ? part.up : (part.up?.up ?? null);
  yield* plainHttp(reference);
  if (part === null || spec === null) return;
  yield* localResources(child(part, 'localResources'));
  yield* shared(root, 'interfaces', () => interfaces(child(spec, 'hostInterfaces')));
  yield* shared(root, 'environment', () => environment(child(spec, 'environment')));
  yield* hostPaths(root, spec, child(part, 'localResources', 'volumeMounts'));
  if (part.key !== 'service' && child(part, 'maxInvocations').value === undefined && child(part, 'maxConcurrency').value === undefined) {
    yield setting(child(part, 'maxInvocations'), 'missing-limits', { text: 'neither maxInvocations nor maxConcurrency', meaning: 'Nothing bounds how much of the host, which other tenants share, calls to the component take', confidence: 'low' });
  }
};

/** The folders of the node among the volumes that a component mounts. */
function* hostPaths(root: Node, spec: Node, mounts: Node): Found {
  const paths = hostPathsByName(root, spec);
  for (const name of new Set(names(mounts, 'name'))) {
    const found = paths.get(name);
    if (found) yield found;
  }
}

type PathsByName = ReadonlyMap<string, Loose<Grant> | Loose<Setting>>;
const PATHS = new WeakMap<object, PathsByName>();

/** Read once per object: there may be as many volumes as components. */
function hostPathsByName(root: Node, spec: Node): PathsByName {
  const object = root.value as object;
  const known = PATHS.get(object);
  if (known !== undefined) return known;
  const paths = new Map<string, Loose<Grant> | Loose<Setting>>();
  for (const volume of items(child(spec, 'volumes'))) {
    const name = textOf(child(volume, 'name'));
    for (const found of hostPath(child(volume, 'hostPath', 'path'))) if (name !== null) paths.set(name, found);
  }
  PATHS.set(object, paths);
  return paths;
}

function* localResources(local: Node): Found {
  yield* reach(child(local, 'allowedHosts'), 'always');
  yield* reach(child(local, 'allowedIpNameLookups'), 'where-written');
  yield* listGrant(child(local, 'allowedHostLoopbackPorts'), 'hosts');
  yield* environment(child(local, 'environment'));
  const config = child(local, 'config');
  if (isRecord(config.value)) yield grant(config, 'environment', Object.keys(config.value));
  const mounts = child(local, 'volumeMounts');
  if (Array.isArray(mounts.value)) yield grant(mounts, 'files', names(mounts, 'mountPath'));
}

/** A list of hosts; without one this host lets a component call nobody, which is said too. */
function* reach(list: Node, said: 'always' | 'where-written'): Found {
  if (!Array.isArray(list.value)) {
    if (said === 'always') yield grant(list, 'hosts', []);
    return;
  }
  yield* listGrant(list, 'hosts', isEverywhere);
  for (const host of items(list)) {
    if (!isEverywhere(textOf(host) ?? '')) continue;
    yield setting(host, 'broad-scope', { text: `${list.key}: ${textOf(host)!}`, meaning: 'The component may reach every host' });
    return;
  }
}

function isEverywhere(host: string): boolean {
  return /^(?:[a-z*]+:\/\/)?\*(?::(?:\*|\d+))?\/?$/i.test(host);
}

function* environment(node: Node): Found {
  const config = child(node, 'config');
  if (isRecord(config.value)) yield grant(config, 'environment', Object.keys(config.value), { field: 'environment' });
  const from = child(node, 'configFrom');
  if (Array.isArray(from.value)) yield grant(from, 'environment', names(from, 'name'));
  yield* secretsFrom(node);
}

function* secretsFrom(node: Node): Found {
  const from = child(node, 'secretFrom');
  const values = Array.isArray(from.value) ? names(from, 'name') : [textOf(child(from, 'name'))].filter((value) => value !== null);
  if (values.length > 0) yield grant(from, 'secrets', values);
}

function* interfaces(list: Node): Found {
  if (!Array.isArray(list.value)) return;
  const values = [...items(list)].flatMap((entry) => interfaceNames(entry, textOf(child(entry, 'version'))));
  yield grant(list, 'interfaces', values, { everything: values.some((value) => value.startsWith('*')) });
  const secrets = [...items(list)].flatMap((entry) => [...secretsFrom(entry)]).flatMap((found) => ('values' in found ? found.values : []));
  if (secrets.length > 0) yield grant(list, 'secrets', secrets, { field: 'hostInterfaces.secretFrom' });
}

/** `wasi:keyvalue/store@0.2.0` for each interface; a package without any stands for all of its own. */
function interfaceNames(entry: Node, version: string | null): string[] {
  const suffix = version === null || version === '' ? '' : `@${version}`;
  const whole = `${textOf(child(entry, 'namespace')) ?? ''}:${textOf(child(entry, 'package')) ?? ''}`;
  const listed = [...items(child(entry, 'interfaces'))].map(textOf).filter((value) => value !== null);
  return listed.length === 0 ? [whole + suffix] : listed.map((name) => `${whole}/${name}${suffix}`);
}

/** What an application of wasmCloud 1 gives a component through links, configuration and secrets; its providers are native. */
export const application: ConcernsOf = function* (_root, reference) {
  const part = reference.up?.up;
  yield* plainHttp(reference);
  if (!part) return;
  if (textOf(child(part, 'type')) === 'capability') yield nativeCode(child(part, 'type'), 'type: capability');
  yield* list(child(part, 'properties', 'config'), 'environment');
  yield* list(child(part, 'properties', 'secrets'), 'secrets');
  yield* links(child(part, 'traits'));
};

function* links(traits: Node): Found {
  if (!Array.isArray(traits.value)) return;
  const properties = [...items(traits)].filter((trait) => textOf(child(trait, 'type')) === 'link').map((trait) => child(trait, 'properties'));
  yield grant(traits, 'interfaces', properties.flatMap((one) => interfaceNames(one, null)), { field: 'links' });
  for (const one of properties) {
    for (const side of ['source', 'target', 'source_config', 'target_config']) yield* list(child(one, side, 'secrets'), 'secrets');
  }
}

function* list(node: Node, kind: Grant['kind']): Found {
  if (Array.isArray(node.value) && node.value.length > 0) yield grant(node, kind, names(node, 'name'));
}

/** What is remarkable about the hosts that an operator of wasmCloud 1 starts. */
export const hostConfig: ConcernsOf = function* (root) {
  for (const key of ['allowedInsecure', 'insecureRegistries']) {
    for (const host of items(child(root, 'spec', key))) {
      yield setting(host, 'insecure-transport', { text: `${key}: ${textOf(host) ?? ''}`, meaning: 'The host fetches modules from this registry without checking who answers' });
    }
  }
};

/** What a WasmModule of Knative gives: volumes, variables, sockets. */
export const wasmModule: ConcernsOf = function* (root, reference) {
  const spec = child(root, 'spec');
  yield* plainHttp(reference);
  const mounts = child(spec, 'volumeMounts');
  if (Array.isArray(mounts.value)) yield grant(mounts, 'files', names(mounts, 'mountPath'));
  const env = child(spec, 'env');
  if (Array.isArray(env.value)) yield grant(env, 'environment', names(env, 'name'));
  const network = child(spec, 'network');
  if (child(network, 'inherit').value === true) yield grant(child(network, 'inherit'), 'hosts', ['*'], { everything: true, field: 'network.inherit' });
  for (const protocol of fields(network)) {
    for (const way of fields(protocol)) yield* listGrant(way, 'hosts', isEverywhere);
  }
};

function names(node: Node, key: string): string[] {
  return [...items(node)].map((item) => textOf(child(item, key)) ?? textOf(item)).filter((value) => value !== null);
}
