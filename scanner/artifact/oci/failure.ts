import type { Failure } from '../../artifact.ts';
import { FetchError } from '../fetch-error.ts';

/** A failure that may be gone a moment later: the network, 408, 429, 5xx. */
export class TransientError extends FetchError {
  /** Milliseconds that the server asked to wait; null: it did not say. */
  readonly retryAfter: number | null;

  constructor(failure: Failure, retryAfter: number | null = null, options?: ErrorOptions) {
    super(failure, options);
    this.retryAfter = retryAfter;
  }
}

/** Something that is not ours failed: exit code 4. */
export function outside(code: string, message: string, options?: ErrorOptions): FetchError {
  return new FetchError({ kind: 'outside', code, message }, options);
}

/** What came is refused, or nothing is there: exit code 3. */
export function unreadable(code: string, message: string, options?: ErrorOptions): FetchError {
  return new FetchError({ kind: 'unreadable', code, message }, options);
}

/** Like `outside`, and worth another try. */
export function transient(code: string, message: string, options?: ErrorOptions): TransientError {
  return new TransientError({ kind: 'outside', code, message }, null, options);
}

export function deadlineError(host: string): FetchError {
  return outside('deadline', `The fetch from ${host} took longer than its deadline: raise it, or see why the host is slow`);
}

const CERTIFICATE = /^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|ERR_SSL_)/;

/** What a socket or parser threw, as a failure; failures of our own pass as they are. */
export function networkError(error: unknown, host: string): FetchError {
  if (error instanceof FetchError) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  // The words of the library may hold bytes of the response, so only its code is shown.
  const shown = /^[A-Z0-9_]{1,60}$/.test(code) ? ` (${code})` : '';
  if (CERTIFICATE.test(code)) return outside('tls', `The certificate or TLS of ${host} is not trusted${shown}: name its authority with --registry-ca`, { cause: error });
  if (code.startsWith('HPE_')) return unreadable('malformed', `${host} does not answer in HTTP${shown}`, { cause: error });
  return transient('network', `Cannot talk to ${host}${shown}`, { cause: error });
}
