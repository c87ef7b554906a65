import type { Snapshot } from './snapshot.ts';

/** The bytes to scan. The shell that opened them computes the digest, because the engine does no I/O and no hashing. */
export interface Artifact {
  /** As the user named it; never shown without being made harmless first. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** `sha256:` and 64 lower-case hexadecimal digits. */
  readonly digest: string;
  /** The capability snapshot kept beside it, where there is one. */
  readonly snapshot?: Snapshot;
}

/** Why bytes could not be had. `unreadable`: exit code 3; `outside`: a registry or service failed, exit code 4. */
export interface Failure {
  readonly kind: 'unreadable' | 'outside';
  /** Stable, for programs: `ENOENT`, `EACCES`, `too-large`, `http-503`. */
  readonly code: string;
  readonly message: string;
}

/** An artifact that was named or found, but whose bytes could not be had. Reported with verdict `error`, never left out. */
export interface Unopened {
  readonly name: string;
  readonly failure: Failure;
}
