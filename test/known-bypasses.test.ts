import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './support/imports.ts';

const rows = readFileSync(join(ROOT, 'docs/known-bypasses.md'), 'utf8').split('\n').map((line) => /\| `([\w./-]+\.test\.ts)` \| (.+) \|$/.exec(line)).filter((match) => match !== null);

test('every bypass of the table has its test', () => {
  const missing = rows.filter(([, file, name]) => !holds(file!, name!)).map(([, file, name]) => `${file}: ${name}`);
  expect(missing).toEqual([]);
  expect(rows.length).toBeGreaterThanOrEqual(37);
});

/** Whether a file has a test of exactly this name. */
function holds(file: string, name: string): boolean {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return ["'", '`'].some((quote) => new RegExp(`\\btest(?:\\.[\\s\\S]{0,4000}?)?\\(\\s*${quote}${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}${quote}`).test(text));
}
