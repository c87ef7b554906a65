import type { Failure } from '../artifact.ts';

/** Bytes could not be had. Recognised by its `failure`, because bundled commands each have a copy of the class. */
export class FetchError extends Error {
  readonly failure: Failure;

  /** @param failure what reports say; its message names what, where and how to fix, without bodies of responses or credentials. */
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.name = 'FetchError';
    this.failure = failure;
  }
}

/** The failure that an error carries, or one for what was not foreseen: never allow, always with its words. */
export function failureIn(error: unknown, name: string): Failure {
  if (error instanceof Error && 'failure' in error) return error.failure as Failure;
  return { kind: 'unreadable', code: 'internal', message: `Cannot open ${name}: ${error instanceof Error ? error.message : String(error)}` };
}
