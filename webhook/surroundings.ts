import type { AdmissionParts } from './admission/parts.ts';
import type { Ends } from './ends.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { CertificateSource } from './serving-pair.ts';

/** What every part of the process is handed. */
export interface ProcessTools {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly ends: Ends;
}

/** What judging and serving draw on, in a cluster or without one. */
export interface Surroundings extends Pick<AdmissionParts, 'policies' | 'namespaces' | 'cluster'> {
  readonly certificates: CertificateSource;
  /** What is not there yet, beside policies and threads; short names. */
  readonly missing: () => readonly string[];
  /** Begins what only a leader does, once judging is possible. */
  readonly lead: (parts: AdmissionParts) => void;
}
