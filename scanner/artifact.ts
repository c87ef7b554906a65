import type { CarrierFact } from './carrier.ts';
import type { Packaging } from './packaging.ts';
import type { Snapshot } from './snapshot.ts';

/** What brought bytes here: for policies that match references, and for rules about packing and deploying. */
export interface Surroundings {
  /** What policies match against, where it is not the name: a reference without the path inside it. */
  readonly reference?: string;
  readonly packaging?: Packaging;
  readonly carrier?: CarrierFact;
}

/** The bytes to scan. The shell that opened them computes the digest, because the engine does no I/O and no hashing. */
export interface Artifact extends Surroundings {
  /** As the user named it; never shown without being made harmless first. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** `sha256:` and 64 lower-case hexadecimal digits. */
  readonly digest: string;
  /** The capability snapshot kept beside it, where there is one. */
  readonly snapshot?: Snapshot;
}

/**
 * Why bytes could not be had. `unreadable`: exit code 3, the policy's onError decides; `outside`: a registry or service failed,
 * exit code 4; `unseen`: nobody but the node can see them (host paths, volumes), the policy's onUnseen decides.
 */
export interface Failure {
  readonly kind: 'unreadable' | 'outside' | 'unseen';
  /** Stable, for programs: `ENOENT`, `EACCES`, `too-large`, `http-503`. */
  readonly code: string;
  readonly message: string;
}

/** An artifact that was named or found, but whose bytes could not be had. Reported with verdict `error`, never left out. */
export interface Unopened extends Surroundings {
  readonly name: string;
  readonly failure: Failure;
}

/** A package that was searched to its last byte and holds no Wasm. */
export interface WithoutWasm extends Surroundings {
  readonly name: string;
  readonly withoutWasm: {
    /** Digest of its manifest, or null for an archive without one. */
    readonly digest: string | null;
    /** For people: `image`, `archive`. */
    readonly title: string;
  };
}

/** What opening one found thing gives. */
export type Opened = Artifact | Unopened | WithoutWasm;
