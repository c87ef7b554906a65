/**
 * What an artifact is compared by, in the order of reports.
 * - `kind`: module, component, native code ...
 * - `capability`: powers over the host; of imports and exports.
 * - `import`, `export`: names of the interface, versions apart.
 * - `reachability`: whether anything in the artifact can call an import; only where that is known.
 * - `feature`: what an engine must support.
 * - `limit`: memories and tables that the artifact defines.
 * - `signer`: who vouches for it, where a policy asked.
 * - `dependency`, `tool`: what is inside and what made it.
 * - `size`: of the file.
 */
export const AREAS = ['kind', 'capability', 'import', 'reachability', 'export', 'feature', 'limit', 'signer', 'dependency', 'tool', 'size'] as const;
export type Area = (typeof AREAS)[number];

/** One comparable statement about an artifact, free of indices, offsets and names of functions that nobody outside sees. */
export interface Trait {
  readonly area: Area;
  /** Unique within the area. */
  readonly name: string;
  /** What may change while the name stays: a version, a number; null: the name says it all, and of limits: no bound. */
  readonly value: string | number | null;
}

/** One artifact, ready to compare. */
export interface Shape {
  /** As it is reported. */
  readonly name: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** In the order of areas, then of names. */
  readonly traits: readonly Trait[];
}
