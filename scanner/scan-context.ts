import type { Advisory, PackageName } from './advisories/advisory.ts';
import type { TargetProfile } from './carrier.ts';
import type { SecretFact } from './facts/facts.ts';
import type { NamedRuntime } from './facts/runtimes/runtime.ts';
import type { Inflate } from './facts/inflate.ts';
import type { SecretScanner } from './facts/secret-scanner.ts';
import type { FactsSummary } from './facts/summary.ts';
import type { Policy } from './policy/policy.ts';
import type { Problem } from './problem.ts';
import type { Provenance } from './provenance.ts';
import type { Rule, RuleFinding } from './rule.ts';
import type { Decoded } from './wasm/decoded.ts';

/** What a scan needs beside the artifact. The shell lends what the engine may not have: today's date, inflating, secret patterns. */
export interface ScanContext {
  /** Those that apply to the artifact; all must pass. Without any, the verdict is error. */
  readonly policies: readonly Policy[];
  readonly rules: readonly Rule[];
  /** ISO 8601 */
  readonly now: string;
  /** Who stands behind the artifact, as the authorities of one policy answer it. */
  readonly provenance: (policy: Policy) => Provenance;
  /** The host that the user says will run it. */
  readonly targetProfile?: TargetProfile;
  /** The runtime that the user says will run it. */
  readonly runtime?: NamedRuntime;
  /** What is known of bytes met before; without it every artifact is decoded anew. */
  readonly known?: KnownBytesStore;
  /** Facts and findings of earlier runs; without it nothing is kept. */
  readonly records?: RunRecords;
  /** Advisories that the user gave; without them nobody asks whether dependencies are vulnerable. */
  readonly advisories?: AdvisorySource;
  readonly inflate: Inflate;
  readonly secretScanner: SecretScanner;
  /** Told of every bug of ours, with where it showed; the result says so as well. */
  readonly onBug: (error: unknown, where: string) => void;
}

/** Advisory data of the user, which the shell reads. */
export interface AdvisorySource {
  /** Another one whenever the data may be another: what was found with other data must not be used again. */
  readonly identity: string;
  /** Every advisory that names one of the packages, others maybe among them. Rejects where the data cannot be read, in whole or in part. */
  find(packages: readonly PackageName[]): Promise<readonly Advisory[]>;
}

/** What was worked out of an artifact's bytes alone: equal bytes need it once, however they are packed and deployed. */
export interface KnownBytes {
  readonly decoded: Decoded;
  readonly secrets: readonly SecretFact[];
  readonly secretProblems: readonly Problem[];
  /** Facts by name, as they are asked for. */
  readonly memo: Map<string, unknown>;
}

/** Where a shell keeps it, by digest; how much and how long is the shell's business. */
export interface KnownBytesStore {
  get(digest: string): KnownBytes | undefined;
  set(digest: string, known: KnownBytes, bytes: number): void;
}

/** Facts and what the rules found in them, before any policy judged: it depends on bytes, surroundings and thresholds alone. */
export interface RunRecord {
  readonly summary: FactsSummary;
  /** One for each set of thresholds asked for. */
  readonly runs: readonly (readonly { readonly rule: string; readonly finding: RuleFinding }[])[];
}

/** Where a shell keeps records. The key names everything a record depends on but the version of the engine, which the shell adds. */
export interface RunRecords {
  /** null: not kept. */
  get(key: string): Promise<RunRecord | null>;
  put(key: string, record: RunRecord): Promise<void>;
}
