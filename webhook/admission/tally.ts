import { CARRIER_TABLE } from '../../scanner/kubernetes/table.ts';
import type { AdmissionRequest, AdmissionResponse } from '../review.ts';
import type { JudgedObject } from './judged.ts';
import type { AdmissionMetrics } from './parts.ts';

/** Names that may be a label: whoever sends a request chooses the rest, and the number of labels must have a bound. */
const RESOURCES = new Set([...CARRIER_TABLE.map(({ resource }) => resource), 'namespaces']);
const SUBRESOURCES = new Set(['', 'ephemeralcontainers', 'resize', 'status', 'scale', 'binding', 'eviction', 'exec', 'attach', 'portforward', 'proxy']);
const OPERATIONS = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']);

/** Counts one answer. */
export function countAnswer({ operation, resource: { resource }, subResource }: AdmissionRequest, { allowed, auditAnnotations }: AdmissionResponse, { requests }: AdmissionMetrics): void {
  const known = (names: ReadonlySet<string>, name: string): string => (names.has(name) ? name : 'other');
  requests.inc({ operation: known(OPERATIONS, operation), resource: known(RESOURCES, resource), subresource: known(SUBRESOURCES, subResource), decision: auditAnnotations?.['decision'] ?? (allowed ? 'allow' : 'deny') });
}

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
