import type { ProblemCode, ProblemEffect } from './wasm/error.ts';

/** The input is malformed, unknown or beyond a limit. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  /** Bytes from the start of the artifact. */
  readonly offset: number;
  /** The section it was found in, as in the specification ("import", "code", "custom:name"), or null for the frame. */
  readonly section: string | null;
  readonly effect: ProblemEffect;
}
