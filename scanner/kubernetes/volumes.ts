import type { Scheme } from '../carrier.ts';
import { isRecord } from '../is-record.ts';
import type { CarrierParts } from './carriers-make.ts';
import { type CarrierContext, storeIn, type StoreKind } from './carriers-set.ts';
import { child, fields, items, type Node, pathOf, textOf } from './grants-node.ts';
import { modulesIn } from './inline-bytes.ts';

/** A carrier that a volume makes, without what the pod adds. */
export type VolumeCarrier = Pick<CarrierParts, 'pointer' | 'reference' | 'scheme'> & Partial<Pick<CarrierParts, 'certain' | 'bytes'>>;

/** A volume and who sees it. */
export interface VolumeUse {
  readonly volume: Node;
  /** Something that looks like Wasm mounts it: only then are bytes that nobody can see worth a word. */
  readonly reached: boolean;
  readonly namespace: string | null;
}

/** Kinds of volume that bring no bytes from elsewhere. */
const NO_SOURCE = new Set(['name', 'emptyDir', 'downwardAPI', 'image', 'configMap', 'secret', 'projected', 'csi']);
/** Where a volume names what it holds; of others the kind alone is told. */
const SOURCE_FIELDS: Readonly<Record<string, string>> = { hostPath: 'path', persistentVolumeClaim: 'claimName', nfs: 'path', gitRepo: 'repository' };
const ORAS = 'oras.artifact.reference';

/** What a volume of a pod may bring: images always, ConfigMaps and Secrets of the set by what they hold, all else where it is reached. */
export function* volumeCarriers(use: VolumeUse, context: CarrierContext, base: string): Iterable<VolumeCarrier> {
  const { volume, reached } = use;
  if (!isRecord(volume.value)) return;
  yield* imageIn(child(volume, 'image', 'reference'), base);
  const csi = child(volume, 'csi');
  const oras = child(csi, 'volumeAttributes', ORAS);
  yield* imageIn(oras, base);
  if (textOf(oras) === null && isRecord(csi.value) && reached) yield { ...named(csi, 'driver', base), scheme: 'volume', certain: false };
  yield* storeCarriers(use, { source: child(volume, 'configMap'), kind: 'ConfigMap', field: 'name' }, context, base);
  yield* storeCarriers(use, { source: child(volume, 'secret'), kind: 'Secret', field: 'secretName' }, context, base);
  for (const source of items(child(volume, 'projected', 'sources'))) {
    yield* storeCarriers(use, { source: child(source, 'configMap'), kind: 'ConfigMap', field: 'name' }, context, base);
    yield* storeCarriers(use, { source: child(source, 'secret'), kind: 'Secret', field: 'name' }, context, base);
  }
  if (!reached) return;
  for (const source of fields(volume)) {
    if (NO_SOURCE.has(source.key) || !isRecord(source.value)) continue;
    yield { ...named(source, SOURCE_FIELDS[source.key] ?? '', base), scheme: 'volume', certain: false };
  }
}

function* imageIn(at: Node, base: string): Iterable<VolumeCarrier> {
  if (typeof at.value === 'string' && at.value !== '') yield { pointer: base + pathOf(at), reference: at.value, scheme: 'oci', certain: false };
}

/** The text that says what the volume is, else its kind and the place of it. */
function named(source: Node, field: string, base: string): Pick<VolumeCarrier, 'pointer' | 'reference'> {
  const at = child(source, field);
  const text = field === '' ? null : textOf(at);
  return text === null || text === '' ? { pointer: base + pathOf(source), reference: source.key } : { pointer: base + pathOf(at), reference: text };
}

interface StoreSource {
  readonly source: Node;
  readonly kind: StoreKind;
  readonly field: string;
}

/** `namespace/name/key` of what is read, `namespace/name` of what is not in the set; without the namespace where the object names none. */
function* storeCarriers({ reached, namespace }: VolumeUse, { source, kind, field }: StoreSource, context: CarrierContext, base: string): Iterable<VolumeCarrier> {
  const at = child(source, field);
  const name = textOf(at);
  if (name === null || name === '') return;
  const scheme: Scheme = kind === 'ConfigMap' ? 'configmap' : 'secret';
  const reference = namespace === null ? name : `${namespace}/${name}`;
  const listed = new Set([...items(child(source, 'items'))].map((item) => textOf(child(item, 'key'))).filter((key) => key !== null));
  const store = storeIn(context.set, kind, namespace, name);
  if (store === null) {
    if (reached && !isRootAuthority(source, name, kind)) yield { pointer: base + pathOf(at), reference, scheme, certain: false };
    return;
  }
  for (const [key, { bytes, certain }] of modulesIn(store.value, kind)) {
    if (bytes !== null && (listed.size === 0 || listed.has(key))) yield { pointer: base + pathOf(at), reference: `${reference}/${key}`, scheme, certain, bytes };
  }
}

/**
 * The certificate of the cluster, which the API server mounts into every pod: it writes this volume itself, a controller keeps the content, and
 * the file must be called by its own name. Without this every Wasm pod would hold bytes that nobody can see.
 */
function isRootAuthority(source: Node, name: string, kind: StoreKind): boolean {
  const taken = [...items(child(source, 'items'))];
  return kind === 'ConfigMap' && name === 'kube-root-ca.crt' && taken.length === 1 && textOf(child(taken[0]!, 'key')) === 'ca.crt' && textOf(child(taken[0]!, 'path')) === 'ca.crt';
}
