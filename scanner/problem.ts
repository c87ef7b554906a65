import type { ProblemCode, ProblemEffect } from './wasm/error.ts';
import { LIMITS } from './wasm/limits.ts';

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

const RANK: Readonly<Record<ProblemEffect, number>> = { malformed: 0, unanalysed: 1, degraded: 2 };

/** At most as many problems as are kept, in the order given; what has to go are the least serious ones, and of those the last. */
export function mostSerious(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= LIMITS.problems) return problems;
  const kept = new Set(problems.toSorted((a, b) => RANK[a.effect] - RANK[b.effect]).slice(0, LIMITS.problems));
  return problems.filter((problem) => kept.has(problem));
}

/** Whether something of the artifact was not read because of a problem: what is known of it may then be less than the truth. */
export function leavesUnread({ effect }: Problem): boolean {
  return effect !== 'degraded';
}
