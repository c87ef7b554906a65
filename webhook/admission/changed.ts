import type { Carrier } from '../../scanner/carrier.ts';
import { isRecord } from '../../scanner/is-record.ts';
import { LIMITS } from '../../scanner/wasm/limits.ts';
import type { AdmissionRequest, WireObject } from '../review.ts';
import { carrierKey } from './carrier-key.ts';
import type { FoundInObject } from './find-carriers.ts';
import { type Identity, isCore, metadataOf } from './identity.ts';

/** An object as it was, beside what it is to become. */
export interface Before {
  readonly object: WireObject;
  readonly found: FoundInObject;
}

/** Whether the old object of a request is the same thing as the new one, so that what has not changed need not be judged again. */
export function isSameObject({ operation, oldObject }: AdmissionRequest, object: WireObject, { disagreements }: Identity): boolean {
  if (operation !== 'UPDATE' || oldObject === null || disagreements.length > 0) return false;
  const [before, after] = [metadataOf(oldObject), metadataOf(object)];
  return ['apiVersion', 'kind'].every((key) => oldObject[key] === object[key]) && ['uid', 'name', 'namespace'].every((key) => before[key] === after[key]);
}

/**
 * What of an updated object has to be judged. Of a pod: each carrier that is not in every respect one of before, and ephemeral
 * containers always, since a request for them is a request to run something. Of every other kind: all, unless everything beside
 * metadata and status is as it was and no carrier differs.
 */
export function significant(now: FoundInObject, before: Before, { request, object, identity, hash }: { readonly request: AdmissionRequest; readonly object: WireObject; readonly identity: Identity; readonly hash: (bytes: Uint8Array) => string }): FoundInObject {
  const old = new Set(before.found.carriers.map((carrier) => carrierKey(carrier, hash)));
  const changed = now.carriers.filter((carrier) => !old.has(carrierKey(carrier, hash)) || (request.subResource === 'ephemeralcontainers' && carrier.pointer.startsWith('/spec/ephemeralContainers/')));
  // Where some of it is unread, a change may hide there.
  if (now.faults.length > 0 && !isSameWhole(before.object, object)) return now;
  if (identity.kinds.every((kind) => isCore(kind, 'Pod'))) return { carriers: changed, faults: [] };
  return changed.length === 0 && isSameBody(before.object, object) ? { carriers: [], faults: [] } : now;
}

/** Carriers of now whose reference, as written, no carrier of before has. */
export function newReferences(carriers: readonly Carrier[], before: FoundInObject): readonly Carrier[] {
  const old = new Set(before.carriers.map(({ reference }) => reference));
  return carriers.filter(({ reference }) => !old.has(reference));
}

/** Metadata and status do not choose what runs; annotations that do are carriers, or part of them, and are compared as such. */
function isSameBody(before: WireObject, after: WireObject): boolean {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  keys.delete('metadata');
  keys.delete('status');
  return [...keys].every((key) => isEqual(before[key], after[key], LIMITS.kubernetesDepth));
}

/** The body, and what of metadata may say how it runs. */
function isSameWhole(before: WireObject, after: WireObject): boolean {
  return isSameBody(before, after) && ['annotations', 'labels'].every((key) => isEqual(metadataOf(before)[key], metadataOf(after)[key], LIMITS.kubernetesDepth));
}

/** Deep equality of JSON values; what is nested deeper than `depth` counts as different. */
function isEqual(a: unknown, b: unknown, depth: number): boolean {
  if (a === b) return true;
  if (depth === 0) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index], depth - 1));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key], depth - 1));
}
