import { describe, expect, test } from 'vitest';
import { transient, TransientError, unreadable } from './failure.ts';
import { retryAfter, withRetries } from './retry.ts';

const timing = { connect: 100, idle: 100, attempts: 3, backoff: 1, longestBackoff: 2 };
const soon = (): number => Date.now() + 5_000;

describe('withRetries', () => {
  test('tries again until it succeeds', async () => {
    let tries = 0;
    const value = await withRetries(timing, soon(), async () => {
      tries += 1;
      if (tries < 3) throw transient('network', 'Broken');
      return tries;
    });
    expect(value).toBe(3);
  });

  test.each([['the last failure, after so many tries', transient('network', 'Broken'), 3], ['a final failure at once', unreadable('not-found', 'Nothing'), 1]])('throws %s', async (_name, error, tries) => {
    let count = 0;
    await expect(withRetries(timing, soon(), async () => {
      count += 1;
      throw error;
    })).rejects.toBe(error);
    expect(count).toBe(tries);
  });

  test('does not wait for a time beyond the deadline', async () => {
    let count = 0;
    await expect(withRetries(timing, soon(), async () => {
      count += 1;
      throw new TransientError({ kind: 'outside', code: 'http-429', message: 'Later' }, 3_600_000);
    })).rejects.toHaveProperty('failure.code', 'http-429');
    expect(count).toBe(1);
  });
});

test('Retry-After is read in seconds and as a date', () => {
  const now = Date.parse('Tue, 24 Nov 2026 10:00:00 GMT');
  expect(['7', 'Tue, 24 Nov 2026 10:00:09 GMT', 'Tue, 24 Nov 2026 09:00:00 GMT', '-1', 'soon', '1e9', undefined].map((header) => retryAfter(header, now))).toEqual([7_000, 9_000, 0, null, null, null, null]);
});
