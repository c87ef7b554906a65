import type { CacheOptions } from '../../scanner/artifact/cache/stores.ts';
import type { RootDocument } from '../../scanner/artifact/image/source.ts';
import type { RegistryOptions } from '../../scanner/artifact/oci/registry.ts';
import type { Failure, WithoutWasm } from '../../scanner/artifact.ts';
import type { CarrierFact } from '../../scanner/carrier.ts';
import type { BareRecord } from '../../scanner/judge-record.ts';
import type { Packaging } from '../../scanner/packaging.ts';
import type { Provenance } from '../../scanner/provenance.ts';
import type { Thresholds } from '../../scanner/rule.ts';
import type { PolicyMaterial } from '../judging.ts';

/** What a worker thread is started with. */
export interface WorkerSetup {
  readonly registry: Omit<RegistryOptions, 'pullSecrets' | 'deadline' | 'blobs'>;
  readonly cache: CacheOptions;
  /** Milliseconds of one fetch. */
  readonly fetchTimeout: number;
}

/** With what somebody goes to a registry. */
export interface Access {
  readonly pullSecrets: readonly string[];
  /** The webhook's own credentials count as well. */
  readonly shared: boolean;
  /** Names both, without giving them away. */
  readonly fingerprint: string;
}

/** Where bytes come from. */
export type Source =
  | { readonly kind: 'image'; readonly repository: string; readonly root: RootDocument; readonly access: Access }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'url'; readonly url: string };

/** Somebody's question about a source, without the places of his object. */
export interface Ask {
  readonly carrier: CarrierFact;
  /** What policies match; null: the name. */
  readonly reference: string | null;
  /** To be searched to the last layer, whatever its manifest says. */
  readonly whole: boolean;
  readonly thresholds: readonly Thresholds[];
  /** By whose authorities provenance is wanted. */
  readonly materials: readonly PolicyMaterial[];
}

/** One piece of work of a thread. */
export type Task =
  | { readonly kind: 'search'; readonly source: Source; readonly asks: readonly Ask[] }
  /** Provenance alone, of artifacts that hold no signatures themselves. */
  | { readonly kind: 'verify'; readonly access: Access; readonly finds: readonly VerifiedFind[]; readonly materials: readonly PolicyMaterial[] };

export interface VerifiedFind {
  readonly name: string;
  /** null: it has no bytes, and nobody can stand behind it. */
  readonly digest: string | null;
  readonly packaging: Packaging | null;
  readonly carrier: CarrierFact;
}

/** Something that a source holds, as it can be judged again and again; names begin with a placeholder. */
export type Find = { readonly name: string; readonly packaging: Packaging | null } & (
  | { readonly kind: 'artifact'; readonly record: BareRecord; /** Whether the bytes themselves hold signatures. */ readonly signed: boolean }
  | { readonly kind: 'unopened'; readonly failure: Failure }
  | { readonly kind: 'withoutWasm'; readonly withoutWasm: WithoutWasm['withoutWasm'] }
);

/** Provenance by the id of the material that it was established with, one for each find; null for finds without bytes. */
export type Proofs = Readonly<Record<string, readonly (Provenance | null)[]>>;

/** The answer to one ask. */
export interface AskAnswer {
  /** A list of finds as JSON, which takes a small part of the memory of what it stands for. */
  readonly finds: string;
  readonly proofs: Proofs;
}

/** What comes back of a task. */
export interface TaskAnswer {
  /** In the order of the asks; of a task that verifies, one. */
  readonly answers: readonly AskAnswer[];
  /** Bytes of each module that was decoded. */
  readonly moduleBytes: readonly number[];
  /** Bugs of ours, for the log. */
  readonly bugs: readonly string[];
}

/** A task that came to nothing as a whole, as plain data, since errors lose their fields between threads. */
export interface TaskFailure {
  readonly failure: Failure;
}
