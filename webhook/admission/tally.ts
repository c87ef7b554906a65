import type { JudgedObject } from './judged.ts';
import type { AdmissionMetrics } from './parts.ts';

/** Counts what policies were asked and what could not be judged as it should. */
export function countJudged({ judged, faults, evaluations }: JudgedObject, { evaluations: counter, errors }: AdmissionMetrics): void {
  for (const { level, version, mode, decision } of evaluations) counter.inc({ level, version, mode, decision });
  for (const { enforce } of judged) if (enforce.verdict === 'error') errors.inc({ reason: reasonOf(enforce.failure?.code) });
  for (const _fault of faults) errors.inc({ reason: 'strictest' });
}

/** Does something whose failure must change nothing: an answer matters more than its trace. */
export function said(work: () => void): void {
  try {
    work();
  } catch {
    // Nothing can be said of it here, and the answer stands.
  }
}

/** Codes of registries come from outside, so that only those of ours are a label. */
function reasonOf(code: string | undefined): string {
  return code === 'deadline' || code === 'queue-full' ? code : 'not-analysed';
}
