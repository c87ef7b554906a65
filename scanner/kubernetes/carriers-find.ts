import type { Carrier } from '../carrier.ts';
import { makeCarrier, placeOf } from './carriers-make.ts';
import type { ManifestObject } from './object.ts';
import type { Find } from './texts-find.ts';

/** What the kind of the object says of everything found in it. */
export interface FoundIn extends Pick<Carrier, 'onDeny' | 'host'> {
  readonly pullSecrets?: readonly string[];
}

/** A carrier of a reference that was found by its shape, in a text or in free-form values. */
export function fromFind(object: ManifestObject, find: Find, { onDeny, host, pullSecrets = [] }: FoundIn): Carrier {
  const { pointer, offset, grants, settings, bytes, ...parts } = find;
  return makeCarrier(object, {
    ...parts, pointer, inside: offset, onDeny, host: find.host ?? host, pullSecrets: parts.scheme === 'oci' ? pullSecrets : [],
    grants: grants.map(({ pointer: at, offset: inside, ...rest }) => ({ ...rest, place: placeOf(object, at, inside) })),
    settings: settings.map(({ pointer: at, offset: inside, ...rest }) => ({ ...rest, place: placeOf(object, at, inside) })),
    ...(bytes && { bytes }),
  });
}
