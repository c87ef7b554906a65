/** How long a client waits, in milliseconds, and how often it tries. */
export interface Timing {
  /** Name, connection and TLS together. */
  readonly connect: number;
  /** Without a single byte of the response. */
  readonly idle: number;
  /** Tries of one request, the first included. */
  readonly attempts: number;
  /** Before the second try; doubled before each further one, and varied by half so that many clients do not come at once. */
  readonly backoff: number;
  readonly longestBackoff: number;
}

export const TIMING: Timing = { connect: 10_000, idle: 30_000, attempts: 4, backoff: 250, longestBackoff: 5_000 };

/** Longest delay a timer takes; longer ones would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Calls back after so many milliseconds, at the earliest now. Gives what ends it. */
export function after(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, Math.min(Math.max(milliseconds, 0), LONGEST_TIMER));
  return () => clearTimeout(timer);
}

/** What a promise gives, unless the deadline (milliseconds since the epoch) comes first: then `late` is thrown. */
export async function within<T>(promise: Promise<T>, deadline: number, late: () => Error): Promise<T> {
  let stop = (): void => undefined;
  const end = new Promise<never>((_resolve, reject) => {
    stop = after(deadline - Date.now(), () => reject(late()));
  });
  try {
    return await Promise.race([promise, end]);
  } finally {
    stop();
  }
}
