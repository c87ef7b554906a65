import type { Carrier, TargetProfile } from '../carrier.ts';
import { type ConcernsOf, placed } from './grants-node.ts';
import type { CarrierRow, ReferenceRow } from './table-row.ts';

/** A row of the table that can also be applied to objects found inside texts. */
export interface CustomRow extends CarrierRow {
  /** What `surroundings` is made of. */
  readonly concerns?: ConcernsOf;
}

/** What a family says of a kind; the rest has defaults. */
export interface RowParts extends Pick<CustomRow, 'concerns'>, Partial<Pick<CarrierRow, 'pods' | 'search' | 'references'>> {
  /** Default: deny. */
  readonly onDeny?: Carrier['onDeny'];
  /** The host that the kind decides; default: not known. */
  readonly host?: TargetProfile;
}

/**
 * One row. `name` is `group/version[,version] Kind resource`.
 * @returns the row, with `surroundings` made from its concerns
 */
export function row(name: string, parts: RowParts): CustomRow {
  const [api, kind, resource] = name.split(' ') as [string, string, string];
  const slash = api.lastIndexOf('/');
  const { concerns, host, onDeny = 'deny', references = [], ...rest } = parts;
  return {
    group: slash < 0 ? '' : api.slice(0, slash),
    versions: api.slice(slash + 1).split(','),
    kind,
    resource,
    onDeny,
    host: host === undefined ? null : { profile: host, sure: true },
    references,
    ...rest,
    ...(concerns && { concerns, surroundings: placed(concerns) }),
  };
}

/** A field that holds an image reference. */
export function image(path: string, more: Partial<ReferenceRow> = {}): ReferenceRow {
  return { path, reads: 'image', ...more };
}

/** A field that holds a URL; without a scheme it is an image reference unless `otherwise` says more. */
export function url(path: string, more: Partial<ReferenceRow> = {}): ReferenceRow {
  return { path, reads: 'url', ...more };
}
