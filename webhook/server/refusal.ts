/** Why a request is not taken as a review: an HTTP status, and a text without internals. The API server then does what `failurePolicy` says. */
export class Refusal extends Error {
  readonly status: number;
  /** A word for metrics and the log. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.reason = reason;
  }
}
