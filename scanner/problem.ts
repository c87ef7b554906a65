import type { ProblemCode } from './wasm/error.ts';

/**
 * What a problem means for the verdict.
 * - `malformed`: the input breaks its format; a certain fact, denied by rule `invalid-module`.
 * - `unanalysed`: beyond a limit of ours or an encoding we do not know; verdict `error`.
 * - `degraded`: a damaged custom section; engines ignore it, so it changes neither verdict nor exit code.
 */
export type ProblemEffect = 'malformed' | 'unanalysed' | 'degraded';

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
