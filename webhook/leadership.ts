/** Whether this process is the one that does what must be done once: certificates, status, background audit. Serving never depends on it. */
export interface Leadership {
  readonly leading: boolean;
  /** Runs while this process leads; the signal aborts when it no longer does. Called again after each change of hands. */
  whileLeading(name: string, work: (signal: AbortSignal) => Promise<void>): void;
  /** Gives the lease back. */
  stop(): Promise<void>;
}
