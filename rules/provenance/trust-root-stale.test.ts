import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { provenanceOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const rules = ['trust-root-stale'];
const provenance = provenanceOf({ status: 'absent', trustRoots: [{ name: 'corp', date: '2025-12-01', stale: false }, { name: 'public-good', date: '2025-01-01', stale: true }] });

test.each([['privileged', 'note'], ['baseline', 'warning'], ['restricted', 'warning']])('at level %s: %s', async (name, severity) => {
  expect(await findingsOf(watToWasm('(module)'), { rules, policy: { kind: 'level', name }, provenance })).toMatchObject([{ severity, subject: 'trust-root:public-good', message: expect.stringContaining('2025-01-01') }]);
});
