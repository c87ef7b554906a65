import type { Carrier, Scheme } from '../carrier.ts';
import type { SourcePlace } from '../grant.ts';
import type { ManifestObject } from './object.ts';

/** What one carrier is made of; the rest has defaults or comes from its object. */
export interface CarrierParts extends Pick<Carrier, 'reference' | 'scheme' | 'onDeny'>, Partial<Omit<Carrier, keyof SourcePlace | 'apiVersion' | 'kind' | 'namespace' | 'name' | 'reference' | 'scheme' | 'onDeny' | 'pinned' | 'hash' | 'hashOf'>> {
  /** In the document, the base of the object included. */
  readonly pointer: string;
  /** The hash field as written. */
  readonly hash?: { readonly text: string; readonly of: 'bytes' | 'manifest' | 'either' } | null;
  /** UTF-16 offset inside the text at the pointer. */
  readonly inside?: number | null;
}

/** A carrier of an object: normal hash, pinned or not, and its place. */
export function makeCarrier(object: ManifestObject, parts: CarrierParts): Carrier {
  const { pointer, hash, inside, reference, scheme, onDeny, signals = [], ...rest } = parts;
  const text = hash === null || hash === undefined || hash.text.trim() === '' ? null : hash.text.trim();
  const digest = text === null ? null : (/^(?:sha256:)?([0-9a-f]{64})$/i.exec(text)?.[1]?.toLowerCase() ?? null);
  return {
    ...placeOf(object, pointer, inside ?? null),
    apiVersion: object.apiVersion, kind: object.kind, namespace: object.namespace, name: object.name,
    reference, scheme,
    pinned: digest !== null || isPinned(reference, scheme),
    hash: digest === null ? text : `sha256:${digest}`,
    hashOf: text === null ? null : hash!.of,
    certain: true, role: 'module', host: null, onDeny, grants: [], settings: [], process: null, pullSecrets: [],
    signals: [...new Set(signals)].sort(),
    ...rest,
  };
}

/** The place of a value of an object. */
export function placeOf({ file, document, positionOf, positionInside }: ManifestObject, pointer: string, inside: number | null = null): SourcePlace {
  const { line, column } = inside === null || positionInside === undefined ? positionOf(pointer) : positionInside(pointer, inside);
  return { file, document, pointer, line, column };
}

/** Bytes that the object itself holds cannot change behind it; images are bound by the digest in the reference. */
function isPinned(reference: string, scheme: Scheme): boolean {
  return scheme === 'inline' || (scheme === 'oci' && /@(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/i.test(reference.slice(-150)));
}
