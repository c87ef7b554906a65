import type { Setting } from '../grant.ts';
import { items, type Loose, type Node, setting, textOf } from './grants-node.ts';

/** Says that code travels without protection, where a reference is a plain HTTP one. */
export function* plainHttp(reference: Node): Iterable<Loose<Setting>> {
  if (!/^http:\/\//i.test(textOf(reference) ?? '')) return;
  yield setting(reference, 'insecure-transport', { meaning: 'The module is fetched over plain HTTP, so whoever sits on the way can replace it' });
}

/**
 * Says that the digest in a reference and the hash field beside it differ, so that one of them holds for other bytes.
 * @param of `platform`: hosts that compare the digest of one platform's manifest, which may rightly differ
 */
export function* hashDisagrees(reference: Node, hash: Node, of: 'same' | 'platform' = 'same'): Iterable<Loose<Setting>> {
  const inReference = /@sha256:([0-9a-f]{64})$/i.exec((textOf(reference) ?? '').slice(-80))?.[1]?.toLowerCase();
  const written = /^(?:sha256:)?([0-9a-f]{64})$/i.exec((textOf(hash) ?? '').trim())?.[1]?.toLowerCase();
  if (inReference === undefined || written === undefined || inReference === written) return;
  const meaning = of === 'same' ? 'The digest in the reference and the hash beside it name different bytes' : 'The digest in the reference and the hash beside it differ, which is right only where the hash names one platform of an index';
  yield setting(hash, 'hash-disagrees', { meaning, confidence: of === 'same' ? 'high' : 'low' });
}

/** Names of variables that tell where a proxy runs and nothing secret. */
const HARMLESS = new Set(['POD_NAME', 'POD_NAMESPACE', 'POD_IP', 'NODE_NAME', 'HOSTNAME', 'HOST_IP', 'INSTANCE_IP', 'SERVICE_ACCOUNT', 'ISTIO_META_CLUSTER_ID', 'ISTIO_META_MESH_ID', 'ISTIO_META_NODE_NAME', 'ISTIO_META_WORKLOAD_NAME', 'ISTIO_META_OWNER', 'TZ', 'LANG']);

/** Says that a variable of the host process reaches the module; `at` is where its name stands. */
export function hostVariable(at: Node, name: string): Loose<Setting> {
  const harmless = HARMLESS.has(name);
  return setting(at, 'host-environment', {
    text: `host variable ${name}`,
    meaning: harmless ? 'The module learns where its host runs' : 'The module reads a variable of the host process, which may hold a secret',
    confidence: harmless ? 'low' : 'high',
  });
}

/** Variables told of one list. */
const VARIABLES = 100;
const LISTS = new WeakMap<object, readonly Loose<Setting>[]>();

/** The same for a list of names, those that may hold a secret first, so that many harmless ones hide none. Read once, however many references share it. */
export function hostVariables(keys: Node): readonly Loose<Setting>[] {
  if (!Array.isArray(keys.value)) return [];
  const known = LISTS.get(keys.value);
  if (known !== undefined) return known;
  const all = [...items(keys)].map((key) => hostVariable(key, textOf(key) ?? ''));
  const kept = [...all.filter(({ confidence }) => confidence === 'high'), ...all.filter(({ confidence }) => confidence !== 'high')].slice(0, VARIABLES);
  const told = kept.length === all.length ? all : kept;
  LISTS.set(keys.value, told);
  return told;
}

/** Says that native code runs with or as this. */
export function nativeCode(at: Node, what: string, confidence: Setting['confidence'] = 'high'): Loose<Setting> {
  return setting(at, 'native-plug-in', { text: what, meaning: 'Native code has all the rights of its process, which no Wasm sandbox limits', confidence });
}
