import { expect, test } from 'vitest';
import { timeLimit } from './time-limit.ts';

test.each([
  ['/validate?timeout=10s', 9_000], ['/validate?a=b&timeout=5s', 4_000], ['/validate?timeout=4s', 3_000], ['/validate?timeout=2s', 1_500], ['/validate?timeout=1s', 750], ['/validate?timeout=30s', 29_000],
  ['/validate?timeout=9999s', 29_000], ['/validate', 7_000], ['/validate?timeout=', 7_000], ['/validate?timeout=s', 7_000], ['/validate?timeout=0s', 7_000], ['/validate?timeout=-5s', 7_000],
  ['/validate?timeout=1e9s', 7_000], ['/validate?timeout=99999999999999999999s', 7_000], ['/validate?timeout=5', 7_000], ['/validate?xtimeout=5s', 7_000],
])('%s leaves %i ms', (url, left) => {
  const { deadline, last } = timeLimit(url, 1_000_000, 8_000);
  expect(deadline - 1_000_000).toBe(left);
  expect(last).toBeGreaterThan(deadline);
});
