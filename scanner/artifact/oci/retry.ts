import { TransientError } from './failure.ts';
import { after, type Timing } from './timing.ts';

/**
 * Runs something until it succeeds, fails for good, or no try or time is left; the last failure is thrown.
 * @param deadline milliseconds since the epoch.
 */
export async function withRetries<T>(timing: Timing, deadline: number, run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= timing.attempts || !(await pause(timing, { error, attempt, deadline }))) throw error;
    }
  }
}

/** Waits before another try. False, without waiting: the error is final, or the wait would pass the deadline. */
export async function pause(timing: Timing, failed: { readonly error: unknown; readonly attempt: number; readonly deadline: number }): Promise<boolean> {
  const { error, attempt, deadline } = failed;
  if (!(error instanceof TransientError)) return false;
  const longest = Math.min(timing.backoff * 2 ** (attempt - 1), timing.longestBackoff);
  const wait = Math.max(longest * (0.5 + Math.random() / 2), error.retryAfter ?? 0);
  if (Date.now() + wait >= deadline) return false;
  await new Promise<void>((resolve) => {
    after(wait, resolve);
  });
  return true;
}

/** `Retry-After` (RFC 9110 10.2.3) in milliseconds from now; null where it is missing or makes no sense. */
export function retryAfter(header: string | undefined, now = Date.now()): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const date = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(date - now, 0);
}
