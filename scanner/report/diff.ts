import type { Change } from '../diff/compare.ts';
import type { Pair, Sided } from '../diff/pair.ts';

/** What `diff` found, ready for every format. */
export interface DiffReport {
  /** Targets as they were named. */
  readonly before: string;
  readonly after: string;
  /** In the order of paths, unchanged ones included. */
  readonly pairs: readonly Pair[];
  readonly engineVersion: string;
}

/** Whether the new version can do more, needs more, or is vouched for by fewer. */
export function hasIncrease({ pairs }: DiffReport): boolean {
  return pairs.some(({ changes }) => changes.some(({ increase }) => increase));
}

/** Whether anything differs. */
export function hasChange({ pairs }: DiffReport): boolean {
  return pairs.some(({ changes }) => changes.length > 0);
}

/** For JSON: the contract is docs/schema/diff.schema.json. */
export function diffObject(report: DiffReport): Readonly<Record<string, unknown>> {
  return {
    schemaVersion: 1,
    old: report.before,
    new: report.after,
    increase: hasIncrease(report),
    artifacts: report.pairs.map(({ key, before, after, changes, failure }) => ({
      path: key,
      old: artifactObject(before),
      new: artifactObject(after),
      increase: changes.some(({ increase }) => increase),
      changes: changes.map(changeObject),
      failure,
    })),
    engine: { name: 'wasmgate', version: report.engineVersion },
  };
}

function artifactObject(side: Sided | null): Readonly<Record<string, unknown>> | null {
  return side === null ? null : { name: side.name, digest: side.shape?.digest ?? null, size: side.shape?.size ?? null };
}

function changeObject({ area, name, change, from, to, increase }: Change): Readonly<Record<string, unknown>> {
  return { area, name, change, from, to, increase };
}
