import type { TargetProfile } from '../carrier.ts';
import { isRecord } from '../is-record.ts';
import { child, fields, type Node, rootNode, textOf } from './grants-node.ts';
import type { ManifestFault, ManifestObject } from './object.ts';

/** What the shell gives to a search for carriers. */
export interface CarrierTools {
  /** SHA-256 of bytes as 64 lower-case hexadecimal digits. */
  readonly hash: (bytes: Uint8Array) => string;
  /** What the cluster knows of a runtime class; null: nothing, so that names decide. */
  readonly profileOfRuntimeClass?: (name: string) => { readonly wasm: boolean; readonly profile: TargetProfile | null } | null;
}

/** Objects that others of the same set refer to. */
export interface ManifestSet {
  /** ConfigMaps and Secrets by `kind/namespace/name`. */
  readonly stores: ReadonlyMap<string, ManifestObject>;
  /** Handlers of runtime classes by name. */
  readonly handlers: ReadonlyMap<string, string>;
}

/** What a search for carriers works with. */
export interface CarrierContext {
  readonly tools: CarrierTools;
  readonly set: ManifestSet;
  /** What could not be read, in the order met. */
  readonly faults: ManifestFault[];
}

/** A kind of object that holds bytes by key. */
export type StoreKind = 'ConfigMap' | 'Secret';

/** Gathers what others may refer to. */
export function manifestSet(objects: readonly ManifestObject[]): ManifestSet {
  const stores = new Map<string, ManifestObject>();
  const handlers = new Map<string, string>();
  for (const object of objects) {
    if (object.apiVersion === 'v1' && (object.kind === 'ConfigMap' || object.kind === 'Secret')) stores.set(storeKey(object.kind, object.namespace, object.name), object);
    if (object.kind === 'RuntimeClass' && object.apiVersion.startsWith('node.k8s.io/')) {
      const root = rootNode(object.value);
      handlers.set(object.name, textOf(child(root, 'handler')) ?? textOf(child(root, 'spec', 'runtimeHandler')) ?? '');
    }
  }
  return { stores, handlers };
}

/** The ConfigMap or Secret that a pod of a namespace means, where the set holds it. */
export function storeIn(set: ManifestSet, kind: StoreKind, namespace: string | null, name: string): ManifestObject | null {
  return set.stores.get(storeKey(kind, namespace, name)) ?? null;
}

/** The keys of a ConfigMap or Secret, whatever their form. */
export function keysOf({ value }: ManifestObject): readonly string[] {
  return storeFields(value).map(({ key }) => key);
}

/** The values of a ConfigMap or Secret with their keys, in all its maps. */
export function storeFields(value: unknown): readonly Node[] {
  const root = rootNode(value);
  return ['data', 'binaryData', 'stringData'].flatMap((map) => (isRecord(child(root, map).value) ? [...fields(child(root, map))] : []));
}

function storeKey(kind: StoreKind, namespace: string | null, name: string): string {
  return `${kind}/${namespace ?? 'default'}/${name}`;
}
