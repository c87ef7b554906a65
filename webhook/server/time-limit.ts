import { SERVER_LIMITS } from '../limits.ts';

/** By when an answer is to be ready, and by when one is given in its place. */
export interface TimeLimit {
  /** Milliseconds since the epoch: told to whoever judges. */
  readonly deadline: number;
  /** A little later: no answer by then is a denial. */
  readonly last: number;
}

/**
 * The time for one review: `timeout=<n>s` of the query (what the API server itself waits, rounded up to a second), or else `otherwise`
 * milliseconds, less a second, or a quarter where the whole is short. `arrived`: milliseconds since the epoch.
 */
export function timeLimit(url: string, arrived: number, otherwise: number): TimeLimit {
  const whole = Math.min(timeoutOf(url) ?? otherwise, SERVER_LIMITS.timeout);
  const margin = Math.min(1_000, whole / 4);
  return { deadline: arrived + whole - margin, last: arrived + whole - margin / 2 };
}

/** Milliseconds; null without a parameter that says so. */
function timeoutOf(url: string): number | null {
  const query = url.indexOf('?');
  if (query < 0) return null;
  for (const part of url.slice(query + 1).split('&')) {
    if (part.startsWith('timeout=') && part.endsWith('s')) return wholeSeconds(part.slice(8, -1));
  }
  return null;
}

function wholeSeconds(digits: string): number | null {
  if (digits.length === 0 || digits.length > 4) return null;
  for (let at = 0; at < digits.length; at += 1) {
    const code = digits.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return null;
  }
  const seconds = Number(digits);
  return seconds === 0 ? null : seconds * 1_000;
}
