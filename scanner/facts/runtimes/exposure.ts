import type { Facts } from '../facts.ts';
import { ADVISORIES } from './data.generated.ts';
import type { Advisory } from './model.ts';
import { type Witness, witnessOf } from './predicate.ts';
import { isAffected, parseVersion, repairFor } from './version.ts';

/** A flaw of the runtime that this artifact can reach. */
export interface Exposure {
  readonly advisory: Advisory;
  readonly witness: Witness;
  /** The version to update to; null: there is none. */
  readonly repair: string | null;
}

/** Flaws of the known runtime and version whose condition the artifact meets, in the order of the table. Without a version nothing is said. */
export function exposures(facts: Facts): readonly Exposure[] {
  const { runtime } = facts;
  const version = runtime === null || runtime.version === null ? null : parseVersion(runtime.version);
  if (version === null || (facts.kind !== 'module' && facts.kind !== 'component')) return [];
  return ADVISORIES.filter((advisory) => advisory.runtime === runtime?.name && isAffected(version, advisory)).flatMap((advisory) => {
    const witness = witnessOf(advisory.when, facts);
    return witness === null ? [] : [{ advisory, witness, repair: repairFor(version, advisory) }];
  });
}
