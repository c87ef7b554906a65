import type { Artifact, Unopened } from '../artifact.ts';

/** One artifact that a target stands for, not yet read. */
export interface Found {
  /** As it will be reported. */
  readonly name: string;
  /** Bytes, where known beforehand; decides whether threads are worth their start. */
  readonly size: number | null;
  readonly open: () => Artifact | Unopened | Promise<Artifact | Unopened>;
}

export interface TargetOptions {
  /** How a file is read; default: whole. */
  readonly read?: (path: string, name: string) => Artifact | Unopened;
  readonly cwd: string;
  /** Globs of paths that a search leaves out. */
  readonly exclude: readonly string[];
  readonly stdin: () => AsyncIterable<Uint8Array | string>;
  readonly stdinName: string;
}
