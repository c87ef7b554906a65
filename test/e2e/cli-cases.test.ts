import { expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

test('the cases that come with the policies hold', async () => {
  const run = await runCli(['policy', 'test', 'policies/tests']);
  expect(run.stderr).toBe('');
  expect(run.stdout).toContain('3 cases: 3 as expected');
  expect(run.code).toBe(0);
});
