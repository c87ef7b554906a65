import type { Carrier } from '../scanner/carrier.ts';
import type { PolicyDocument } from '../scanner/policy/document.generated.ts';
import type { Policy } from '../scanner/policy/policy.ts';
import type { ScanEntry } from '../scanner/report/entry.ts';

/** What a worker thread needs to put a policy's question about signatures: plain data. */
export interface PolicyMaterial {
  /** Names document and sources together; equal ids are equal in every byte. */
  readonly id: string;
  readonly document: PolicyDocument;
  /** Keys, certificates and trust roots that the document refers to, by `sourceKey`. */
  readonly sources: Readonly<Record<string, Uint8Array>>;
}

/** A policy ready to judge with, and what its authorities are made of; null: it asks nothing of signatures. */
export interface JudgingPolicy extends Policy {
  readonly material: PolicyMaterial | null;
}

/** Who asks for a carrier, and how long he waits. */
export interface ExamineRequest {
  /** Every policy that may be asked of what is found; facts and provenance are established for all of them. */
  readonly policies: readonly JudgingPolicy[];
  /** Pull secrets of the pod, as texts of `.dockerconfigjson` or `.dockercfg`; cached facts count only for someone who may pull. */
  readonly pullSecrets: readonly string[];
  /** Milliseconds since the epoch: what is not known by then is an entry "not analysed" with code `deadline`. */
  readonly deadline: number;
}

/** One thing that a carrier brings: a module, something unread, or an image without Wasm. */
export interface Examined {
  /** What policies match against: the reference, or the name. */
  readonly reference: string;
  /** Digest of the root manifest of the image it came in; null: it came in none. */
  readonly rootDigest: string | null;
  /** Judged anew by some of the policies of the request; cheap. `now`: ISO 8601. */
  judge(policies: readonly JudgingPolicy[], now: string): ScanEntry;
}

/** Finds out what carriers bring. Identical work is done once; facts are kept by digest alone. */
export interface Examiner {
  /** Never throws: what cannot be had or is not ready in time is an entry of its own. */
  examine(carrier: Carrier, request: ExamineRequest): Promise<readonly Examined[]>;
  /** Whether scans can be run now. */
  readonly ready: boolean;
  close(): Promise<void>;
}
