import type { Affected, AffectedRange, OsvEcosystem, RangeEvent } from './advisory.ts';
import { comparePep440 } from './pep440.ts';
import { compareSemver } from './semver.ts';

/** Negative where the first is the earlier one; null: they cannot be compared. */
export type CompareVersions = (a: string, b: string) => number | null;

/** Whether a version is affected, and the first later one that is not; `unknown`: its versions cannot be compared with this one. */
export type Exposure = { readonly status: 'affected'; readonly fixed: string | null } | { readonly status: 'unaffected' } | { readonly status: 'unknown' };

/**
 * Whether an advisory's entry for a package covers a version, by the evaluation algorithm of the OSV schema: listed versions and any
 * one of the ranges count. Where one range cannot be compared and no other one covers the version, the answer is `unknown`.
 */
export function exposureOf({ ecosystem, ranges, versions }: Affected, version: string): Exposure {
  const exposures = ranges.map((range) => inRange(range, version, comparing(range.type, ecosystem)));
  const hit = exposures.find(({ status }) => status === 'affected');
  if (hit) return hit;
  const compare = comparing('ecosystem', ecosystem);
  if (versions.some((listed) => listed === version || compare(listed, version) === 0)) return { status: 'affected', fixed: firstFix(ranges, version, compare) };
  return exposures.find(({ status }) => status === 'unknown') ?? { status: 'unaffected' };
}

function comparing(type: AffectedRange['type'], ecosystem: OsvEcosystem): CompareVersions {
  return type === 'ecosystem' && ecosystem === 'PyPI' ? comparePep440 : compareSemver;
}

/** Before every version. */
const ZERO = '0';

function inRange({ events }: AffectedRange, version: string, compare: CompareVersions): Exposure {
  const placed: { readonly event: RangeEvent; readonly order: number }[] = [];
  for (const event of events) {
    // A limit of * is none.
    if (event.kind === 'limit' && event.version === '*') continue;
    const order = event.version === ZERO && event.kind === 'introduced' ? -1 : compare(event.version, version);
    if (order === null) return { status: 'unknown' };
    placed.push({ event, order });
  }
  const limits = placed.filter(({ event }) => event.kind === 'limit');
  if (limits.length > 0 && !limits.some(({ order }) => order > 0)) return { status: 'unaffected' };
  let affected = false;
  for (const { event, order } of placed.toSorted((a, b) => compareEvents(a.event, b.event, compare))) {
    if (event.kind === 'introduced' && order <= 0) affected = true;
    else if ((event.kind === 'fixed' && order <= 0) || (event.kind === 'last_affected' && order < 0)) affected = false;
  }
  return affected ? { status: 'affected', fixed: firstFix([{ type: 'semver', events }], version, compare) } : { status: 'unaffected' };
}

/** At one version an introduction comes last: what is fixed and introduced there is affected. */
function compareEvents(a: RangeEvent, b: RangeEvent, compare: CompareVersions): number {
  const zero = (event: RangeEvent): boolean => event.kind === 'introduced' && event.version === ZERO;
  if (zero(a) || zero(b)) return Number(zero(b)) - Number(zero(a));
  return compare(a.version, b.version) || Number(a.kind === 'introduced') - Number(b.kind === 'introduced');
}

function firstFix(ranges: readonly AffectedRange[], version: string, compare: CompareVersions): string | null {
  const later = ranges.flatMap(({ events }) => events).filter(({ kind, version: fixed }) => kind === 'fixed' && (compare(fixed, version) ?? 0) > 0);
  return later.toSorted((a, b) => compare(a.version, b.version) ?? 0)[0]?.version ?? null;
}
