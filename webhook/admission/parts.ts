import type { ClusterReader } from '../cluster.ts';
import type { Examiner } from '../judging.ts';
import type { Log } from '../log.ts';
import type { NamespaceSource, PolicySource } from '../policy-source.ts';

/** What the operator has chosen. */
export interface AdmissionSettings {
  /** Whether kinds that make pods are only warned of, because their pods will be judged, or denied themselves. */
  readonly workloads: 'warn' | 'deny';
  /** Whether ConfigMaps and Secrets that Wasm pods mount are read; else they are bytes that nobody can see. */
  readonly readStores: boolean;
  readonly readPullSecrets: boolean;
}

/** What judging an object works with, whoever asks: a review, the preview of a label, the background audit. */
export interface JudgeParts {
  readonly policies: PolicySource;
  readonly cluster: ClusterReader;
  readonly examiner: Examiner;
  readonly settings: AdmissionSettings;
  /** SHA-256 of bytes as 64 lower-case hexadecimal digits. */
  readonly hash: (bytes: Uint8Array) => string;
  readonly now: () => Date;
}

interface Counted<Label extends string> {
  inc(labels: Partial<Record<Label, string>>): void;
}

/** What admission counts, beside the answers that the server counts; the instruments of `createMetrics` fit. */
export interface AdmissionMetrics {
  readonly evaluations: Counted<'level' | 'version' | 'mode' | 'decision'>;
  readonly errors: Counted<'reason'>;
}

/** Everything that answering reviews works with. */
export interface AdmissionParts extends JudgeParts {
  readonly namespaces: NamespaceSource;
  readonly metrics: AdmissionMetrics;
  readonly log: Log;
  /** Lets others run for a moment during long work on one request, for example by `setImmediate`; default: no pause. */
  readonly pause?: () => Promise<void>;
}
