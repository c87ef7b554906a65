import type { ExportFact, Facts } from './facts.ts';

const KEPT = [
  'name', 'reference', 'digest', 'size', 'kind', 'format', 'imports', 'capabilities', 'abis', 'features', 'memories', 'tools', 'languages', 'dependencies', 'listsDependencies',
  'outline', 'composition', 'reachPaths', 'problems', 'snapshot', 'packaging', 'carrier', 'provenance', 'runtime',
] as const;

/** What judging and reporting need of the facts once the rules have run: plain data, that survives JSON. */
export type FactsSummary = Pick<Facts, (typeof KEPT)[number]> & { readonly exports: Iterable<ExportFact> };

/** The summary of facts, every part worked out. */
export function summaryOf(facts: Facts): FactsSummary {
  return summarised(facts, {});
}

/** The same without what only pages show: outline and paths of calls take more room than all the rest. */
export function plainSummaryOf(facts: Facts): FactsSummary {
  return summarised(facts, { outline: null, reachPaths: [] });
}

function summarised(facts: Facts, instead: Partial<FactsSummary>): FactsSummary {
  const kept = Object.fromEntries(KEPT.map((key) => [key, key in instead ? instead[key] : facts[key]])) as Pick<Facts, (typeof KEPT)[number]>;
  return { ...kept, exports: [...facts.exports] };
}
