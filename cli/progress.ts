import type { Io } from './io.ts';
import { harmlessName } from '../scanner/report/harmless.ts';

const FIRST_AFTER_MS = 500;
const EVERY_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

/** One line on a terminal that tells how far a run is; nothing anywhere else. */
export interface Progress {
  /** Says what was finished last; draws at most ten times a second, first after half a second. */
  step(done: number, total: number, name: string): void;
  /** Takes the line away, before anything else is written. */
  clear(): void;
}

/** Progress on stderr, or none: when not wanted, in CI, or when stderr is no terminal. */
export function progressOn(io: Io, wanted: boolean): Progress {
  if (!wanted || (io.env['CI'] ?? '') !== '' || io.stderr.isTTY !== true) return { step: () => {}, clear: () => {} };
  let next = performance.now() + FIRST_AFTER_MS;
  let drawn = false;
  return {
    step(done, total, name) {
      const now = performance.now();
      if (now < next) return;
      next = now + EVERY_MS;
      drawn = true;
      const width = Math.max((io.stderr.columns ?? 80) - 1, 20);
      io.stderr.write(`${CLEAR_LINE}${`${done} of ${total}  ${harmlessName(name, Math.max(width - 24, 10))}`.slice(0, width)}`);
    },
    clear() {
      if (drawn) io.stderr.write(CLEAR_LINE);
      drawn = false;
    },
  };
}
