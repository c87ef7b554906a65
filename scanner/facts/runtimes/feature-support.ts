import type { Location } from '../../location.ts';
import { FEATURES } from '../../wasm/features.ts';
import type { Facts } from '../facts.ts';
import { placeAt } from '../place.ts';
import type { RuntimeFact, RuntimeFeature } from './model.ts';
import { witnessOf } from './predicate.ts';
import { runtimeData } from './runtime.ts';
import { compareVersions, known, parseVersion } from './version.ts';

/** What a runtime does with a feature as it comes. `unknown`: the table does not say. */
export type Support =
  | { readonly state: 'on' | 'unknown' }
  | { readonly state: 'off'; /** How to turn it on. */ readonly flag: string }
  /** `on`: the first version that has it; null: none does. */
  | { readonly state: 'absent'; readonly on: string | null };

/** A feature that an artifact needs and the known runtime does not load as it comes. */
export interface MissingFeature {
  readonly feature: RuntimeFeature;
  readonly title: string;
  /** Instructions or definitions that need it. */
  readonly count: number;
  readonly location: Location;
  readonly support: Extract<Support, { state: 'off' | 'absent' }>;
}

/** What the known runtime would refuse to load; empty also where no runtime is known. */
export function missingFeatures(facts: Facts): readonly MissingFeature[] {
  const { runtime } = facts;
  if (runtime === null || (facts.kind !== 'module' && facts.kind !== 'component')) return [];
  const missing = needs(facts).flatMap((need) => {
    const support = supportOf(runtime, need.feature);
    return support.state === 'off' || support.state === 'absent' ? [{ ...need, support }] : [];
  });
  // Where threads are missing, that their memories are too goes without saying.
  return missing.some(({ feature }) => feature === 'threads') ? missing.filter(({ feature }) => feature !== 'shared-memory') : missing;
}

/** What a runtime does with a feature; of a runtime without a version, what its newest known version does. */
export function supportOf(runtime: Pick<RuntimeFact, 'name' | 'version'>, feature: RuntimeFeature): Support {
  const row = runtimeData(runtime).features[feature];
  if (row === undefined) return { state: 'unknown' };
  const version = runtime.version === null ? null : parseVersion(runtime.version);
  const reached = (from: string | undefined): boolean => from !== undefined && (version === null || compareVersions(version, known(from)) >= 0);
  if (reached(row.on) && !reached(row.off)) return { state: 'on' };
  const { on, flag, since } = row;
  return flag !== undefined && (since === undefined || reached(since)) ? { state: 'off', flag } : { state: 'absent', on: on ?? null };
}

function needs(facts: Facts): readonly Omit<MissingFeature, 'support'>[] {
  const used = facts.features.map(({ feature, count, offset }) => ({ feature, title: FEATURES[feature].title, count, location: { path: placeAt(facts, offset), offset, length: 1 } }));
  const shared = witnessOf({ sharedMemory: true }, facts);
  return shared === null ? used : [...used, { feature: 'shared-memory', title: 'Shared memory', count: 1, location: shared.location }];
}
