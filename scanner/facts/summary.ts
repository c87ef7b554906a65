import type { ExportFact, Facts } from './facts.ts';

const KEPT = [
  'name', 'reference', 'digest', 'size', 'kind', 'format', 'imports', 'capabilities', 'abis', 'features', 'memories', 'tools', 'languages', 'dependencies',
  'outline', 'composition', 'reachPaths', 'problems', 'snapshot', 'packaging', 'carrier', 'provenance', 'runtime',
] as const;

/** What judging and reporting need of the facts once the rules have run: plain data, that survives JSON. */
export type FactsSummary = Pick<Facts, (typeof KEPT)[number]> & { readonly exports: Iterable<ExportFact> };

/** The summary of facts, every part worked out. */
export function summaryOf(facts: Facts): FactsSummary {
  const kept = Object.fromEntries(KEPT.map((key) => [key, facts[key]])) as Pick<Facts, (typeof KEPT)[number]>;
  return { ...kept, exports: [...facts.exports] };
}
