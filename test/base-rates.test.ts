import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RULES } from '../rules/index.ts';
import { REASONS } from '../tools/base-rate-reasons.ts';
import { ROOT } from './support/imports.ts';

const text = readFileSync(join(ROOT, 'docs/base-rates.md'), 'utf8');
const rows = [...text.matchAll(/^\| \[`([a-z0-9-]+)`\]\(rules\/\1\.md\) \| (\d+) \| ([\d.]+) % \| (.*?) \| (.*?) \| (.*?) \|$/gm)].map(([, id, hits, share, restricted, baseline, reason]) => ({ id: id!, hits: Number(hits), share: Number(share), restricted: restricted!, baseline: baseline!, reason: reason!.trim() }));
const files = Number(/(\d+) distinct binaries/.exec(text)?.[1]);

describe('the table of base rates', () => {
  test('has a row for every rule, and no other', () => {
    expect(rows.map(({ id }) => id), 'run npm run base-rates').toEqual(RULES.map(({ id }) => id).sort());
  });

  test('is measured over at least 150 binaries, and its shares are its counts', () => {
    expect(files).toBeGreaterThanOrEqual(150);
    for (const { id, hits, share } of rows) expect(share, id).toBeCloseTo((100 * hits) / files, 0);
  });

  test('gives a reason for every rule that is more than a note on more than a fifth', () => {
    const loud = rows.filter(({ share, restricted }) => share > 20 && /warning|error/.test(restricted));
    expect(loud.filter(({ reason }) => reason === '').map(({ id }) => id)).toEqual([]);
    expect(loud.length).toBeGreaterThan(0);
    expect(Object.keys(REASONS).filter((id) => !loud.some((row) => row.id === id))).toEqual([]);
  });

  test('at baseline nothing but powers and what is denied by name is an error', () => {
    const errors = rows.filter(({ baseline }) => baseline.includes('error')).map(({ id }) => id);
    expect(errors.filter((id) => !id.startsWith('capability-'))).toEqual([]);
  });
});
