/** Waits so many milliseconds; returns early, without an error, when the signal aborts. */
export async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}

/** Milliseconds before try number `failures` + 1: doubling from `first` up to `last`, less up to half at random, so that many clients do not come at once. */
export function backOff(failures: number, { first, last }: { readonly first: number; readonly last: number }): number {
  return Math.min(last, first * 2 ** Math.min(failures - 1, 20)) * (0.5 + Math.random() / 2);
}

/** A signal that aborts with any of its sources and after some milliseconds without a word. `end` must be called, or sources keep it alive. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Whether time, not a source, ended it. */
  readonly expired: boolean;
  /** Begins the time anew. */
  extend(): void;
  end(): void;
}

/** Starts a deadline. */
export function startDeadline(milliseconds: number, source?: AbortSignal): Deadline {
  const controller = new AbortController();
  let expired = false;
  const expire = () => {
    expired = true;
    controller.abort(new Error(`No answer within ${milliseconds} ms`));
  };
  const follow = () => controller.abort(source?.reason);
  let timer = setTimeout(expire, milliseconds);
  if (source?.aborted) follow();
  else source?.addEventListener('abort', follow);
  return {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    extend() {
      if (controller.signal.aborted) return;
      clearTimeout(timer);
      timer = setTimeout(expire, milliseconds);
    },
    end() {
      clearTimeout(timer);
      source?.removeEventListener('abort', follow);
    },
  };
}
