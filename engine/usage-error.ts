/** What was asked for cannot be done as asked: wrong usage, policy or configuration. Ends with exit code 2. */
export class UsageError extends Error {
  /** How to go on, one line. */
  readonly hint: string | null;

  constructor(message: string, hint: string | null = null) {
    super(message);
    this.name = 'UsageError';
    this.hint = hint;
  }
}

/** By name, because commands are bundled each with a copy of this class. */
export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && error.name === 'UsageError';
}
