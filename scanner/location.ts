import type { SourcePlace } from './grant.ts';

/**
 * Where something is, in two forms: a symbolic path a person can follow and a byte range a tool can open.
 * Offsets count bytes from the start of the artifact, also for things in nested modules.
 */
export interface Location {
  /** For example `import[3] env.fd_write`, `memory[0]`, `module[2]/data[7]`, or `file` for the whole artifact. */
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** Where it stands in a manifest, for findings about how an artifact is deployed. */
  readonly source?: SourcePlace;
}
