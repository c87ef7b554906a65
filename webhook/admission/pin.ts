import type { Carrier } from '../../scanner/carrier.ts';
import { nodeAt, rootNode } from '../../scanner/kubernetes/grants-node.ts';
import { rowsOf } from '../../scanner/kubernetes/table.ts';
import type { AdmissionRequest, WireObject } from '../review.ts';
import type { Judged } from './judged.ts';

/** One step of a JSON Patch (RFC 6902). */
export interface PatchStep {
  readonly op: 'test' | 'replace';
  readonly path: string;
  readonly value: string;
}

/** A root digest as registries give it. */
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Whether a field may be given a digest: it holds nothing but an image reference without one, and the API lets it be written by this request. */
export function isPinnable(carrier: Carrier, object: WireObject, { subResource, operation }: Pick<AdmissionRequest, 'subResource' | 'operation'>): boolean {
  const { scheme, reference, pointer } = carrier;
  if (scheme !== 'oci' || reference === '' || reference.includes('@') || reference !== reference.trim() || nodeAt(rootNode(object), pointer).value !== reference) return false;
  const place = placeIn(carrier);
  if (subResource !== '') return subResource === 'ephemeralcontainers' && place === 'ephemeral';
  // Of a pod that runs only the images of containers can be written.
  return place !== null && (carrier.kind !== 'Pod' || operation === 'CREATE' || place === 'container');
}

/** The patch that gives each Wasm image the digest it was judged by. An image without Wasm, and one of which anything is unsure, unread or denied, stays as it is. */
export function pins(judged: readonly Judged[]): readonly PatchStep[] {
  const byPointer = new Map<string, Judged[]>();
  for (const one of judged) if (one.carrier !== null) byPointer.set(one.carrier.pointer, [...(byPointer.get(one.carrier.pointer) ?? []), one]);
  return [...byPointer].flatMap(([path, all]): PatchStep[] => {
    const value = all[0]!.carrier!.reference;
    const digest = all[0]!.rootDigest;
    if (digest === null || !DIGEST.test(digest) || !all.every((one) => one.rootDigest === digest && one.carrier!.reference === value && isClearedWasm(one))) return [];
    return [{ op: 'test', path, value }, { op: 'replace', path, value: `${value}@${digest}` }];
  });
}

/** Whether bytes were found, and nothing stands against them. Only of an image without Wasm is nothing found and nothing amiss. */
function isClearedWasm({ enforce: { artifact, blocked, verdict } }: Judged): boolean {
  return artifact.size !== null && !blocked && verdict !== 'error';
}

type Place = 'container' | 'ephemeral' | 'volume' | 'field';

/** Where an image reference stands; null: in a field that is no image reference alone, as a URL or an argument. */
function placeIn({ apiVersion, kind, pointer }: Carrier): Place | null {
  for (const { pods = [], references } of rowsOf(apiVersion, kind)) {
    for (const { path, is } of pods) {
      const rest = below(pointer, is === 'template' ? `${path}.spec` : path);
      if (rest === null) continue;
      if (/^\/(?:containers|initContainers)\/\d+\/image$/.test(rest)) return 'container';
      if (/^\/ephemeralContainers\/\d+\/image$/.test(rest)) return 'ephemeral';
      if (/^\/volumes\/\d+\/image\/reference$/.test(rest)) return 'volume';
    }
    if (references.some(({ reads, path }) => reads === 'image' && below(pointer, path) === '')) return 'field';
  }
  return null;
}

/** What of a pointer follows a dotted path of the carrier table; null: it does not begin with it. */
function below(pointer: string, path: string): string | null {
  const keys = pointer.split('/').slice(1);
  const parts = path.replaceAll('[]', '.[]').split('.').filter((part) => part !== '');
  if (keys.length < parts.length || !parts.every((part, index) => (part === '[]' ? /^\d+$/.test(keys[index]!) : part === '*' || part === keys[index]))) return null;
  return keys.slice(parts.length).map((key) => `/${key}`).join('');
}
