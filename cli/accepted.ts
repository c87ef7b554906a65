import { artifactKey } from '../scanner/policy/artifact-key.ts';
import type { Waiver } from '../scanner/policy/policy.ts';
import type { ScanEntry } from '../scanner/report/entry.ts';

/** Sees every result go by, to tell which accepted findings are no longer there. */
export interface AcceptedWatch {
  add(entry: ScanEntry): void;
  /** One line for each accepted finding of a judged artifact that was not met, and one for those of artifacts that were not among the targets. */
  stale(): readonly string[];
}

export function watchAccepted(accepted: readonly Waiver[]): AcceptedWatch {
  const judged = new Set<Waiver>();
  const met = new Set<Waiver>();
  return {
    add({ artifact, findings, verdict }) {
      if (accepted.length === 0) return;
      const key = artifactKey(artifact.name);
      for (const waiver of accepted) {
        if (waiver.artifacts?.includes(key) !== true) continue;
        if (findings.some(({ rule, subject }) => rule === waiver.rule && subject === waiver.subject)) met.add(waiver);
        // What was not analysed may still have it.
        else if (verdict !== 'error') judged.add(waiver);
        else met.add(waiver);
      }
    },
    stale() {
      const gone = accepted.filter((waiver) => judged.has(waiver) && !met.has(waiver));
      const elsewhere = accepted.filter((waiver) => !judged.has(waiver) && !met.has(waiver)).length;
      const lines = gone.map(({ rule, subject, owner, source, artifacts }) => `Accepted finding ${rule} (${subject}) of ${artifacts?.[0] ?? ''} by ${owner} is no longer there: take it out of ${source ?? 'the list'}`);
      return elsewhere === 0 ? lines : [...lines, `${elsewhere} accepted finding${elsewhere === 1 ? ' is' : 's are'} about artifacts that are not among the targets`];
    },
  };
}
