import { expect, test } from 'vitest';
import { findingsOf } from '../../test/support/findings.ts';
import { provenanceOf } from '../../test/support/surroundings.ts';
import { watToWasm } from '../../test/support/wat.ts';

const rules = ['signature-unsupported'];
const bytes = watToWasm('(module)');
const unread = { form: 'dsse', status: 'unsupported', code: 'log-entry-missing', message: 'Envelope without a log entry' } as const;

test.each([['privileged', 'note'], ['baseline', 'note'], ['restricted', 'warning']])('at level %s: %s', async (name, severity) => {
  expect(await findingsOf(bytes, { rules, policy: { kind: 'level', name }, provenance: provenanceOf({ status: 'unsupported', signatures: [unread, unread] }) })).toMatchObject([{ severity, message: 'A signature is not verified: Envelope without a log entry' }]);
});

test('beside a trusted one it says nothing', async () => {
  expect(await findingsOf(bytes, { rules, provenance: provenanceOf({ status: 'trusted', signatures: [{}, unread] }) })).toEqual([]);
});
