import type { Carrier } from '../../scanner/carrier.ts';
import { carriersIn } from '../../scanner/kubernetes/carriers.ts';
import type { CarrierTools } from '../../scanner/kubernetes/carriers-set.ts';
import type { ManifestObject } from '../../scanner/kubernetes/object.ts';
import { rowsOf } from '../../scanner/kubernetes/table.ts';
import { LIMITS } from '../../scanner/wasm/limits.ts';
import { WEBHOOK_LIMITS } from '../limits.ts';
import type { WireObject } from '../review.ts';
import { carrierKey } from './carrier-key.ts';
import { type Identity, isObjectName, type KindName } from './identity.ts';
import type { JudgeParts } from './parts.ts';

/** What an object carries under every reading, and what of it could not be read; one sentence each. */
export interface FoundInObject {
  readonly carriers: readonly Carrier[];
  readonly faults: readonly string[];
}

/** ConfigMaps and Secrets that were read for an object. */
export type Stores = readonly ManifestObject[];

/** Everything by which an object brings Wasm, each carrier once. Never throws for what stands in the object. */
export function findCarriers(object: WireObject, identity: Identity, { parts, stores }: { readonly parts: JudgeParts; readonly stores: Stores }): FoundInObject {
  if (isDeeper(object, LIMITS.kubernetesDepth)) return { carriers: [], faults: [`The object is nested deeper than ${LIMITS.kubernetesDepth} levels, so that it was not analysed`] };
  const tools: CarrierTools = { hash: parts.hash, profileOfRuntimeClass: (name) => parts.cluster.runtimeClass(name) };
  const readings = identity.kinds.flatMap((kind) => identity.namespaces.map((namespace) => manifestObject(object, kind, { namespace, name: identity.name })));
  const found = readings.map((reading) => foundIn(reading, stores, tools));
  const carriers = found.length === 1 ? found[0]!.carriers : once(found.flatMap((one) => one.carriers), parts.hash);
  const faults = [...new Set(found.flatMap((one) => one.faults))];
  if (carriers.length <= WEBHOOK_LIMITS.carriers) return { carriers, faults };
  return { carriers: carriers.slice(0, WEBHOOK_LIMITS.carriers), faults: [...faults, `The object carries more than ${WEBHOOK_LIMITS.carriers} images and modules, so that it was not analysed whole`] };
}

/**
 * The ConfigMaps and Secrets that a pod which looks like Wasm mounts, as far as they may be read. They are looked up in the namespace of
 * the request alone, whatever the object says of its own.
 */
export async function readStores(carriers: readonly Carrier[], namespace: string | null, { settings, cluster }: JudgeParts): Promise<Stores> {
  if (!settings.readStores || namespace === null) return [];
  const prefix = `${namespace}/`;
  const names = new Map<string, readonly [kind: 'ConfigMap' | 'Secret', name: string]>();
  for (const { scheme, bytes, reference, apiVersion, kind } of carriers) {
    if ((scheme !== 'configmap' && scheme !== 'secret') || bytes !== undefined || !reference.startsWith(prefix) || !makesPods({ apiVersion, kind })) continue;
    const name = reference.slice(prefix.length);
    if (isObjectName(name)) names.set(`${scheme} ${name}`, [scheme === 'configmap' ? 'ConfigMap' : 'Secret', name]);
  }
  const read = await Promise.all([...names.values()].slice(0, WEBHOOK_LIMITS.stores).map(async ([kind, name]) => {
    const value = await cluster.store(kind, namespace, name);
    return value === null ? null : manifestObject(value, { apiVersion: 'v1', kind }, { namespace, name, file: `mounted ${kind} ${name}` });
  }));
  return read.filter((store) => store !== null);
}

/** Whether objects of a kind hold a pod spec. */
export function makesPods({ apiVersion, kind }: KindName): boolean {
  return rowsOf(apiVersion, kind).some(({ pods }) => pods !== undefined);
}

function foundIn(object: ManifestObject, stores: Stores, tools: CarrierTools): FoundInObject {
  const { carriers, faults } = carriersIn([object, ...stores], tools);
  const own = <Placed extends { readonly file: string }>(all: readonly Placed[]): readonly Placed[] => (stores.length === 0 ? all : all.filter(({ file }) => file === object.file));
  return { carriers: own(carriers), faults: own(faults).map(({ message }) => message) };
}

const FIRST = { line: 1, column: 1 };

function manifestObject(value: WireObject, { apiVersion, kind }: KindName, { namespace, name, file }: { readonly namespace: string | null; readonly name: string; readonly file?: string }): ManifestObject {
  return { file: file ?? `${kind}/${namespace === null ? '' : `${namespace}/`}${name}`, document: 0, base: '', apiVersion, kind, name, namespace, value, positionOf: () => FIRST };
}

/** The same place under several readings is one carrier, unless the readings see different things there. */
function once(carriers: readonly Carrier[], hash: JudgeParts['hash']): readonly Carrier[] {
  const seen = new Set<string>();
  return carriers.filter((carrier) => {
    const key = `${carrier.pointer}\n${carrierKey(carrier, hash)}`;
    return !seen.has(key) && seen.add(key);
  });
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  for (const inside of Array.isArray(value) ? (value as unknown[]) : Object.values(value)) if (typeof inside === 'object' && isDeeper(inside, depth - 1)) return true;
  return false;
}
